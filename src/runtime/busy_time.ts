// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/** Reads how long the event loop of this thread has been busy, in ms; on Node, as no other measures it. */
export function busyTime(): (() => number) | undefined {
  const { Deno, Bun, performance } = scope;
  const isMeasured = typeof performance.eventLoopUtilization === "function";
  if (Deno !== undefined || Bun !== undefined || !isMeasured) return undefined;
  return () => performance.eventLoopUtilization().active;
}
