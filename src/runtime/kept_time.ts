import { builtin, isNode } from "./builtin.ts";
import { bunTime } from "./bun_time.ts";

// What tells the time and waits, as it was when this module was loaded: tests replace it by fakes that stand
// still. Node's own modules have it even where a test environment has replaced the globals before.

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

const timers = isNode ? builtin("node:timers") ?? scope : scope;

/** A getter on Node, so read once. */
export const performance: Performance = isNode
  ? builtin("node:perf_hooks")?.performance ?? scope.performance
  : scope.performance;

/** What a timer is known by: a number in browsers and on Deno. */
export type TimerHandle = number | { unref?(): void };

/** The functions that Bun's fakes may stop, though they are kept. */
export interface KeptTime {
  /** `performance.now()`. */
  readonly now: () => number;
  readonly setTimeout: <A>(fn: (arg: A) => void, delayMs: number, arg: A) => TimerHandle;
  readonly clearTimeout: (handle: TimerHandle) => void;
}

const kept: KeptTime = {
  now: performance.now.bind(performance), // some tests replace the method
  setTimeout: timers.setTimeout,
  clearTimeout: timers.clearTimeout,
};

const time = scope.Bun === undefined ? kept : bunTime(scope, kept);
export const now: KeptTime["now"] = time.now;
export const setTimeout: KeptTime["setTimeout"] = time.setTimeout;
export const clearTimeout: KeptTime["clearTimeout"] = time.clearTimeout;

/** `undefined` in browsers. */
export const setImmediate: (<A>(fn: (arg: A) => void, arg: A) => unknown) | undefined =
  timers.setImmediate;

/** Made where there is no `setImmediate`; some edge hosts have none. */
export const MessageChannel: typeof globalThis.MessageChannel | undefined = scope.MessageChannel;
