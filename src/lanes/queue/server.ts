import type { LoadGauges } from "../../policy/load.ts";
import type { KindFacts } from "../../policy/policy.ts";
import { isPoolFull, poolWaitMsOf } from "../../policy/pool_room.ts";

/** What the calls of a queue wait for. */
export interface Server {
  /** How many run at a time. */
  readonly size: number;
  /** When there is room for each of so many, in ms from now. */
  freeInMs(): readonly number[];
  /** For what share of its time a run occupies one of them, 0 to 1; `NaN` if unknown. */
  shareOf(kind: KindFacts, computeCost: number): number;
  /** Whether a call of a kind is there already, which will tell how long those take. */
  holds(kind: KindFacts): boolean;
  /** Whether no more calls may wait. */
  readonly isFull: boolean;
  /** Expected time until all that wait have started, in ms; `NaN` if unknown. */
  readonly waitMs: number;
  /** The same if it is counted for the calls of the queue alone, or `NaN`. */
  readonly queuedMs: number;
  /** What occupies it no longer, in ms, and has no budget, is not worth a plan. */
  readonly shortMs: number;
}

/** The workers of the pool. */
export class PoolServer implements Server {
  readonly #load: LoadGauges;
  readonly queuedMs: number = NaN;
  readonly shortMs = 0;

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

  get isFull(): boolean {
    return isPoolFull(this.#load);
  }

  get waitMs(): number {
    return poolWaitMsOf(this.#load);
  }
}

/** The router's own thread, which runs other calls while one waits for anything. */
export class LoopServer implements Server {
  readonly #load: LoadGauges;
  readonly size = 1;
  readonly shortMs = 0.1;

  constructor(load: LoadGauges) {
    this.#load = load;
  }

  freeInMs(): readonly number[] {
    return this.#load.freeInMs("spawn");
  }

  shareOf(kind: KindFacts, computeCost: number): number {
    const { model } = this.#load;
    const typicalMs = model.typicalMs(kind, computeCost);
    const busyMs = model.busyTypicalMs(kind, computeCost);
    return busyMs < typicalMs ? busyMs / typicalMs : busyMs >= 0 ? 1 : NaN;
  }

  holds(): boolean {
    return false;
  }

  get isFull(): boolean {
    return this.#load.spawnWaiting >= this.#load.spawnCapacity;
  }

  get waitMs(): number {
    return this.#load.spawnWorkMs;
  }

  get queuedMs(): number {
    return this.#load.spawnWorkMs;
  }
}
