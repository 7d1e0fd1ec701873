import { isNode } from "./builtin.ts";
import type { Ending, Thread, ThreadEvents } from "../transport/thread.ts";

/** The part of a `node:worker_threads` worker that is used. */
export interface NodeWorker {
  postMessage(message: unknown, transfer?: readonly unknown[]): void;
  // deno-lint-ignore no-explicit-any
  on(event: string, listener: (value: any) => void): unknown;
  terminate(): unknown;
  ref(): void;
  unref(): void;
}

/** Attaches to a worker of `node:worker_threads`; Deno's emit `exit` inside `terminate()`. */
export function attachNodeWorker(
  worker: NodeWorker,
  events: ThreadEvents,
  ending: Ending,
): Thread {
  worker.on("message", events.message.bind(events));
  worker.on("messageerror", () => events.garbled());
  worker.on("error", (error: unknown) => events.error(error));
  worker.on("exit", (code: number) => events.exit(code));
  return {
    exitsAfterError: true,
    ending,
    keepsMessages: isNode,
    post: (message, transfer) => worker.postMessage(message, transfer),
    terminate: () => void worker.terminate(),
    ref: worker.ref.bind(worker),
    unref: worker.unref.bind(worker),
  };
}
