/** The strategies, in display order. */
export const STRATEGIES = ["inline", "spawn", "cpu_pool", "batch", "backpressure_drop"] as const;

/** How a job is run; with `backpressure_drop` it is not. */
export type Strategy = typeof STRATEGIES[number];

/** How jobs can end. `completed` and `dropped` are outcomes, the others reject. */
export const STATUSES = ["completed", "failed", "dropped", "cancelled", "timedOut"] as const;

/** How a job ended. */
export type Status = typeof STATUSES[number];

/**
 * Why a job was dropped. `too_late`: it has hardly a chance to end within its budget, or more comes than can
 * be done; `budget_too_short`: its kind takes longer than its budget, even with nothing before it; `loop_late`: the
 * router's thread is too late for the budget; `pool_saturated`: the pool's queue is full or too slow for the
 * budget; `spawn_saturated`: its turn on the router's thread would come after its budget, or as many of its kind are
 * pending as pays, and too many wait for that; `lane_full`: no lane that could run it has room; `expired`: the budget ran out while it waited, or
 * too little of it was left for the run; `workers_lost`: too many worker threads are lost;
 * `kind_quarantined`: the kind has killed too many workers recently; `wait_full`: it would have waited for
 * room, as too many do already. A policy may have up to 64 reasons of its own; `other` stands for any further
 * one. The README links to a table of the reasons of all decisions, which is in docs/deciding.md of the repository.
 */
export type DropReason =
  | "too_late"
  | "budget_too_short"
  | "loop_late"
  | "pool_saturated"
  | "spawn_saturated"
  | "lane_full"
  | "expired"
  | "workers_lost"
  | "kind_quarantined"
  | "wait_full"
  | "other"
  // deno-lint-ignore ban-types
  | (string & {});

/** Where a job's time went, in ms. */
export interface Timing {
  /** Time not spent running: queues, cloning, transport to a worker and back. */
  readonly waitMs: number;
  /** The run itself, measured where it ran. */
  readonly runMs: number;
  /** From submit, or the arrival given with it, to outcome; `waitMs + runMs`. */
  readonly totalMs: number;
}

/** The job ran. */
export interface Completed<Out> {
  /** Always `"completed"`. */
  readonly status: "completed";
  /** What the job returned. */
  readonly output: Out;
  /** How it was run. */
  readonly strategy: Strategy;
  /** Where the time went. */
  readonly timing: Timing;
  /** Whether it ended within its latency budget; `true` when it had none. */
  readonly withinBudget: boolean;
}

/** The job was dropped, and did not run. */
export interface Dropped {
  /** Always `"dropped"`. */
  readonly status: "dropped";
  /** Always `"backpressure_drop"`, also if it had waited on a lane before. */
  readonly strategy: "backpressure_drop";
  /**
   * Why, as a word: {@linkcode DropReason} has what each means. `router.explain(kind, input, hints).why` says in
   * sentences how such a job would be decided on now, with the figures for it.
   */
  readonly reason: DropReason;
  /** When a retry is worthwhile, in ms from the drop: an estimate, >= 1. */
  readonly retryAfterMs: number;
}

/** What `submit()` resolves to. Failures reject instead. */
export type Outcome<Out> = Completed<Out> | Dropped;

/** Why a submit was refused before it became a job. */
export type Rejection =
  | "unknown_kind"
  | "invalid_input"
  | "invalid_hints"
  | "aborted"
  | "closed"
  | "policy_error"
  | "other";
