import { InvalidOptionError } from "../errors.ts";
import type * as full from "./node_worker.ts";

/** Pages have Web Workers only. */
export const attachNodeWorker: typeof full.attachNodeWorker = (worker) => {
  throw new InvalidOptionError("worker", worker, "a Web Worker, on a page", "start worker");
};
