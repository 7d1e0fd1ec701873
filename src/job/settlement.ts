import type { Job } from "./job.ts";
import type { Outcome } from "../outcome.ts";
import type { Sink } from "../sink.ts";

type Resolve = (outcome: Outcome<unknown>) => void;
type Reject = (error: unknown) => void;

/** The one promise of a submitted job. A job that is settled already costs no executor. */
export function promiseOf(job: Job): Promise<Outcome<unknown>> {
  if (job.state !== "settled") return pending(job);
  return resolves(job) ? Promise.resolve(outcomeOf(job)) : Promise.reject(job.value);
}

/** In a function of its own: one with a closure in it costs whether or not it comes to that. */
function pending(job: Job): Promise<Outcome<unknown>> {
  return new Promise((resolve, reject) => {
    job.resolve = resolve;
    job.reject = reject;
  });
}

/** Tells whoever waits for the job: its sink, or its promise if there is one yet. */
export function tell(job: Job): void {
  if (job.sink !== null) job.sink.settled(job);
  else if (resolves(job)) job.resolve?.(outcomeOf(job));
  else job.reject?.(job.value);
}

/** What `submit()` resolves to, for a completed or dropped job. */
function outcomeOf(job: Job): Outcome<unknown> {
  return job.status === "completed"
    ? {
      status: "completed",
      output: job.value,
      strategy: job.strategy,
      timing: { waitMs: job.waitMs, runMs: job.runMs, totalMs: job.totalMs },
      withinBudget: job.withinBudget,
    }
    : { status: "dropped", reason: job.value as string, retryAfterMs: job.retryAfterMs };
}

function resolves(job: Job): boolean {
  return job.status === "completed" || job.status === "dropped";
}

/** A sink that settles a promise made beforehand. */
export function sinkOf(resolve: Resolve, reject: Reject): Sink {
  return {
    settled(job) {
      promiseOf(job as Job).then(resolve, reject);
    },
    refused: reject,
  };
}
