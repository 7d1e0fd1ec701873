import type { Distribution } from "./distribution.ts";

/** A change in time, from a share of the duration to another. */
export interface ChangeSpec {
  /** When it begins, as a share of the duration. */
  readonly from: number;
  /** When it ends. @default {1} */
  readonly to?: number;
  /** Factor by which the kind's jobs need a core for longer. @default {1} */
  readonly busyFactor?: number;
  /** Factor by which there are more jobs of the kind. @default {1} */
  readonly rateFactor?: number;
}

/** A latency budget, and the share of a kind's jobs that have it. */
export interface BudgetSpec {
  /** Its weight among the budgets of the kind. */
  readonly share: number;
  /** The budget, in ms; none if absent. */
  readonly budgetMs?: number;
  /** Priority, 0 to 9. @default {5} */
  readonly priority?: number;
}

/**
 * A kind of job. A job needs a core for `fixedMs + size × perSizeMs`; if `waitMs` is given, its function
 * is asynchronous, and waits so long in between.
 */
export interface KindSpec {
  /** Its name. */
  readonly name: string;
  /** Its weight among the arrivals. */
  readonly share: number;
  /** Sizes of its jobs. */
  readonly size: Distribution;
  /** Time on a core that each of its jobs needs, in ms. @default {0} */
  readonly fixedMs?: number;
  /** Time on a core per unit of size, in ms. */
  readonly perSizeMs: number;
  /** Bytes of input per unit of size. @default {1000} */
  readonly bytesPerSize?: number;
  /** How long its jobs wait for I/O, in ms; they do not if absent. */
  readonly waitMs?: Distribution;
  /** Share of its time on a core that comes after the wait. @default {0} */
  readonly afterShare?: number;
  /** By how much each wait is longer for each pair of jobs of the kind that wait at a time, in ms. @default {0} */
  readonly crowdMs?: number;
  /** Its budgets. @default {none} */
  readonly budgets?: readonly BudgetSpec[];
  /** Share of its jobs that make their worker crash. @default {0} */
  readonly crashes?: number;
  /** Its changes in time. */
  readonly changes?: readonly ChangeSpec[];
}

/** When jobs come. */
export type ArrivalSpec =
  /** Independent of each other, at a steady rate. */
  | { readonly type: "poisson" }
  /** In bursts: `onMs` with all of them, `offMs` without any, on average. */
  | { readonly type: "bursty"; readonly onMs: number; readonly offMs: number }
  /** As by day and night: the rate goes up and down by `swing`, 0 to 1, once every `periodMs`. */
  | { readonly type: "diurnal"; readonly periodMs: number; readonly swing: number }
  /** From clients that each wait for their last job, and then for `thinkMs` on average. */
  | { readonly type: "closed"; readonly clients: number; readonly thinkMs: number };

/** A workload, as a file has it. */
export interface WorkloadSpec {
  /** Its name. */
  readonly name: string;
  /** What it is about, in a sentence. */
  readonly about: string;
  /** Kinds of jobs, at least one. */
  readonly kinds: readonly KindSpec[];
  /** When jobs come. @default {at a steady rate} */
  readonly arrivals?: ArrivalSpec;
  /** Times at which the event loop's thread stands still, and how long, in ms. */
  readonly pauses?: readonly { readonly at: number; readonly ms: number }[];
}
