import type { NextTurn } from "../clock.ts";

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/** Schedules by `setImmediate`, or by a message to itself where the runtime has none. */
export function createNextTurn(): NextTurn {
  if (typeof scope.setImmediate === "function") {
    return (fn, arg) => void scope.setImmediate(fn, arg);
  }
  const { port1, port2 } = new MessageChannel();
  const waiting: (() => void)[] = [];
  port1.onmessage = () => waiting.shift()!();
  return (fn, arg) => {
    waiting.push(() => fn(arg));
    port2.postMessage(0);
  };
}
