// Knows which functions of the project are running on the main thread, and notes each call while it
// records. Rewritten sources call it: `enter` and `leave`, around an `await` or `yield` `pause` and
// `resume`.
import { isMainThread } from "node:worker_threads";

const stack = [];
let now = 0;
let event = { type: "start", at: 0 };
/** The calls noted so far, `null` while nothing is recorded; the functions by number. */
let calls = null;
let table = [];

/** A function has been entered, by its number; gives what `leave` wants. */
export function enter(fn) {
  const frame = { fn, place: 0, call: null };
  if (isMainThread) push(frame);
  return frame;
}

/** What a frame has called and not left (a generator that is not read to its end) is left, too. */
export function leave(frame) {
  if (stack[frame.place] !== frame) return;
  stack.length = frame.place;
  if (frame.call !== null) frame.call.until = ++now;
}

/** The function waits, and others run meanwhile. */
export function pause(frame, value) {
  leave(frame);
  return value;
}

/** It goes on: a call of its own, as whoever calls it now need not be who called it first. */
export function resume(frame, value) {
  if (isMainThread) push(frame);
  return value;
}

function push(frame) {
  frame.place = stack.length;
  frame.call = null;
  if (calls !== null) {
    const caller = stack.at(-1)?.call ?? null;
    frame.call = { fn: table[frame.fn], caller, event, at: ++now, until: Infinity };
    calls.push(frame.call);
  }
  stack.push(frame);
}

/** The runtime calls back. */
export function startEvent(type) {
  if (stack.length === 0) event = { type, at: ++now };
}

/** A point in the order in which things are noted. */
export function mark() {
  return ++now;
}

/** Starts to note calls of these functions. */
export function start(functions) {
  if (stack.length > 0) {
    const { file, name } = functions[stack[0].fn];
    throw new Error(`Cannot record as a function was entered and not left: ${name} in ${file}`);
  }
  table = functions;
  calls = [];
}

/**
 * Ends it, and gives the calls in order: `fn` is the function, `caller` the call it came from (`null` for
 * the runtime or the user), `event` what the runtime did, `at` and `until` when it was entered and left.
 */
export function stop() {
  const noted = calls;
  calls = null;
  return noted;
}
