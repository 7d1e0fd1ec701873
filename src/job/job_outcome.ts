import type { SettledJob } from "../observe/sink.ts";
import type { Completed, Dropped, Outcome, Strategy, Timing } from "../outcome.ts";
import type { Job } from "./job.ts";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type PlainClass<T, A extends unknown[]> = new (...values: A) => T;

/** Whether a job ended with an outcome; any other end rejects. */
export function isOutcome({ status }: SettledJob): boolean {
  return status === "completed" || status === "dropped";
}

/** The outcome of a job that ended with one. To ask for both in one would cost a tiny job 20 ns. */
export function outcomeOf(job: Job): Outcome<unknown> {
  const { value, strategy, runMs, totalMs } = job;
  if (job.status !== "dropped") {
    return new CompletedObject(value, strategy, runMs, totalMs, job.withinBudget);
  }
  const dropped: Dropped = {
    status: "dropped",
    strategy: "backpressure_drop",
    reason: value as string,
    retryAfterMs: job.retryAfterMs,
  };
  return dropped;
}

/**
 * Makes a plain object, like a literal, but one that V8 always allocates in its young generation: what a literal
 * makes, it allocates in the old one once such objects have lived long, as those of jobs that wait do. From then
 * on, a job that is over at once would take 800 instead of 200 ns (Node 20).
 */
export const CompletedObject: PlainClass<Completed<unknown>, [
  output: unknown,
  strategy: Strategy,
  runMs: number,
  totalMs: number,
  withinBudget: boolean,
]> = plain(
  function (
    this: Mutable<Completed<unknown>>,
    output: unknown,
    strategy: Strategy,
    runMs: number,
    totalMs: number,
    withinBudget: boolean,
  ): void {
    this.status = "completed";
    this.output = output;
    this.strategy = strategy;
    this.timing = new TimingObject(runMs, totalMs);
    this.withinBudget = withinBudget;
  },
);

const TimingObject = plain(
  function (this: Mutable<Timing>, runMs: number, totalMs: number): void {
    this.waitMs = Math.max(0, totalMs - runMs);
    this.runMs = runMs;
    this.totalMs = totalMs;
  },
);

/** A constructor of plain objects: their prototype is that of literals. */
function plain<T, A extends unknown[]>(
  fill: (this: Mutable<T>, ...values: A) => void,
): PlainClass<T, A> {
  fill.prototype = Object.prototype;
  return fill as never;
}
