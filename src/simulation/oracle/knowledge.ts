import type { CostWord } from "../workload/cost_words.ts";
import { drawFrom } from "../workload/distribution.ts";
import { busyFactorAt } from "../workload/job_source.ts";
import { busyMsOf, type LabJob } from "../workload/lab_job.ts";
import { RandomStream } from "../workload/random_stream.ts";
import type { KindSpec, WorkloadSpec } from "../workload/spec.ts";

const DRAWS = 100_000;
const TABLES = 3_000;
const UNIT_MS = 5e-5;

/** What can be known of the time that a job takes, or needs a core. */
export interface Knowledge {
  /** Its mean, in ms. */
  readonly meanMs: number;
  /** Its variance, in ms². */
  readonly variance: number;
  /** The time that a share of such jobs need at most, in ms. */
  quantileMs(share: number): number;
  /** The share of such jobs that need at most so much, in ms. */
  shareWithin(ms: number): number;
  /** What is left on average of a job that has had so much, in ms. */
  leftMs(hadMs: number): number;
}

/** The time itself. */
class Known implements Knowledge {
  readonly meanMs: number;
  readonly variance = 0;

  constructor(ms: number) {
    this.meanMs = ms;
  }

  quantileMs(): number {
    return this.meanMs;
  }

  shareWithin(ms: number): number {
    return this.meanMs <= ms ? 1 : 0;
  }

  leftMs(hadMs: number): number {
    return Math.max(0, this.meanMs - hadMs);
  }
}

/** The times of a kind, drawn beforehand, and their sums. */
class Table {
  readonly ms: Float64Array;
  readonly sums: Float64Array;
  readonly squares: Float64Array;

  constructor(kind: KindSpec) {
    const random = new RandomStream(0, TABLES);
    const { fixedMs = 0, perSizeMs } = kind;
    this.ms = new Float64Array(DRAWS);
    for (let i = 0; i < DRAWS; i++) this.ms[i] = fixedMs + perSizeMs * drawFrom(kind.size, random);
    this.ms.sort();
    this.sums = new Float64Array(DRAWS + 1);
    this.squares = new Float64Array(DRAWS + 1);
    for (let i = 0; i < DRAWS; i++) {
      this.sums[i + 1] = this.sums[i] + this.ms[i];
      this.squares[i + 1] = this.squares[i] + this.ms[i] * this.ms[i];
    }
  }

  /** Index of the first time that is longer. */
  above(ms: number): number {
    let low = 0;
    let high = this.ms.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.ms[middle] > ms) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

const tables = new WeakMap<KindSpec, Table>();

/** The times of a kind; drawn once. */
function tableOf(kind: KindSpec): Table {
  let table = tables.get(kind);
  if (table === undefined) tables.set(kind, table = new Table(kind));
  return table;
}

/** The times of a kind from one to another, times a factor. */
class Drawn implements Knowledge {
  readonly #table: Table;
  readonly #from: number;
  readonly #to: number;
  readonly #factor: number;
  readonly meanMs: number;
  readonly variance: number;

  constructor(table: Table, from: number, to: number, factor: number) {
    this.#table = table;
    this.#from = from;
    this.#to = to;
    this.#factor = factor;
    this.meanMs = factor * (table.sums[to] - table.sums[from]) / (to - from);
    const square = factor * factor * (table.squares[to] - table.squares[from]) / (to - from);
    this.variance = Math.max(0, square - this.meanMs * this.meanMs);
  }

  shareWithin(ms: number): number {
    const place = this.#table.above(ms / this.#factor);
    return Math.min(Math.max(0, place - this.#from), this.#to - this.#from) /
      (this.#to - this.#from);
  }

  quantileMs(share: number): number {
    const place = this.#from + Math.floor(share * (this.#to - this.#from));
    return this.#factor * this.#table.ms[Math.min(place, this.#to - 1)];
  }

  leftMs(hadMs: number): number {
    const { sums } = this.#table;
    const from = Math.max(this.#from, this.#table.above(hadMs / this.#factor));
    if (from >= this.#to) return 0;
    return this.#factor * (sums[this.#to] - sums[from]) / (this.#to - from) - hadMs;
  }
}

/** Places in the distribution of a wait that are told apart. */
const WAITS = 64;
/** Halvings in which a quantile is found, of what lies between the least and the most. */
const HALVINGS = 30;

const waits = new WeakMap<KindSpec, Float64Array>();

/** Waits of a kind, each as likely as the others, the shortest first. */
function waitsOf(kind: KindSpec): Float64Array {
  let found = waits.get(kind);
  if (found !== undefined) return found;
  const random = new RandomStream(0, TABLES + 1);
  const drawn = Float64Array.from({ length: DRAWS }, () => drawFrom(kind.waitMs!, random)).sort();
  found = Float64Array.from(
    { length: WAITS },
    (_, i) => drawn[Math.floor((i + 0.5) * DRAWS / WAITS)],
  );
  waits.set(kind, found);
  return found;
}

/** A time on a core, and a wait that does not depend on it. */
class WithWait implements Knowledge {
  readonly #busy: Knowledge;
  readonly #waits: Float64Array;
  readonly meanMs: number;
  readonly variance: number;

  constructor(busy: Knowledge, waits: Float64Array) {
    this.#busy = busy;
    this.#waits = waits;
    const meanMs = waits.reduce((sum, ms) => sum + ms, 0) / waits.length;
    const square = waits.reduce((sum, ms) => sum + (ms - meanMs) * (ms - meanMs), 0);
    this.meanMs = busy.meanMs + meanMs;
    this.variance = busy.variance + square / waits.length;
  }

  shareWithin(ms: number): number {
    let sum = 0;
    for (const waitMs of this.#waits) sum += waitMs > ms ? 0 : this.#busy.shareWithin(ms - waitMs);
    return sum / this.#waits.length;
  }

  quantileMs(share: number): number {
    const waits = this.#waits;
    let low = waits[0];
    let high = waits[waits.length - 1] + this.#busy.quantileMs(1);
    for (let i = 0; i < HALVINGS; i++) {
      const middle = (low + high) / 2;
      if (this.shareWithin(middle) > share) high = middle;
      else low = middle;
    }
    return high;
  }

  leftMs(hadMs: number): number {
    let sum = 0;
    let weight = 0;
    for (const waitMs of this.#waits) {
      const beyondMs = hadMs - waitMs;
      const isWaiting = beyondMs < 0;
      const share = isWaiting ? 1 : 1 - this.#busy.shareWithin(beyondMs);
      sum += share * (isWaiting ? this.#busy.meanMs - beyondMs : this.#busy.leftMs(beyondMs));
      weight += share;
    }
    return weight > 0 ? sum / weight : 0;
  }
}

/**
 * What is told of each job: the distribution of its time given its kind and what its cost says, and how
 * its kind is at the moment. Nobody can know more.
 */
export class KnowledgeOf {
  readonly #workload: WorkloadSpec;
  readonly #word: CostWord;
  readonly #durationMs: number;
  readonly #tables: readonly Table[];
  readonly #knowsWaits: boolean;

  /** `knowsWaits`: what a job waits for is told, too, and not only how long its kind waits. */
  constructor(workload: WorkloadSpec, word: CostWord, durationMs: number, knowsWaits = false) {
    this.#workload = workload;
    this.#knowsWaits = knowsWaits;
    this.#word = word;
    this.#durationMs = durationMs;
    const isVague = word === "none" || word === "noise";
    this.#tables = isVague ? workload.kinds.map(tableOf) : [];
  }

  /** What is known of how long a job takes: on a core, and waiting. */
  elapsedOf(job: LabJob): Knowledge {
    const kind = this.#workload.kinds[job.kind];
    const busy = this.of(job);
    if (kind.waitMs === undefined) return busy;
    if (this.#knowsWaits) return new WithWait(busy, Float64Array.of(job.waitMs));
    return new WithWait(busy, waitsOf(kind));
  }

  /** What is known of the time that a job needs a core. */
  of(job: LabJob): Knowledge {
    if (this.#tables.length === 0) return new Known(busyMsOf(job));
    const kind = this.#workload.kinds[job.kind];
    const table = this.#tables[job.kind];
    const factor = busyFactorAt(kind, job.atMs / this.#durationMs);
    if (this.#word === "none") return new Drawn(table, 0, DRAWS, factor);
    const saidMs = job.cost! * UNIT_MS;
    const from = Math.min(table.above(saidMs / 10), DRAWS - 1);
    const to = Math.max(table.above(saidMs * 10), from + 1);
    return new Drawn(table, from, to, factor);
  }
}
