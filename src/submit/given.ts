import type { CancelSignal } from "../cancel_signal.ts";
import {
  inheritedIn,
  isObject,
  isWithin,
  type NumberRange,
  TIMER_MS,
  WANTED_OWN,
  wordsOf,
} from "../check.ts";
import type { Clock } from "../clock.ts";
import { COST, PRIORITY, SCALING } from "../define/own_kind.ts";
import { InvalidHintError } from "../errors.ts";
import type { Movable } from "../movable.ts";
import type { KeepContext } from "../runtime_defaults.ts";
import type { SubmitOptions } from "./hints.ts";

/** What a caller said of one job, checked; `undefined` where it said nothing. */
export class Given implements SubmitOptions {
  computeCost: number | undefined = undefined;
  scalingPotential: number | undefined = undefined;
  latencyBudgetMs: number | undefined = undefined;
  priority: number | undefined = undefined;
  key: string | undefined = undefined;
  arrivedAtMs: number | undefined = undefined;
  runTimeoutMs: number | undefined = undefined;
  abortAfterMs: number | undefined = undefined;
  whenFull: "drop" | "wait" | undefined = undefined;
  signal: CancelSignal | undefined = undefined;
  onProgress: ((progress: unknown) => void) | undefined = undefined;
  transfer: readonly Movable[] | undefined = undefined;

  /** Whether it says nothing that matters while the job runs. */
  get isPlain(): boolean {
    return this.signal === undefined && this.onProgress === undefined &&
      this.transfer === undefined && this.arrivedAtMs === undefined &&
      this.runTimeoutMs === undefined && this.abortAfterMs === undefined;
  }
}

/** Where a job is submitted. */
interface Host {
  /** The router's clock. */
  readonly clock: Pick<Clock, "now">;
  readonly keepContext: KeepContext;
}

/** Of a submit without options. */
export const NOTHING_GIVEN: Given = Object.freeze(new Given());

const NAMES = Object.keys(NOTHING_GIVEN);
/** Checks of what is no number. */
const CHECKS = {
  key: checkKey,
  whenFull: checkWhenFull,
  signal: checkSignal,
  onProgress: checkProgress,
  transfer: checkTransfer,
};
const MAX_KEY_LENGTH = 200;
const { hasOwnProperty } = Object.prototype;

/**
 * Reads the options of a submit as all options are read: own properties only.
 *
 * @param kind Name of the job's kind, for the error.
 * @param options The options.
 * @param host The router.
 * @throws {InvalidHintError} If one is out of range, unknown or inherited.
 */
export function givenIn(kind: string, options: SubmitOptions, host: Host): Given {
  if (Object.getPrototypeOf(options) !== Object.prototype) checkOrigin(kind, options);
  const given = new Given();
  // A hot path: engines optimize for-in with a test for own properties.
  for (const name in options) {
    if (!hasOwnProperty.call(options, name)) continue;
    const value: unknown = options[name as keyof SubmitOptions];
    if (value === undefined) continue;
    switch (name) {
      case "computeCost":
        given.computeCost = checkHint(kind, name, value, COST);
        break;
      case "scalingPotential":
        given.scalingPotential = checkHint(kind, name, value, SCALING);
        break;
      case "priority":
        given.priority = checkHint(kind, name, value, PRIORITY);
        break;
      case "arrivedAtMs":
        given.arrivedAtMs = checkArrival(kind, value, host);
        break;
      case "latencyBudgetMs":
      case "runTimeoutMs":
      case "abortAfterMs":
        given[name] = checkHint(kind, name, value, TIMER_MS);
        break;
      case "key":
      case "whenFull":
      case "signal":
      case "onProgress":
      case "transfer":
        given[name] = CHECKS[name](kind, value, host) as never;
        break;
      default:
        throw new InvalidHintError(kind, name, value, `one of the options ${NAMES.join(", ")}`);
    }
  }
  return given;
}

/** @throws {InvalidHintError} If it is no object, or an option in it is inherited. */
function checkOrigin(kind: string, options: SubmitOptions): void {
  if (!isObject(options)) throw new InvalidHintError(kind, "options", options, "an object");
  const name = inheritedIn(options, NAMES);
  if (name === undefined) return;
  throw new InvalidHintError(kind, name, options[name as keyof SubmitOptions], WANTED_OWN);
}

/** @throws {InvalidHintError} If the value is not in the range. */
function checkHint(
  kind: string,
  hint: string,
  value: unknown,
  range: NumberRange,
): number {
  if (isWithin(value, range)) return value;
  throw new InvalidHintError(kind, hint, value, wordsOf(range));
}

/** @throws {InvalidHintError} If the value is no time up to now. */
function checkArrival(kind: string, value: unknown, { clock }: Host): number {
  if (typeof value === "number" && value > -Infinity && value <= clock.now()) return value;
  throw new InvalidHintError(kind, "arrivedAtMs", value, "a time up to now on the router's clock");
}

/** @throws {InvalidHintError} If the value is no short text. */
function checkKey(kind: string, value: unknown): string {
  if (typeof value === "string" && value !== "" && value.length <= MAX_KEY_LENGTH) return value;
  const wanted = `a string of 1 to ${MAX_KEY_LENGTH} characters`;
  throw new InvalidHintError(kind, "key", value, wanted);
}

/** @throws {InvalidHintError} If the value is not one of the two words. */
function checkWhenFull(kind: string, value: unknown): "drop" | "wait" {
  if (value === "drop" || value === "wait") return value;
  throw new InvalidHintError(kind, "whenFull", value, "one of drop, wait");
}

/** @throws {InvalidHintError} If the value is not a signal. */
function checkSignal(kind: string, value: unknown): CancelSignal {
  const signal = value as CancelSignal | null;
  const { addEventListener, removeEventListener } = signal ?? {} as Partial<CancelSignal>;
  const isSignal = typeof addEventListener === "function" &&
    typeof removeEventListener === "function";
  if (isSignal) return signal!;
  throw new InvalidHintError(kind, "signal", value, "an AbortSignal");
}

/**
 * Binds it to the async context of the submit.
 *
 * @throws {InvalidHintError} If the value is not a function.
 */
function checkProgress(kind: string, value: unknown, { keepContext }: Host): unknown {
  if (typeof value !== "function") {
    throw new InvalidHintError(kind, "onProgress", value, "a function");
  }
  const within = keepContext();
  return within === undefined ? value : (progress: unknown) => within(() => value(progress));
}

/** @throws {InvalidHintError} If the value is not an array. */
function checkTransfer(kind: string, value: unknown): readonly Movable[] {
  if (Array.isArray(value)) return [...value]; // the caller may change it later
  throw new InvalidHintError(kind, "transfer", value, "an array of objects that can be moved");
}
