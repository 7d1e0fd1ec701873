import type { Model, RunTimeModel } from "../model/model.ts";
import { drawOf } from "./draw.ts";

/** How busy the router is: figures only. */
export interface LoadFigures {
  /**
   * When the router was last entered, on its clock, in ms: by a submit, a result, a timer. All that
   * follows from that counts as done at this time.
   */
  readonly nowMs: number;
  /** Jobs submitted and not settled. */
  readonly inFlight: number;
  /** Calls the pool runs at a time at most, each on a worker of its own. */
  readonly cpuParallelism: number;
  /** Whether the pool takes jobs at all. */
  readonly poolOpen: boolean;
  /** Calls the pool runs now. */
  readonly poolRunning: number;
  /** Jobs in the pool's queue. */
  readonly poolWaiting: number;
  /** Jobs that may wait for the pool, those of gathering batches included. */
  readonly poolCapacity: number;
  /** Time the jobs in the pool's queue are expected to run, summed, in ms; `NaN` when unknown. */
  readonly poolWorkMs: number;
  /** Jobs in batches that are still gathering and will go to the pool. */
  readonly batchWaiting: number;
  /** Spawned jobs that are running (unsettled). */
  readonly spawnRunning: number;
  /** Spawned jobs that wait for their turn. */
  readonly spawnWaiting: number;
  /** Spawned jobs that may wait. */
  readonly spawnCapacity: number;
  /**
   * Time inline runs have taken in this turn of the event loop, in ms; up to a quarter of the slice
   * may stem from turns before.
   */
  readonly inlineTurnMs: number;
  /** How late the event loop is, smoothed, quick to rise and slow to fall, in ms. */
  readonly loopLagMs: number;
}

/** How busy the router is, as policies see it: kept up to date in place, not to be kept. */
export interface Load extends LoadFigures {
  /** What the router has learned of run times. */
  readonly model: Model;
  /**
   * Draws a number from 0 to below 1: the same for the same job, by the router's `seed` and the job's
   * number.
   */
  draw(job: { readonly id: number }): number;
}

/** The live load: lanes write their part, policies read it. */
export class LoadGauges implements Load {
  readonly model: RunTimeModel;
  readonly #seed: number;
  nowMs = 0;
  inFlight = 0;
  cpuParallelism = 1;
  poolOpen = true;
  poolRunning = 0;
  poolWaiting = 0;
  poolCapacity = 0;
  batchWaiting = 0;
  spawnRunning = 0;
  spawnWaiting = 0;
  spawnCapacity = 0;
  inlineTurnMs = 0;
  loopLagMs = 0;
  /** Sum over the waiting calls whose run time can be told. */
  knownWorkMs = 0;
  /** Waiting calls whose run time cannot be told. */
  unknownCalls = 0;

  constructor(model: RunTimeModel, seed: number) {
    this.model = model;
    this.#seed = seed;
  }

  draw(job: { readonly id: number }): number {
    return drawOf(this.#seed, job.id);
  }

  get poolWorkMs(): number {
    return this.unknownCalls > 0 ? NaN : this.knownWorkMs;
  }

  /** A copy that no longer changes. */
  copy(): LoadFigures {
    const { knownWorkMs: _known, unknownCalls: _unknown, model: _model, ...gauges } = this;
    return { ...gauges, poolWorkMs: this.poolWorkMs };
  }

  /** When a dropped job is worth trying again, in ms: for the pool, the time its queue needs. */
  retryAfterMs(hasModule: boolean): number {
    if (!hasModule) return 100;
    if (!this.poolOpen) return 60_000;
    const drainMs = this.poolWorkMs / this.cpuParallelism;
    return Math.max(1, Math.ceil(drainMs >= 0 ? drainMs : 100));
  }
}
