import type { CancelSignal } from "../cancel_signal.ts";
import { isWithin, type NumberRange, wordsOf } from "../check.ts";
import { InvalidHintError } from "../errors.ts";
import type { Movable } from "../movable.ts";

/** What a caller may say about one job. A hint here goes before the kind's, that before the default. */
export interface Hints {
  /** Size of the job, finite and >= 0; see `cost` of a kind. */
  readonly computeCost?: number;
  /** Parallel payoff, from 0 to 1. @default {0.5} */
  readonly scalingPotential?: number;
  /**
   * Time from submit to outcome, in ms, above 0 and at most 2,147,483,647. A job that still waits
   * when it is over is dropped (`expired`); one that runs completes with `withinBudget: false`.
   */
  readonly latencyBudgetMs?: number;
  /** Integer from 0 to 9, 9 first; a waiting job rises with its age. @default {5} */
  readonly priority?: number;
}

/** What goes with one `submit()`. */
export interface SubmitOptions extends Hints {
  /** An `AbortSignal` that cancels the job: the promise rejects with its reason at once. */
  readonly signal?: CancelSignal;
  /**
   * Time the run may take, in ms, above 0 and at most 2,147,483,647. It cannot stop synchronous
   * work on the router's own thread (inline and spawn).
   */
  readonly runTimeoutMs?: number;
  /**
   * Hears what the running job tells with `ctx.report()`. Not called once the job is over; what it
   * throws is counted in `listenerErrors`.
   */
  readonly onProgress?: (progress: unknown) => void;
  /** Objects in the input that may be moved to a worker: do not use them after submit. */
  readonly transfer?: readonly Movable[];
}

/** @throws {InvalidHintError} If the value is not in the range. */
export function checkHint(
  kind: string,
  hint: string,
  value: unknown,
  range: NumberRange,
): number {
  if (isWithin(value, range)) return value;
  throw new InvalidHintError(kind, hint, value, wordsOf(range));
}

/** @throws {InvalidHintError} If the value is no signal. */
export function checkSignal(kind: string, value: unknown): CancelSignal {
  const signal = value as CancelSignal | null;
  if (typeof signal?.addEventListener === "function") return signal;
  throw new InvalidHintError(kind, "signal", value, "an AbortSignal");
}

/** @throws {InvalidHintError} If the value is no function. */
export function checkProgress(kind: string, value: unknown): (progress: unknown) => void {
  if (typeof value === "function") return value as (progress: unknown) => void;
  throw new InvalidHintError(kind, "onProgress", value, "a function");
}

/** @throws {InvalidHintError} If the value is no array. */
export function checkTransfer(kind: string, value: unknown): readonly Movable[] {
  if (Array.isArray(value)) return value;
  throw new InvalidHintError(kind, "transfer", value, "an array of objects that can be moved");
}
