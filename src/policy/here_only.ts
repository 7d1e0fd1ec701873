import { type Decision, type KindFacts, sharedDecision } from "./policy.ts";

/** No worker can load its kind. */
const NO_MODULE = sharedDecision("spawn", "no_module");
/** This runtime has no workers. */
const NO_WORKERS = sharedDecision("spawn", "no_workers");

/** What is decided for a job that only this thread can run, and that is not known to be short. */
export function hereOnly({ lacksWorkers }: KindFacts): Decision {
  return lacksWorkers === true ? NO_WORKERS : NO_MODULE;
}

/** The same in words, and what to do about it. */
export function whyHere({ lacksWorkers }: KindFacts): string {
  return lacksWorkers === true
    ? "as there are no workers where this runs"
    : "as no worker can load its kind: give defineJobs() import.meta.url as its first argument " +
      '(where that is undefined, give createRouter() a "worker")';
}
