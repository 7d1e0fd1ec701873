// Bundles for browsers have `exit_lock.browser.ts` in the place of this file.
import type { Thread, ThreadEvents } from "../transport/thread.ts";

/** The part of the Web Locks API that is used. */
interface Locks {
  request(name: string, held: () => unknown): Promise<unknown>;
  request(
    name: string,
    options: { readonly signal: AbortSignal },
    held: () => unknown,
  ): Promise<unknown>;
}

// deno-lint-ignore no-explicit-any
const locks: Locks | undefined = (globalThis as any).navigator?.locks; // from Deno 2.9 on

/**
 * Holds a lock for as long as this worker's thread lives, and tells its name: Deno reports no end of a
 * worker that was terminated, but frees its locks then.
 */
export function holdExitLock(tell: (name: string) => void): void {
  if (locks === undefined) return;
  const name = `helix.worker ${crypto.randomUUID()}`;
  void locks.request(name, () => {
    tell(name);
    return new Promise(() => {});
  });
}

/**
 * A Web Worker of Deno as a thread whose end is told: by the lock that it holds. Before, the built-in
 * entry runs nothing that could not be interrupted.
 */
export function watchLock(thread: Thread, events: ThreadEvents, isBuiltIn: boolean): Thread {
  const atFirst = isBuiltIn && locks !== undefined ? "sure" : "unknown";
  const wait = new AbortController();
  let lock: string | null = null;
  let isTerminated = false;
  return {
    ...thread,
    get ending() {
      return lock === null ? atFirst : "told";
    },
    holds(name) {
      if (locks !== undefined && typeof name === "string") lock ??= name;
    },
    terminate() {
      if (isTerminated) return;
      isTerminated = true;
      thread.terminate();
      if (lock === null) return;
      locks!.request(lock, { signal: wait.signal }, () => events.exit(undefined)).catch(() => {
        // Nobody waits any more.
      });
    },
    release: () => wait.abort(),
  };
}
