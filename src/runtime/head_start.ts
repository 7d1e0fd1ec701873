import type { StartThread, Thread, ThreadEvents } from "../transport/thread.ts";
import { soon } from "./soon.ts";

/** A worker that boots while the rest of the router is loaded. */
export interface HeadStart {
  /** Starts a worker; the first one has started already. What it has told until then is told in a microtask. */
  readonly next: StartThread;
  /** Ends the worker, if nobody has taken it. */
  drop(): void;
}

/** Starts a worker. If it cannot be started, nothing is told of it: the first that is asked for fails again. */
export function giveHeadStart(start: StartThread): HeadStart {
  let owner: ThreadEvents | null = null;
  const untold: (() => void)[] = [];
  const tell = (name: keyof ThreadEvents) => (value?: unknown): void => {
    const one = (): void => owner![name](value as undefined);
    if (owner === null) untold.push(one);
    else one();
  };
  let thread: Thread | null = null;
  try {
    thread = start({
      message: tell("message"),
      garbled: tell("garbled"),
      error: tell("error"),
      exit: tell("exit"),
    });
  } catch {
    // as said above
  }
  return {
    next(events) {
      if (thread === null) return start(events);
      const taken = thread;
      thread = null;
      soon(() => { // those who ask for it have it first
        owner = events;
        for (const one of untold) one();
      });
      return taken;
    },
    drop: () => thread?.terminate(),
  };
}
