import type { Status, Strategy } from "./outcome.ts";

/** What a sink is told about a settled job. */
export interface SettledJob {
  /** Number of the job. */
  readonly id: number;
  /** Its kind: its name, and its place among the router's kinds. */
  readonly kind: { readonly name: string; readonly index: number };
  /** How it ended. */
  readonly status: Status;
  /** The lane it was on, or `backpressure_drop`. */
  readonly strategy: Strategy;
  /** Output, drop reason, or what the promise would reject with. */
  readonly value: unknown;
  /** When it was submitted, on the router's clock, in ms. */
  readonly submittedAtMs: number;
  /** Whether it came to run at all and ended by itself, so that its times say something. */
  readonly ran: boolean;
  /** Time it did not run, in ms. */
  readonly waitMs: number;
  /** Time it ran, in ms; 0 if it did not. */
  readonly runMs: number;
  /** From submit to outcome, in ms. */
  readonly totalMs: number;
  /** Whether it ended within its latency budget. */
  readonly withinBudget: boolean;
}

/** Hears of jobs given to `offer()`. One object may serve any number of jobs. */
export interface Sink {
  /** The job is over; called exactly once. */
  settled(job: SettledJob): void;
  /** The job was not taken at all: `submit()` would have rejected with this error. */
  refused(error: unknown): void;
}
