import { log2 } from "../log2.ts";
import type { KindFacts } from "../policy/policy.ts";

/**
 * Runs of which the mean is believed: this many, and, as far as they differ, up to so many times as run at a time.
 * The first to end are the short ones.
 */
const ENOUGH = 16;
const TURNS = 4;
/** Runs over which it is seen how much they differ. */
const DIFFERENCES = 64;
/** Runs over which the latency is smoothed. */
const LATELY = 16;
/** Runs that count at most, as a multiple of those that are believed: older ones fade. */
const MEMORY = 4;
/** By how much more must be done in a time for each step up, of which two are a doubling. */
const GAIN = 1.08;
/** Steps that are told apart: up to 2^20 runs at a time. */
const STEPS = 41;
const LOWEST_STEP = 1;
const FIRST_STEP = 9;
/**
 * Runs after which the steps above the limit, and the one below, are tried again: this many, and so many times
 * as the trial takes.
 */
const TRIED_AGAIN = 2_000;
const TRIALS_APART = 10;
/** How long an overload lasts after the last job that was too much, in ms. */
const OVERLOAD_MS = 1_000;

/** Runs that began while none of the kind ended: each of them has the others beside it. */
export interface Cohort {
  /** How many runs there were by then, in the end. */
  number: number;
}

/**
 * How many runs of an asynchronous kind are worth having at a time: as long as more of them get more done in
 * a time, by Little's law: their number divided by how long they take. It goes by steps, two to a doubling,
 * compares those that it knows, and tries the next one now and then (hill climbing). What it compares are
 * true means at each number of runs, not the limit's own history, so a jam is not taken for normal.
 */
export class AsyncLimit {
  limit: number = mostIn(FIRST_STEP);
  /** Runs of the kind that have not ended. */
  running = 0;
  /** Calls of the kind that are held until they may begin. */
  held = 0;
  /** When more jobs came last than could be done in time, on the router's clock. */
  tooManyAtMs: number = -Infinity;
  /** Those that began since one ended. */
  #cohort: Cohort | null = null;
  /** By step: runs that count, the mean of how many there were at a time, and of how long they took, in ms. */
  readonly #counts = new Float64Array(STEPS);
  readonly #numbers = new Float64Array(STEPS);
  readonly #times = new Float64Array(STEPS);
  #step = FIRST_STEP;
  /** Runs that ended since the step was chosen, or the others were tried last. */
  #sinceRefused = 0;
  /** How long a run takes lately, in ms; `NaN` while unknown. */
  latencyMs: number = NaN;
  /** The mean of the square of how far runs were from that. */
  #variance = 0;

  get isFull(): boolean {
    return this.running >= this.limit;
  }

  /** A run begins; returns what to tell when it ends. */
  begin(): Cohort {
    this.running++;
    return this.#cohort ??= { number: 0 };
  }

  /** A run of a cohort ended. `runMs` is `NaN` if it says nothing about how long such runs take. */
  end(runMs: number, cohort: Cohort): void {
    if (this.#cohort !== null) this.#cohort.number = this.running;
    this.#cohort = null;
    this.running--;
    if (!(runMs >= 0)) return;
    if (!(this.latencyMs >= 0)) this.latencyMs = runMs;
    const furtherMs = runMs - this.latencyMs;
    this.latencyMs += furtherMs / LATELY;
    this.#variance += (furtherMs * furtherMs - this.#variance) / DIFFERENCES;
    const { number } = cohort;
    const step = stepOf(number);
    const count = Math.min(MEMORY * enoughAt(step), this.#counts[step] + 1);
    this.#counts[step] = count;
    this.#numbers[step] += (number - this.#numbers[step]) / count;
    this.#times[step] += (runMs - this.#times[step]) / count;
    if (++this.#sinceRefused > Math.max(TRIED_AGAIN, TRIALS_APART * enoughAt(this.#step + 1))) {
      this.#counts.fill(0, this.#step + 1);
      this.#counts[this.#step - 1] = 0;
      this.#sinceRefused = 0;
    }
    if (count >= ENOUGH) this.#choose(step);
  }

  /** There is news of a step of which enough is known. */
  #choose(news: number): void {
    let best = -1;
    let top = -1;
    let lowest = -1;
    for (let step = LOWEST_STEP; step < STEPS; step++) {
      if (this.#counts[step] < ENOUGH) continue;
      top = step;
      if (lowest < 0) lowest = step;
      if (best < 0 || this.#rate(step) >= this.#rate(best) * (1 + (GAIN - 1) * (step - best))) {
        best = step;
      }
    }
    if (news < Math.min(this.#step, top)) return;
    const step = best < top ? this.#below(best, lowest) : this.#above(top, lowest);
    if (step === this.#step) return;
    this.#sinceRefused = 0;
    this.#step = Math.min(step, STEPS - 1);
    this.limit = mostIn(this.#step);
  }

  /** More than the best step is not worth it: perhaps less is. A half is tried while that is better. */
  #below(best: number, lowest: number): number {
    if (best === lowest) return Math.max(LOWEST_STEP, best - 2);
    return this.#counts[best - 1] < ENOUGH ? best - 1 : best;
  }

  /** The highest step is the best: perhaps more is better, once it is known well. A half is tried first. */
  #above(top: number, lowest: number): number {
    if (top < this.#step) return this.#step; // so many do not run at a time
    if (top === lowest && top > LOWEST_STEP) return Math.max(LOWEST_STEP, top - 2);
    const variation = Math.sqrt(this.#variance) / Math.max(this.latencyMs, 1e-6);
    const enough = Math.max(ENOUGH, Math.min(1, variation) * enoughAt(top));
    return this.#counts[top] < enough ? top : top + 1;
  }

  /** What is done in a ms. */
  #rate(step: number): number {
    return this.#numbers[step] / Math.max(this.#times[step], 1e-6);
  }
}

/** One run at a time is the lowest step: no number is between the first two. */
function stepOf(number: number): number {
  return Math.min(STEPS - 1, Math.max(LOWEST_STEP, Math.floor(2 * log2(number))));
}

function enoughAt(step: number): number {
  return Math.max(ENOUGH, TURNS * mostIn(step));
}

/** The highest number of runs in a step. */
function mostIn(step: number): number {
  return Math.ceil(2 ** ((step + 1) / 2)) - 1;
}

/** The limits of all kinds, by index; one is made when a kind is first seen to be asynchronous. */
export class AsyncLimits {
  readonly #limits: (AsyncLimit | undefined)[] = [];
  /** Told when runs of a kind may begin. */
  freed: (kind: number) => void = () => {};

  /** A run of a kind has given its thread free before its end; returns what to tell when it ends. */
  begin(kind: number): Cohort {
    return (this.#limits[kind] ??= new AsyncLimit()).begin();
  }

  /** It ended. `runMs` is `NaN` if that says nothing about how long such runs take. */
  end(kind: number, runMs: number, cohort: Cohort): void {
    const limit = this.#limits[kind]!;
    limit.end(runMs, cohort);
    if (!limit.isFull) this.freed(kind);
  }

  /** Whether no more runs of a kind may begin. */
  isFull(kind: number): boolean {
    return this.#limits[kind]?.isFull === true;
  }

  /** Whether a job must wait: no more runs may begin, or others wait for that, besides those `behind` it. */
  mustWait(kind: number, behind = 0): boolean {
    const limit = this.#limits[kind];
    return limit !== undefined && (limit.isFull || limit.held > behind);
  }

  /** In words why a job would have to wait for the limit; `undefined` if it would not. */
  wordsOf({ index, name }: KindFacts): string | undefined {
    const limit = this.#limits[index];
    if (limit?.isFull !== true) return undefined;
    const { held, limit: most } = limit;
    return `It would wait until fewer jobs of kind "${name}" run than ${most}: as was seen, ` +
      `more at a time get no more done${held === 0 ? "" : `, and ${held} wait already`}.`;
  }

  /** So many more calls of a kind that has a limit are held. */
  hold(kind: number, calls: 1 | -1): void {
    this.#limits[kind]!.held += calls;
  }

  /**
   * Whether a job of a kind that is at its limit, with so many that wait for it, would be too late, if it must
   * begin within `withinMs`, as far as is known. Once any was, the queue is kept as short as a run takes, until
   * none was for a second: all that a longer one would do is to make each of them late by as much.
   */
  isTooLate(kind: number, waiting: number, withinMs: number, nowMs: number): boolean {
    const limit = this.#limits[kind]!;
    const { latencyMs } = limit;
    const waitMs = (waiting + 1) * latencyMs / limit.limit;
    const isOverload = nowMs - limit.tooManyAtMs < OVERLOAD_MS;
    if (!(waitMs > (isOverload ? Math.min(withinMs, latencyMs) : withinMs))) return false;
    limit.tooManyAtMs = nowMs;
    return true;
  }
}
