import type { CancelSignal } from "../cancel_signal.ts";
import { checkOrigin, isWithin, type NumberRange, TIMER_MS, wordsOf } from "../check.ts";
import type { Clock } from "../clock.ts";
import { COST, PRIORITY, SCALING } from "../define/own_kind.ts";
import { InvalidHintError } from "../errors.ts";
import type { Movable } from "../movable.ts";
import type { KeepContext } from "../runtime_defaults.ts";
import { wantedFor } from "../unknown_name.ts";
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
const MAX_KEY_LENGTH = 200;
/** What must hold of what is no number. */
const RULES = {
  key: {
    wanted: `a string of 1 to ${MAX_KEY_LENGTH} characters`,
    isRight: (value: unknown) =>
      typeof value === "string" && value !== "" && value.length <= MAX_KEY_LENGTH,
  },
  whenFull: {
    wanted: "one of drop, wait",
    isRight: (value: unknown) => value === "drop" || value === "wait",
  },
  signal: { wanted: "an AbortSignal", isRight: isSignal },
  onProgress: {
    wanted: "a function",
    isRight: (value: unknown) => typeof value === "function",
  },
  transfer: { wanted: "an array of objects that can be moved", isRight: Array.isArray },
};
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
  if (Object.getPrototypeOf(options) !== Object.prototype) {
    checkOrigin(options, NAMES, (...wrong) => new InvalidHintError(kind, ...wrong));
  }
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
        given[name] = checkRule(kind, name, value) as never;
        break;
      default:
        throw new InvalidHintError(kind, name, value, wantedFor(name, NAMES));
    }
  }
  const { onProgress, transfer } = given;
  if (onProgress !== undefined) given.onProgress = boundTo(host.keepContext(), onProgress);
  if (transfer !== undefined) given.transfer = [...transfer]; // the caller may change it later
  return given;
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

/** @throws {InvalidHintError} If the value is not what it must be. */
function checkRule(kind: string, name: keyof typeof RULES, value: unknown): unknown {
  const { wanted, isRight } = RULES[name];
  if (isRight(value)) return value;
  throw new InvalidHintError(kind, name, value, wanted);
}

function isSignal(value: unknown): boolean {
  const { addEventListener, removeEventListener } = Object(value);
  return typeof addEventListener === "function" && typeof removeEventListener === "function";
}

/** Has progress told in the async context of the submit. */
function boundTo(
  within: ReturnType<KeepContext>,
  onProgress: (progress: unknown) => void,
): (progress: unknown) => void {
  return within === undefined ? onProgress : (progress) => within(() => onProgress(progress));
}
