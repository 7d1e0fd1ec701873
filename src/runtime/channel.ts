import type { Channel } from "../transport/channel.ts";
import type { ToWorker } from "../transport/protocol.ts";
import { holdExitLock } from "./exit_lock.ts";
import { createNextTurn } from "./next_turn.ts";

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/**
 * Opens this worker's channel: `node:worker_threads` on Node and Bun, the worker's global scope on
 * Deno and in browsers.
 *
 * @throws {TypeError} If this is not a worker.
 */
export function openChannel(): Channel {
  const parent = scope.process?.getBuiltinModule?.("node:worker_threads")?.parentPort;
  if (parent) {
    return {
      post: (message, transfer) => parent.postMessage(message, transfer),
      listen(hear, garbled) {
        parent.on("message", hear);
        parent.on("messageerror", garbled);
      },
      nextTurn: createNextTurn(),
      heapBytes,
      close: () => scope.process.exit(0),
    };
  }
  const isWorker = typeof scope.postMessage === "function" && typeof scope.close === "function";
  if (!isWorker || scope.document !== undefined) { // Bun's main thread can post, a page can close
    throw new TypeError("Cannot serve jobs as this is not a worker");
  }
  const post: Channel["post"] = (message, transfer) => scope.postMessage(message, transfer ?? []);
  // Deno emits no event when a worker closes itself: the worker has to report it.
  const close = scope.close.bind(scope);
  const sayBye = (): void => post({ type: "helix.bye" });
  scope.addEventListener("unload", sayBye);
  if (scope.Deno !== undefined) holdExitLock((name) => post({ type: "helix.lock", name }));
  scope.close = () => {
    sayBye();
    close();
  };
  return {
    post,
    // Not by `onmessage`, which a job may set.
    listen(hear, garbled) {
      scope.addEventListener("message", (event: { data: ToWorker }) => hear(event.data));
      scope.addEventListener("messageerror", garbled);
    },
    nextTurn: createNextTurn(),
    heapBytes,
    close: () => scope.close(),
  };
}

function heapBytes(): number | undefined {
  if (scope.Bun !== undefined) return undefined; // it reports that of the whole process
  return scope.process?.memoryUsage?.().heapUsed;
}
