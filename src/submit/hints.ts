import type { CancelSignal } from "../cancel_signal.ts";
import type { Movable } from "../movable.ts";

/** What a caller may say about one job. Precedence: this hint, then the kind's, then the default. */
export interface Hints {
  /** Size of the job, finite and >= 0; see `cost` of a kind. */
  readonly computeCost?: number | undefined;
  /** Parallel payoff, from 0 to 1. @default {0.5} */
  readonly scalingPotential?: number | undefined;
  /**
   * Time from arrival to outcome, in ms, above 0 and at most 2,147,483,647. A job that still waits
   * when it is over is dropped (`expired`); one that runs completes with `withinBudget: false`.
   */
  readonly latencyBudgetMs?: number | undefined;
  /** Integer from 0 to 9, 9 first; a waiting job rises with its age. @default {5} */
  readonly priority?: number | undefined;
  /**
   * Whom the job is for, such as a tenant, an account or a customer: 1 to 200 characters. Of jobs that wait,
   * keys get equal shares of what the jobs of a kind and budget get; all without a key share as one. It also
   * names what `concurrencyPerKey` of a kind counts.
   */
  readonly key?: string | undefined;
  /**
   * When the job arrived, on the router's clock, in ms: finite, and not in the future. Its budget and its
   * times run from then, and not from the submit: for jobs that have waited elsewhere. The router's clock
   * is `performance.now()` of this process, unless `clock` is given. @default {the time of the submit}
   */
  readonly arrivedAtMs?: number | undefined;
}

/** What goes with one `submit()`. */
export interface SubmitOptions extends Hints {
  /**
   * What becomes of the job when no lane takes it at the moment: it is dropped, or it waits, outside of the
   * lanes, until one takes it. A place that is freed goes to those who wait first, by priority, which rises
   * with age, keys in turn, then in order of arrival. Its budget and its signal run from the submit on; it counts as in
   * flight, and in `load.waitingForRoom`. At most `waitCapacity` jobs wait, any further one is dropped
   * (`wait_full`); and so is one for which waiting is of no use (`expired`, `budget_too_short`,
   * `workers_lost`, `kind_quarantined`), when that is so. A policy's own reasons count as want of room.
   *
   * @default {"drop"}
   */
  readonly whenFull?: "drop" | "wait" | undefined;
  /** An `AbortSignal` that cancels the job: the promise rejects with its reason at once. */
  readonly signal?: CancelSignal | undefined;
  /**
   * Time the run may take, in ms, above 0 and at most 2,147,483,647, instead of the kind's; a worker
   * that goes on is terminated, which does not count against the kind. It cannot stop synchronous
   * work on the router's own thread (inline and spawn).
   */
  readonly runTimeoutMs?: number | undefined;
  /**
   * Time after which the run is aborted, in ms, above 0 and at most 2,147,483,647: the promise rejects
   * with `JobTimeoutError`, the job is told to stop, and its worker is left alone, for
   * limits that come from someone whom the program does not trust. `runTimeoutMs`, if there is one,
   * still ends the worker in its own time.
   */
  readonly abortAfterMs?: number | undefined;
  /**
   * Receives what the running job reports with `ctx.report()`. Not called once the job is over; what it
   * throws is counted in `listenerErrors`.
   */
  readonly onProgress?: ((progress: unknown) => void) | undefined;
  /** Objects in the input that are transferred to a worker: do not use them after submit. */
  readonly transfer?: readonly Movable[] | undefined;
}
