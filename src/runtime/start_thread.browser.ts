import { checkMade } from "./check_made.ts";
import { makeOnPage } from "./page.ts";
import type * as plain from "./start_thread.ts";
import { attachWebWorker, type WebWorker } from "./web_worker.ts";
import { workerUrl } from "./worker_url.ts";

/** Starts the workers of a router: custom ones, or on the built-in entry. */
export const threadStarter: typeof plain.threadStarter = ({ worker, name }) => {
  const make = worker ?? (() => new Worker(workerUrl(), { type: "module", name }));
  return (events) => {
    const made = makeOnPage(make);
    checkMade(made.worker);
    return attachWebWorker(made.worker as WebWorker, events, false, made.explain);
  };
};
