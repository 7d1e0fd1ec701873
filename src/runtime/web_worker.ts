import type { Movable } from "../movable.ts";
import type { Thread, ThreadEvents } from "../transport/thread.ts";

/** The part of a Web Worker that is used; Bun has more of it, Deno less. */
export interface WebWorker {
  postMessage(message: unknown, transfer: Movable[]): void;
  addEventListener(type: string, listener: (event: WebWorkerEvent) => void): void;
  terminate(): void;
  ref?(): void;
  unref?(): void;
}

/** The fields of all events that are handled. */
export interface WebWorkerEvent {
  readonly data?: unknown;
  readonly error?: unknown;
  readonly message?: string;
  readonly code?: number;
  preventDefault?(): void;
}

/** Attaches to a Web Worker (Deno, Bun, browsers). `emitsClose`: whether it does when it has ended. */
export function attachWebWorker(
  worker: WebWorker,
  events: ThreadEvents,
  emitsClose: boolean,
): Thread {
  worker.addEventListener("message", (event) => events.message(event.data));
  worker.addEventListener("messageerror", () => events.garbled());
  worker.addEventListener("error", (event) => {
    event.preventDefault?.(); // or Deno terminates the process
    events.error(event.error ?? new Error(event.message ?? "Worker failed"));
  });
  worker.addEventListener("close", (event) => events.exit(event.code));
  return {
    exitsAfterError: emitsClose,
    ending: emitsClose ? "told" : "sure",
    post: (message, transfer) => worker.postMessage(message, transfer ?? []),
    terminate: () => worker.terminate(),
    ref: () => worker.ref?.(),
    unref: () => worker.unref?.(),
    holds() {},
    release() {},
  };
}
