import type { SubmitOptions } from "../../mod.ts";

/** How a submit can end; `closed` is a router that closed first, `refused` one that took no job. */
export const ENDS = [
  "completed",
  "failed",
  "crashed",
  "timedOut",
  "cancelled",
  "closed",
  "dropped",
  "refused",
  "other",
] as const;

export type End = typeof ENDS[number];

/** When the caller aborts. */
export type AbortTime = "before" | "queued" | "running" | "settled";

/** One submit, and what may become of it. */
export interface Trial {
  readonly kind: string;
  readonly input: unknown;
  readonly options: SubmitOptions;
  /** What is wrong with it; undefined for a job that behaves. */
  readonly fault: string | undefined;
  /** Ends that are fine, beside `completed` with an output that `check` accepts. */
  readonly ends: readonly End[];
  /** Tells whether an output is right; undefined when there must be none. */
  readonly check: ((output: unknown) => boolean) | undefined;
  /** Its worker may die after the job has ended, under whichever job it runs by then. */
  readonly isLate?: boolean;
}

/** A trial, with what the caller does meanwhile. */
export interface Submission {
  readonly trial: Trial;
  readonly way: "submit" | "run" | "offer";
  readonly abort: { readonly time: AbortTime; readonly afterMs: number } | undefined;
  /** Time the caller waits before the next one; undefined for none. */
  readonly pauseMs: number | undefined;
}
