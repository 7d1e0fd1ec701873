import type { Movable } from "../src/movable.ts";
import { createNextTurn, type NextTurn } from "./next_turn.ts";
import type { FromWorker, ToWorker } from "./protocol.ts";

/** A worker's way to its router. */
export interface Channel {
  /** Sends a message. */
  post(message: FromWorker, transfer?: Movable[]): void;
  /** Hears messages from now on; `garbled` tells of one that cannot be read. */
  listen(hear: (message: ToWorker) => void, garbled: () => void): void;
  /** Leads to the next turn of the event loop. */
  readonly nextTurn: NextTurn;
  /** Bytes of heap this worker uses, where the runtime tells it for one worker alone. */
  heapBytes(): number | undefined;
  /** Calls `fn` when the worker is about to end by itself. */
  beforeEnd(fn: () => void): void;
  /** Ends the worker. */
  close(): void;
}

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/**
 * The way of this worker: node:worker_threads on Node and Bun, the worker's global scope on Deno
 * and in browsers.
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
      beforeEnd: (fn) => void scope.process.on("exit", fn),
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
  const beforeBye: (() => void)[] = [];
  const sayBye = (): void => {
    for (const fn of beforeBye) fn();
    post({ type: "helix.bye" });
  };
  scope.addEventListener("unload", sayBye);
  scope.close = () => {
    sayBye();
    close();
  };
  return {
    post,
    // Not by `onmessage`: a job may set that.
    listen(hear, garbled) {
      scope.addEventListener("message", (event: { data: ToWorker }) => hear(event.data));
      scope.addEventListener("messageerror", garbled);
    },
    nextTurn: createNextTurn(),
    heapBytes,
    beforeEnd: (fn) => beforeBye.push(fn),
    close: () => scope.close(),
  };
}

function heapBytes(): number | undefined {
  if (scope.Bun !== undefined) return undefined; // it tells that of the whole process
  return scope.process?.memoryUsage?.().heapUsed;
}
