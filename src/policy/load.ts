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
  /**
   * Calls the pool can run at a time, each on a worker of its own: the permits that this router holds or
   * could take now. 0 while other routers hold all permits of a shared semaphore.
   */
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

/**
 * The live load. Each figure has one owner, who alone changes it: the router (`inFlight`), the lanes
 * (capacities, `inline…`, `spawn…`, `batchWaiting`, `poolOpen`), the dispatcher of the pool
 * (`poolRunning`, and what waits, by `countPool`), the loop's meter (`loopLagMs`). `nowMs` is set by
 * whoever is called from outside: by a submit, a worker, a timer.
 */
export class LoadGauges implements Load {
  readonly model: RunTimeModel;
  readonly #seed: number;
  readonly #permits: { readonly free: number };
  nowMs = 0;
  inFlight = 0;
  poolOpen = true;
  poolRunning = 0;
  poolWaiting = 0;
  poolCapacity = 0;
  poolWorkMs = 0;
  batchWaiting = 0;
  spawnRunning = 0;
  spawnWaiting = 0;
  spawnCapacity = 0;
  inlineTurnMs = 0;
  loopLagMs = 0;
  /** Sum over the waiting calls whose run time is known. */
  #knownWorkMs = 0;
  /** Waiting calls whose run time is unknown. */
  #unknownCalls = 0;

  /** `permits` are those of the pool. */
  constructor(model: RunTimeModel, seed: number, permits: { readonly free: number }) {
    this.model = model;
    this.#seed = seed;
    this.#permits = permits;
  }

  get cpuParallelism(): number {
    return this.poolRunning + this.#permits.free;
  }

  draw(job: { readonly id: number }): number {
    return drawOf(this.#seed, job.id);
  }

  /**
   * So many more jobs wait for the pool, in so many more calls; both are negative when they leave.
   * `expectedMs` is the run time of a call. The sum has no drift, as it starts anew when nothing waits.
   */
  countPool(jobs: number, calls: 1 | -1, expectedMs: number): void {
    this.poolWaiting += jobs;
    if (expectedMs >= 0) this.#knownWorkMs += calls * expectedMs;
    else this.#unknownCalls += calls;
    if (this.poolWaiting === 0) this.#knownWorkMs = 0;
    this.poolWorkMs = this.#unknownCalls > 0 ? NaN : this.#knownWorkMs;
  }

  /** A copy that no longer changes. */
  copy(): LoadFigures {
    const { model: _model, ...gauges } = this;
    return { ...gauges, cpuParallelism: this.cpuParallelism };
  }

  /** When a dropped job is worth trying again, in ms: for the pool, the time its queue needs. */
  retryAfterMs(hasModule: boolean): number {
    if (!hasModule) return 100;
    if (!this.poolOpen) return 60_000;
    const drainMs = this.poolWorkMs / Math.max(1, this.cpuParallelism);
    return Math.max(1, Math.ceil(drainMs >= 0 ? drainMs : 100));
  }
}
