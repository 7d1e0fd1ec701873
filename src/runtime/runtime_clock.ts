import type { Clock } from "../clock.ts";
import { createNextTurn } from "./next_turn.ts";
import { createRealClock } from "./real_clock.ts";

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/** The clock of this thread, as its runtime has it. */
export function runtimeClock(): Clock {
  const unrefTimer = scope.Deno?.unrefTimer;
  return createRealClock({ post: createNextTurn(), unrefTimer, busyMs: busyTime() });
}

/** Reads how long the event loop has been busy, in ms; on Node, as no other runtime measures it. */
function busyTime(): (() => number) | undefined {
  const { Deno, Bun, performance } = scope;
  const isMeasured = typeof performance.eventLoopUtilization === "function";
  if (Deno !== undefined || Bun !== undefined || !isMeasured) return undefined;
  return () => performance.eventLoopUtilization().active;
}
