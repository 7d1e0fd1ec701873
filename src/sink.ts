import type { Status, Strategy } from "./outcome.ts";

/** What a sink receives about a settled job. */
export interface SettledJob {
  /** Number of the job. */
  readonly id: number;
  /** Its kind: the name, and the index among the router's kinds. */
  readonly kind: { readonly name: string; readonly index: number };
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
  /** Run time, in ms; 0 if it did not run. */
  readonly runMs: number;
  /** From submit to outcome, in ms. */
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
