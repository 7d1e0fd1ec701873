import type * as plain from "./exit_lock.ts";

/** Only Deno needs the lock; a bundle for browsers that runs on Deno all the same does without. */
export const holdExitLock: typeof plain.holdExitLock = () => {};

/** Without it, nobody knows what becomes of a thread that was terminated. */
export const watchLock: typeof plain.watchLock = (thread) => ({ ...thread, ending: "unknown" });
