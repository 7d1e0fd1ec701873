import { costOf, type CostWord } from "./cost_words.ts";
import { drawFrom, meanOf } from "./distribution.ts";
import type { LabJob } from "./lab_job.ts";
import { RandomStream } from "./random_stream.ts";
import type { BudgetSpec, ChangeSpec, KindSpec, WorkloadSpec } from "./spec.ts";

/** Numbers of the streams, each for one thing, so that none shifts another. */
const ARRIVALS = 1;
const KINDS = 2;
const BUDGETS = 3;
const CRASHES = 4;
const NOISE = 5;
const PHASES = 6;
const SIZES = 1_000;
const WAITS = 2_000;

const NO_BUDGET: readonly BudgetSpec[] = [{ share: 1 }];

/** A workload with all that a run fixes. */
export interface SourceOptions {
  /** The jobs. */
  readonly workload: WorkloadSpec;
  /** What the costs say. */
  readonly word: CostWord;
  /** Time on a core that arrives, as a share of what `cores` cores have. */
  readonly load: number;
  /** Number of cores. */
  readonly cores: number;
  /** Virtual duration, in ms. */
  readonly durationMs: number;
  /** Seed, 0 to 2^32 - 1. */
  readonly seed: number;
}

/** Draws the jobs of a workload, one by one, in order of arrival. */
export class JobSource {
  readonly #options: SourceOptions;
  readonly #kinds: readonly KindSpec[];
  /** Sum of the shares of the kinds, and of these times the most that changes make of them. */
  readonly #shares: number;
  readonly #mostShares: number;
  readonly #arrivals: RandomStream;
  readonly #picks: RandomStream;
  readonly #budgets: RandomStream;
  readonly #crashes: RandomStream;
  readonly #noise: RandomStream;
  readonly #phases: RandomStream;
  readonly #sizes: readonly RandomStream[];
  readonly #waits: readonly RandomStream[];
  /** Jobs per ms without any change. */
  readonly ratePerMs: number;
  #atMs = 0;
  #count = 0;
  /** Bursty arrivals: when the state ends, and whether jobs come. */
  #phaseEndMs = 0;
  #isOn = false;

  constructor(options: SourceOptions) {
    const { workload, load, cores, seed } = options;
    const { kinds, arrivals } = workload;
    this.#options = options;
    this.#kinds = kinds;
    this.#shares = kinds.reduce((sum, { share }) => sum + share, 0);
    this.#mostShares = kinds.reduce((sum, kind) => sum + kind.share * mostOf(kind), 0);
    this.#arrivals = new RandomStream(seed, ARRIVALS);
    this.#picks = new RandomStream(seed, KINDS);
    this.#budgets = new RandomStream(seed, BUDGETS);
    this.#crashes = new RandomStream(seed, CRASHES);
    this.#noise = new RandomStream(seed, NOISE);
    this.#phases = new RandomStream(seed, PHASES);
    this.#sizes = kinds.map((_, i) => new RandomStream(seed, SIZES + i));
    this.#waits = kinds.map((_, i) => new RandomStream(seed, WAITS + i));
    this.ratePerMs = load * cores / meanBusyMs(workload);
    if (arrivals?.type === "bursty") {
      const { onMs, offMs } = arrivals;
      this.#isOn = this.#phases.uniform() * (onMs + offMs) > onMs; // it changes at once
    }
  }

  /** The next job; `undefined` once the duration is over. */
  next(): LabJob | undefined {
    const { durationMs } = this.#options;
    for (;;) {
      this.#advance();
      if (this.#atMs >= durationMs) return undefined;
      const kind = this.#pick(this.#atMs / durationMs);
      if (kind >= 0) return this.#draw(kind);
    }
  }

  /** How long a client thinks, in ms. */
  thinkMs(meanMs: number): number {
    return meanMs * this.#arrivals.exponential();
  }

  /** A job that is due at a time, for clients that wait for their last one. */
  at(atMs: number): LabJob {
    this.#atMs = atMs;
    let kind = -1;
    while (kind < 0) kind = this.#pick(atMs / this.#options.durationMs);
    return this.#draw(kind);
  }

  /** Goes to the next arrival at the highest rate; `#pick` leaves some out. */
  #advance(): void {
    const { arrivals = { type: "poisson" } } = this.#options.workload;
    const most = this.ratePerMs * this.#mostShares / this.#shares;
    if (arrivals.type === "bursty") {
      const { onMs, offMs } = arrivals;
      let left = this.#arrivals.exponential() / (most * (onMs + offMs) / onMs);
      for (;;) {
        if (this.#isOn && this.#atMs + left < this.#phaseEndMs) break;
        if (this.#isOn) left -= this.#phaseEndMs - this.#atMs;
        this.#atMs = this.#phaseEndMs;
        this.#isOn = !this.#isOn;
        this.#phaseEndMs += this.#phases.exponential() * (this.#isOn ? onMs : offMs);
      }
      this.#atMs += left;
      return;
    }
    if (arrivals.type === "diurnal") {
      const { periodMs, swing } = arrivals;
      do {
        this.#atMs += this.#arrivals.exponential() / (most * (1 + swing));
      } while (this.#arrivals.uniform() * (1 + swing) > 1 + swing * wave(this.#atMs / periodMs));
      return;
    }
    this.#atMs += this.#arrivals.exponential() / most;
  }

  /** The kind of an arrival; -1 if there is none, as the rate is not at its peak. */
  #pick(at: number): number {
    let place = this.#picks.uniform() * this.#mostShares;
    for (let i = 0; i < this.#kinds.length; i++) {
      const { share, changes } = this.#kinds[i];
      place -= share * factorAt(changes, at, "rateFactor");
      if (place < 0) return i;
    }
    return -1;
  }

  #draw(index: number): LabJob {
    const { word, durationMs } = this.#options;
    const kind = this.#kinds[index];
    const { fixedMs = 0, perSizeMs, bytesPerSize = 1_000, afterShare = 0 } = kind;
    const size = drawFrom(kind.size, this.#sizes[index]);
    const usualMs = fixedMs + size * perSizeMs;
    const sized = { busyMs: usualMs, fixedMs, bytes: size * bytesPerSize };
    const busyMs = usualMs * factorAt(kind.changes, this.#atMs / durationMs, "busyFactor");
    const waitMs = kind.waitMs === undefined ? 0 : drawFrom(kind.waitMs, this.#waits[index]);
    const afterMs = waitMs > 0 ? busyMs * afterShare : 0;
    const { budgetMs = Infinity, priority = 5 } = this.#budget(kind);
    return {
      id: this.#count++,
      kind: index,
      atMs: this.#atMs,
      beforeMs: busyMs - afterMs,
      waitMs,
      afterMs,
      cost: costOf(word, sized, this.#noise),
      budgetMs,
      priority,
      crashes: kind.crashes !== undefined && this.#crashes.uniform() < kind.crashes,
    };
  }

  #budget({ budgets = NO_BUDGET }: KindSpec): BudgetSpec {
    const sum = budgets.reduce((total, { share }) => total + share, 0);
    let place = this.#budgets.uniform() * sum;
    for (const budget of budgets) {
      place -= budget.share;
      if (place < 0) return budget;
    }
    return budgets[0];
  }
}

/** The factor by which there are more jobs of a kind when there are most. */
function mostOf({ changes = [] }: KindSpec): number {
  const times = [0, ...changes.flatMap(({ from, to = 1 }) => [from, to])];
  return Math.max(...times.map((at) => factorAt(changes, at, "rateFactor")));
}

/** The factor by which a kind's jobs need a core for longer at a share of the duration. */
export function busyFactorAt(kind: KindSpec, at: number): number {
  return factorAt(kind.changes, at, "busyFactor");
}

/** The product of the factors of a kind's changes at a share of the duration. */
function factorAt(
  changes: readonly ChangeSpec[] | undefined,
  at: number,
  name: "busyFactor" | "rateFactor",
): number {
  let factor = 1;
  if (changes === undefined) return factor;
  for (const change of changes) {
    if (at >= change.from && at < (change.to ?? 1)) factor *= change[name] ?? 1;
  }
  return factor;
}

/** Time on a core of an arrival at the usual rate, in ms, changes in time included. */
export function meanBusyMs({ kinds }: WorkloadSpec): number {
  let sum = 0;
  let shares = 0;
  for (const { share, size, fixedMs = 0, perSizeMs, changes } of kinds) {
    sum += share * (fixedMs + meanOf(size) * perSizeMs) * meanFactor(changes);
    shares += share;
  }
  return sum / shares;
}

/** The mean over time of the factors by which a kind brings more work. */
function meanFactor(changes: readonly ChangeSpec[] | undefined): number {
  if (changes === undefined) return 1;
  const STEPS = 1_000;
  let sum = 0;
  for (let i = 0; i < STEPS; i++) {
    const at = (i + 0.5) / STEPS;
    sum += factorAt(changes, at, "busyFactor") * factorAt(changes, at, "rateFactor");
  }
  return sum / STEPS;
}

/** A wave between -1 and 1 with period 1, of parabolas. */
function wave(at: number): number {
  const phase = at - Math.floor(at);
  return phase < 0.5 ? 16 * phase * (0.5 - phase) : -16 * (phase - 0.5) * (1 - phase);
}
