import type { Due } from "../../src/testing/event_heap.ts";
import type { Machine } from "../../src/testing/machine.ts";
import type { Thread } from "../../src/testing/thread.ts";

/** A thread that does as its test says. */
export class ScriptedThread implements Thread {
  needMs = NaN;
  hadMs = 0;
  sinceMs = 0;
  sinceDoneMs = 0;
  coreSinceMs = 0;
  end: Due | null = null;
  readonly keepsCore: boolean;
  readonly next: () => number;

  /** `next` is asked when its work ends: how long it goes on, or `NaN`. */
  constructor(next: () => number = () => NaN, keepsCore = false) {
    this.next = next;
    this.keepsCore = keepsCore;
  }
}

/**
 * Lets a machine run until a time and gives how long each thread had a core meanwhile, as seen from
 * outside. `look` is called after each step.
 */
export function watch(
  machine: Machine,
  threads: readonly ScriptedThread[],
  untilMs: number,
  look: () => void = () => {},
): Map<ScriptedThread, number> {
  const had = new Map(threads.map((thread) => [thread, 0]));
  const pass = (ms: number): void => {
    for (const thread of threads) {
      if (machine.isRunning(thread)) had.set(thread, had.get(thread)! + ms);
    }
  };
  while (machine.nextAtMs <= untilMs) {
    pass(Math.max(0, machine.nextAtMs - machine.nowMs));
    machine.step();
    look();
  }
  pass(untilMs - machine.nowMs);
  machine.runUntil(untilMs);
  return had;
}
