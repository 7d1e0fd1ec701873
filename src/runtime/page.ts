import type { Clock } from "../clock.ts";
import { errorOf, type WebWorkerEvent } from "./web_worker.ts";

// What only browsers need. Bundles for them have `page.browser.ts` in the place of this file.

/** A worker of a page, and what makes an error of an error event. */
export interface PageWorker {
  readonly worker: unknown;
  readonly explain: (event: WebWorkerEvent) => Promise<Error>;
}

/** Makes a worker. */
export function makeOnPage(make: () => unknown): PageWorker {
  return { worker: make(), explain: (event) => Promise.resolve(errorOf(event)) };
}

/** Whether timers are throttled now is not known. */
export const isThrottled: Clock["isThrottled"] = undefined;
