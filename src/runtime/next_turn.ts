import type { NextTurn } from "../clock.ts";
import { MessageChannel, setImmediate } from "./kept_time.ts";

/** Schedules by `setImmediate`, or by a message to itself where the runtime has none. */
export function createNextTurn(): NextTurn {
  if (setImmediate !== undefined) return (fn, arg) => void setImmediate!(fn, arg);
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()!();
  return (fn, arg) => {
    waiting.push(() => fn(arg));
    port2.postMessage(0);
  };
}
