import type { CancelSignal } from "../cancel_signal.ts";
import { rangeOf } from "../check.ts";
import { InvalidOptionError } from "../errors.ts";
import { type Check, checkOptions } from "../options/check_options.ts";
import type { Completed, Dropped } from "../outcome.ts";
import type { SubmitOptions } from "../submit/hints.ts";

/**
 * What `router.map()` takes its inputs from. Promises in a list are awaited, one after the other.
 *
 * @typeParam In Input of the kind.
 */
export type MapInputs<In> = Iterable<In | PromiseLike<In>> | AsyncIterable<In>;

/** What may be said of one job of `router.map()`. */
export type MapHints = Omit<SubmitOptions, "signal" | "whenFull">;

/**
 * Options of `router.map()`.
 *
 * @typeParam In Input of the kind.
 */
export interface MapOptions<In> {
  /** Whether outputs come in the order of their inputs, or as jobs end. @default {true} */
  readonly ordered?: boolean | undefined;
  /**
   * Jobs in flight at most, 1 to 1,000,000. Default: as many as pay, which is learned; it begins with two for
   * each call that the pool may run, and takes no further input while a job waits for room.
   */
  readonly concurrency?: number | undefined;
  /** Hints and limits of the jobs, or a function that returns those of one. Default: none. */
  readonly hints?: MapHints | ((input: In, index: number) => MapHints | undefined) | undefined;
  /** An `AbortSignal` that stops it all: the iteration throws its reason. Default: none. */
  readonly signal?: CancelSignal | undefined;
  /**
   * Whether each item comes as a {@linkcode MapItem}, however it ended, instead of as its output; then a job that
   * fails stops nothing.
   *
   * @default {false}
   */
  readonly settled?: boolean | undefined;
}

/** A job of `router.map()` that has no outcome. */
export interface NoOutcome {
  /** How it ended; `refused`: its input or its hints were, and it did not become a job. */
  readonly status: "failed" | "cancelled" | "timedOut" | "refused";
  /** What `submit()` would have rejected with. */
  readonly error: unknown;
}

/**
 * How one item of `router.map()` ended, with `settled: true`.
 *
 * @typeParam Out Output of the kind.
 */
export type MapItem<Out> =
  & {
    /** Number of its input, from 0. */
    readonly index: number;
  }
  & (Completed<Out> | Dropped | NoOutcome);

const ACTION = "map";
const CONCURRENCY = rangeOf(1, 1_000_000, { integer: true });
const YES_OR_NO = { type: "boolean", wanted: "true or false" } as const;
const CHECKS: readonly Check[] = [
  { name: "ordered", ...YES_OR_NO },
  { name: "settled", ...YES_OR_NO },
  { name: "concurrency", range: CONCURRENCY },
  {
    name: "signal",
    type: "object",
    functions: ["addEventListener", "removeEventListener"],
    wanted: "an AbortSignal",
  },
];
const HINTS = "an object, or a function";

/** @throws {InvalidOptionError} If an option is wrong, unknown or inherited. */
export function checkMapOptions<In>(options: MapOptions<In>): MapOptions<In> {
  const type = typeof options?.hints === "function" ? "function" : "object";
  const checks = [...CHECKS, { name: "hints", type, wanted: HINTS } as const];
  return checkOptions<MapOptions<In>>(options, checks, ACTION);
}

/** @throws {InvalidOptionError} If hints of one input have what is not theirs. */
export function checkHints(hints: SubmitOptions | undefined): void {
  for (const name of ["signal", "whenFull"] as const) {
    const value = hints?.[name];
    const wanted = "left out: map() waits, and has a signal of its own";
    if (value !== undefined) throw new InvalidOptionError(`hints.${name}`, value, wanted, ACTION);
  }
}

/** @throws {InvalidOptionError} If the inputs are a string, or cannot be iterated. */
export function checkInputs<In>(inputs: MapInputs<In>): void {
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = (inputs ?? {}) as Partial<
    AsyncIterable<In> & Iterable<In>
  >;
  // A string is one input that is not in a list, rather than a list of its characters.
  if (typeof inputs !== "string" && typeof (later ?? now) === "function") return;
  throw new InvalidOptionError("inputs", inputs, "an iterable of inputs, such as [input]", ACTION);
}
