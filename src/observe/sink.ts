import type { Status, Strategy } from "../outcome.ts";
import type { Decision, JobFacts } from "../policy/policy.ts";

/**
 * A settled job, as sinks and listeners of `outcome` receive it: a live object, to be read at once.
 */
export interface SettledJob {
  /** Number of the job, which an event `decision` has as its `jobId`. */
  readonly id: number;
  /** Its kind: the name, which an event `decision` has as its `kind`, and the index among the router's kinds. */
  readonly kind: { readonly name: string; readonly index: number };
  /** What was asked: cost, budget and all else that its policy was told. */
  readonly facts: JobFacts;
  /** Its input, validated. What the job has changed in it is changed, and what was moved is gone. */
  readonly input: unknown;
  /**
   * What it was routed on. If it had to change lanes, `strategy` of the job is the lane it was on at
   * last.
   */
  readonly decision: Decision;
  /** How it ended. */
  readonly status: Status;
  /** The lane it was on, or `backpressure_drop`. */
  readonly strategy: Strategy;
  /** The output, the drop reason, or the error `submit()` would reject with. */
  readonly value: unknown;
  /** When it was submitted, on the router's clock, in ms. */
  readonly submittedAtMs: number;
  /** Whether it ran and ended by itself, so that its times are meaningful. */
  readonly ran: boolean;
  /** Time not spent running, in ms. */
  readonly waitMs: number;
  /** Run time, in ms, for a job of a batch that of the whole call; 0 if it did not run. */
  readonly runMs: number;
  /** Number of jobs in the call it ran in. */
  readonly batchSize: number;
  /** From submit, or the arrival given with it, to outcome, in ms. */
  readonly totalMs: number;
  /** Whether it ended within its latency budget. */
  readonly withinBudget: boolean;
}

/** Callbacks for jobs given to `offer()`. One object may serve any number of jobs. */
export interface Sink {
  /** The job has settled. Called exactly once, unless it was refused. */
  settled(job: SettledJob): void;
  /** The job was refused: `submit()` would have rejected with this error. */
  refused(error: unknown): void;
}
