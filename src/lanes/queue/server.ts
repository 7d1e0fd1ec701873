import type { LoadGauges } from "../../policy/load.ts";
import type { KindFacts } from "../../policy/policy.ts";

/** What the calls of a queue wait for. */
export interface Server {
  /** How many run at a time. */
  readonly size: number;
  /** When each of these is expected to be free, in ms from now. */
  freeInMs(): readonly number[];
  /** Share of its run time for which a call occupies one of them, 0 to 1; `NaN` if unknown. */
  shareOf(kind: KindFacts, computeCost: number): number;
  /** Whether it has a call of a kind, which will tell how long such calls take. */
  holds(kind: KindFacts): boolean;
  /** By how much later than planned a run begins and is heard of, in ms. */
  readonly lagMs: number;
  /** Whether jobs without a budget are given up when more comes than can be done, as the pool does. */
  readonly sheds: boolean;
  /** Expected time of all calls in the queue, in ms; `NaN` if unknown, or not counted. */
  readonly queuedMs: number;
  /** Calls that occupy it for less, in ms, and have no budget, are not worth a plan. */
  readonly shortMs: number;
}

/** The workers of the pool. */
export class PoolServer implements Server {
  readonly #load: LoadGauges;
  readonly queuedMs: number = NaN;
  readonly shortMs = 0;
  readonly sheds = true;

  constructor(load: LoadGauges) {
    this.#load = load;
  }

  get size(): number {
    return Math.max(1, this.#load.cpuParallelism);
  }

  freeInMs(): readonly number[] {
    return this.#load.freeInMs("cpu_pool");
  }

  shareOf(): number {
    return 1;
  }

  holds(kind: KindFacts): boolean {
    return this.#load.poolHolds(kind);
  }

  get lagMs(): number {
    return this.#load.loopLagMs;
  }
}

/** The router's own thread. While a call waits for I/O it runs others; the time of its own calls is no lag. */
export class LoopServer implements Server {
  readonly #load: LoadGauges;
  readonly size = 1;
  readonly shortMs = 0.1;
  readonly lagMs = 0;
  readonly sheds = false;

  constructor(load: LoadGauges) {
    this.#load = load;
  }

  freeInMs(): readonly number[] {
    return this.#load.freeInMs("spawn");
  }

  shareOf(kind: KindFacts, computeCost: number): number {
    const { model } = this.#load;
    const typicalMs = model.typicalMs(kind, computeCost);
    const busyMs = model.expectedBusyMs(kind, computeCost);
    return busyMs < typicalMs ? busyMs / typicalMs : busyMs >= 0 ? 1 : NaN;
  }

  holds(): boolean {
    return false;
  }

  get queuedMs(): number {
    return this.#load.spawnWorkMs;
  }
}
