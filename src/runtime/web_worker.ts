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
  readonly filename?: string;
  readonly lineno?: number;
  readonly colno?: number;
  readonly code?: number;
  preventDefault?(): void;
}

/**
 * Attaches to a Web Worker (Deno, Bun, browsers).
 *
 * @param emitsClose Whether it does when it has ended.
 * @param explain In browsers, makes the error: if the worker cannot be loaded, the event does not say why.
 */
export function attachWebWorker(
  worker: WebWorker,
  events: ThreadEvents,
  emitsClose: boolean,
  explain?: (event: WebWorkerEvent) => Promise<Error>,
): Thread {
  worker.addEventListener("message", (event) => events.message(event.data));
  worker.addEventListener("messageerror", () => events.garbled());
  worker.addEventListener("error", (event) => {
    if (explain !== undefined) return void explain(event).then((error) => events.error(error));
    event.preventDefault?.(); // or Deno terminates the process
    events.error(event.error ?? errorOf(event));
  });
  worker.addEventListener("close", (event) => events.exit(event.code));
  return {
    exitsAfterError: emitsClose,
    ending: emitsClose ? "told" : "sure",
    post: (message, transfer) => worker.postMessage(message, transfer ?? []),
    terminate: () => worker.terminate(),
    ref: () => worker.ref?.(),
    unref: () => worker.unref?.(),
  };
}

/**
 * What is told of an error in a worker, and not the error itself: on Deno and in browsers its message and place, on
 * Bun all that it would print, source lines first.
 */
export function errorOf(
  { message = "Worker failed", filename, lineno, colno }: WebWorkerEvent,
): Error {
  const text = message.replace(/^(?: *\d+ \|.*\n)+ *\^\n/, "").trimEnd();
  const place = filename ? `${filename}:${lineno}:${colno}` : "";
  const error = new Error(text.split(/\n +at /, 1)[0] + (place && ` (${place})`));
  error.stack = text + (place && `\n    at ${place}`);
  return error;
}
