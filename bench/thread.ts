import { Worker as NodeWorker } from "node:worker_threads";
import { runtime } from "./runtime.ts";

/** A bare worker, as the baselines use it. */
export interface Thread {
  post(message: unknown, transfer?: Transferable[]): void;
  /** Hears every message from now on. */
  listen(hear: (message: unknown) => void): void;
  end(): unknown;
}

/** Starts a worker, and waits until it listens: its first message. */
export async function startThread(url: URL): Promise<Thread> {
  const thread = runtime.name === "node" ? startNodeThread(url) : startWebThread(url);
  await heard(thread);
  return thread;
}

/** Waits for the next message. */
export function heard(thread: Thread): Promise<unknown> {
  return new Promise((resolve) => thread.listen(resolve));
}

function startNodeThread(url: URL): Thread {
  const worker = new NodeWorker(url);
  let hear: (message: unknown) => void = () => {};
  worker.on("message", (message: unknown) => hear(message));
  return {
    post: (message, transfer) => worker.postMessage(message, transfer as ArrayBuffer[]),
    listen: (next) => hear = next,
    end: () => worker.terminate(),
  };
}

function startWebThread(url: URL): Thread {
  const worker = new Worker(url, { type: "module" });
  return {
    post: (message, transfer) => worker.postMessage(message, transfer ?? []),
    listen: (hear) => worker.onmessage = (event) => hear(event.data),
    end: () => worker.terminate(),
  };
}
