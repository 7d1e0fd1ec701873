import { InvalidOptionError } from "../errors.ts";
import { hearRejection } from "../thenable.ts";
import type { NodeWorker } from "./node_worker.ts";
import type { WebWorker } from "./web_worker.ts";

/**
 * Whether what the option `worker` has made is a Web Worker; else it is one of `node:worker_threads`.
 *
 * @throws {InvalidOptionError} If it is no worker.
 */
export function checkMade(worker: unknown): boolean {
  const { postMessage, terminate, addEventListener, on }: Partial<WebWorker & NodeWorker> = Object(
    worker,
  );
  if (![postMessage, terminate, addEventListener ?? on].every((one) => typeof one === "function")) {
    hearRejection(worker);
    const wanted = "a function that gives a worker, with postMessage() and terminate()";
    throw new InvalidOptionError("worker", `${worker}`, wanted, "start worker");
  }
  return addEventListener !== undefined;
}
