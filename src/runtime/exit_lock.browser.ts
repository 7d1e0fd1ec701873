import type * as plain from "./exit_lock.ts";

// Only Deno needs the lock. A bundle that is for browsers and runs there all the same does without.

export const holdExitLock: typeof plain.holdExitLock = () => {};

/** What becomes of a thread that was terminated is not known then. */
export const watchLock: typeof plain.watchLock = (thread) => ({ ...thread, ending: "unknown" });
