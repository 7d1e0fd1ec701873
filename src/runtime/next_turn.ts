import type { NextTurn } from "../clock.ts";
import { MessageChannel, setImmediate, setTimeout } from "./kept_time.ts";

/** Schedules by `setImmediate`, or by a message to itself where the runtime has none; by a timer on some edge hosts. */
export function createNextTurn(): NextTurn {
  if (setImmediate !== undefined) return (fn, arg) => void setImmediate!(fn, arg);
  if (MessageChannel === undefined) return (fn, arg) => void setTimeout(fn, 0, arg);
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()!();
  return (fn, arg) => {
    waiting.push(() => fn(arg));
    port2.postMessage(0);
  };
}
