import { parentPort } from "node:worker_threads";

/** A baseline worker's line to the main thread. */
export interface Parent {
  post(message: unknown, transfer?: Transferable[]): void;
  listen(hear: (message: unknown) => void): void;
}

/** The part of a Web Worker's global scope that is used, on Deno. */
interface WorkerScope {
  onmessage: ((event: { readonly data: unknown }) => void) | null;
  postMessage(message: unknown, transfer: Transferable[]): void;
}

/** Opens the line: `node:worker_threads` on Node and Bun, the global scope on Deno. */
export function openParent(): Parent {
  const port = parentPort;
  if (port !== null) {
    return {
      post: (message, transfer) => port.postMessage(message, transfer as ArrayBuffer[]),
      listen: (hear) => void port.on("message", hear),
    };
  }
  const scope = globalThis as unknown as WorkerScope;
  return {
    post: (message, transfer) => scope.postMessage(message, transfer ?? []),
    listen: (hear) => scope.onmessage = (event) => hear(event.data),
  };
}
