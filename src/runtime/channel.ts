import type { Channel } from "../transport/channel.ts";
import type { ToWorker } from "../transport/protocol.ts";
import { setOwn } from "../set_own.ts";
import { builtin } from "./builtin.ts";
import { holdExitLock } from "./exit_lock.ts";
import { createNextTurn } from "./next_turn.ts";
import { busyMs } from "./loop_use.ts";

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
  const parent = builtin("node:worker_threads")?.parentPort;
  if (parent) {
    const exit = scope.process.exit.bind(scope.process, 0);
    if (parent.close !== undefined) setOwn(parent, "close", exit); // without its port it would be deaf
    return {
      post: parent.postMessage.bind(parent),
      listen: (hear, garbled) => listenForGood(parent, { message: hear, messageerror: garbled }),
      nextTurn: createNextTurn(),
      busyMs,
      heapBytes,
      close: exit,
    };
  }
  const isWorker = typeof scope.postMessage === "function" && typeof scope.close === "function";
  if (!isWorker || scope.document !== undefined) { // Bun's main thread can post, a page can close
    throw new TypeError("Cannot serve jobs as this is not a worker");
  }
  const postMessage = scope.postMessage.bind(scope); // a job may replace it
  const post: Channel["post"] = (message, transfer) => postMessage(message, transfer ?? []);
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
    busyMs,
    heapBytes,
    close: () => scope.close(),
  };
}

/** Listens so that a job which removes all listeners does not remove these. */
// deno-lint-ignore no-explicit-any
function listenForGood(port: any, listeners: Readonly<Record<string, unknown>>): void {
  const listen = (event: string): void => port.on(event, listeners[event]);
  Object.keys(listeners).forEach(listen);
  const { removeAllListeners } = port;
  setOwn(port, "removeAllListeners", (...events: string[]) => {
    removeAllListeners?.apply(port, events);
    const removed = events[0] === undefined ? Object.keys(listeners) : events.slice(0, 1);
    for (const event of removed) if (Object.hasOwn(listeners, event)) listen(event);
    return port;
  });
}

function heapBytes(): number | undefined {
  if (scope.Bun !== undefined) return undefined; // it reports that of the whole process
  return scope.process?.memoryUsage?.().heapUsed;
}
