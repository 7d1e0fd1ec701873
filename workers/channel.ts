import type { Movable } from "../src/movable.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** A worker's line to its router. */
export interface Channel {
  /** Sends a message. */
  post(message: FromWorker, transfer?: Movable[]): void;
  /** Hears messages from now on. */
  listen(hear: (message: ToWorker) => void): void;
  /** Ends the worker. */
  close(): void;
}

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/**
 * The line of this worker: node:worker_threads on Node and Bun, the worker's global scope on Deno
 * and in browsers.
 *
 * @throws {TypeError} If this is not a worker.
 */
export function openChannel(): Channel {
  const parent = scope.process?.getBuiltinModule?.("node:worker_threads")?.parentPort;
  if (parent) {
    return {
      post: (message, transfer) => parent.postMessage(message, transfer),
      listen(hear) {
        parent.on("message", hear);
        parent.on("messageerror", () => parent.postMessage({ type: "helix.garbled" }));
      },
      close: () => scope.process.exit(0),
    };
  }
  const isWorker = typeof scope.postMessage === "function" && typeof scope.close === "function";
  if (!isWorker || scope.document !== undefined) { // Bun's main thread can post, a page can close
    throw new TypeError("Cannot serve jobs as this is not a worker");
  }
  const post: Channel["post"] = (message, transfer) => scope.postMessage(message, transfer ?? []);
  // Deno tells nobody when a worker ends itself: the worker has to say so.
  const close = scope.close.bind(scope);
  const sayBye = (): void => post({ type: "helix.bye" });
  scope.addEventListener("unload", sayBye);
  scope.close = () => {
    sayBye();
    close();
  };
  return {
    post,
    // Not by `onmessage`: a job may set that.
    listen: (hear) =>
      scope.addEventListener("message", (event: { data: ToWorker }) => hear(event.data)),
    close: () => scope.close(),
  };
}
