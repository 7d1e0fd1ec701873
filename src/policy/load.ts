import type { RunTimeModel } from "../model/model.ts";
import type { Model } from "../model/prediction.ts";
import { STRATEGIES, type Strategy } from "../outcome.ts";
import { drawOf } from "./draw.ts";
import { type BatchOutlook, batchOutlook } from "./batch_outlook.ts";
import type { JobFacts, KindFacts } from "./policy.ts";
import { poolWaitMsOf } from "./pool_room.ts";
import { MAX_RETURN_MS, Returns } from "./returns.ts";

/** What is assumed of a queue that nothing is known about: the time until all in it have started, in ms. */
export const UNKNOWN_MS = 100;

/** Jobs that keep their thread busy for no longer than this, in ms, are tiny: they may run on the router's. */
export const MOST_TINY_MS = 1;

/** From this chance to be in time on, a job that has waited may start. */
export const LEAST_CHANCE = 0.2;

/** How busy the router is, as plain figures. */
export interface LoadFigures {
  /**
   * When the router was last entered, by a submit, a result or a timer, on its clock, in ms. All
   * that follows synchronously counts as done at this time.
   */
  readonly nowMs: number;
  /** Jobs submitted and not yet settled. */
  readonly inFlight: number;
  /** Jobs that no lane had room for, and that wait until one has: see `whenFull` of a submit. */
  readonly waitingForRoom: number;
  /**
   * Calls the pool can run at a time, each on a worker of its own: the permits that this router
   * holds or could acquire now. 0 while other routers hold all permits of a shared semaphore.
   */
  readonly cpuParallelism: number;
  /** Whether the pool takes jobs; `false` once too many threads are lost. */
  readonly poolOpen: boolean;
  /** Workers that are being started. */
  readonly workersStarting: number;
  /** Workers that are ready, with or without a call. */
  readonly workersReady: number;
  /** Calls the pool is running. */
  readonly poolRunning: number;
  /** Jobs waiting for the pool, including those handed to a worker ahead of time. */
  readonly poolWaiting: number;
  /** Maximum number of jobs waiting for the pool, including those in gathering batches. */
  readonly poolCapacity: number;
  /** Expected run time of all jobs waiting for the pool, in ms; `NaN` if unknown for any. */
  readonly poolWorkMs: number;
  /** Jobs in batches that are still gathering and will go to the pool. */
  readonly batchWaiting: number;
  /** Spawned jobs that are running (unsettled). */
  readonly spawnRunning: number;
  /** Spawned jobs that are waiting. */
  readonly spawnWaiting: number;
  /** Maximum number of spawned jobs waiting. */
  readonly spawnCapacity: number;
  /**
   * Time that the waiting spawned calls are expected to keep this thread busy, in ms; `NaN` if
   * unknown for any.
   */
  readonly spawnWorkMs: number;
  /** Time that inline runs may take in one turn of the event loop, in ms. */
  readonly inlineSliceMs: number;
  /**
   * Time inline runs have taken in this turn of the event loop, in ms; up to a quarter of the slice
   * may be from earlier turns.
   */
  readonly inlineTurnMs: number;
  /** Event loop lag, in ms, smoothed: rises at once, decays slowly. */
  readonly loopLagMs: number;
  /** The mean of the event loop lag over the last 200 ms or so, in ms. */
  readonly loopLagMeanMs: number;
  /**
   * Share of the last second or so, 0 to 1, that this thread was busy, whatever with: a mean in which what
   * is over a second old counts less and less. By the clock's `busyMs()`, which Node's has; elsewhere, by
   * the time of runs on this thread; or by lag, if that is more. Updated every 10 ms while jobs are in
   * flight, which is all that it covers; 0 otherwise.
   */
  readonly loopUtilization: number;
}

/** How busy the router is, as policies see it: a live object, updated in place. */
export interface Load extends LoadFigures {
  /** What the router has learned about run times. */
  readonly model: Model;
  /**
   * Draws a pseudorandom number from 0 to below 1: a function of the router's `seed` and the job's
   * number, so the same each time.
   */
  draw(job: { readonly id: number }): number;
  /** Jobs of a kind that are on a lane, and not yet settled. */
  inFlightOf(kind: KindFacts, strategy: Strategy): number;
  /**
   * Expected time of the calls that wait in a lane and start before a job that is queued there now, or has
   * been, in ms, summed. Those of which nothing is known may count as nothing in the default order, and make it
   * `NaN` in any other. For the pool it is their run time, for spawned calls how long they keep this thread
   * busy. Gathering batches and running calls are not in it.
   */
  aheadMs(lane: QueueLane, job: JobFacts): number;
  /**
   * Expected time until the calls that a lane runs end, in ms, summed; one that has run for longer than
   * expected counts 0; `NaN` if unknown for any. Takes a step for each of them.
   */
  leftMs(lane: QueueLane): number;
  /**
   * How a job that comes now would fare in a lane's queue: one object, overwritten by the next call. With an
   * `order` of the policy's own, `place` goes by what is ahead of the job alone.
   */
  outlook(lane: QueueLane, job: JobFacts): Outlook;
  /** How a job would fare in a batch, if its kind has a `runBatch`. */
  batchOf(job: JobFacts): BatchOutlook;
  /** The job that starts last of those queued in a lane; of a batch, its most urgent one. */
  lastOf(lane: QueueLane): JobFacts | undefined;
}

/** How a job would fare in a queue. */
export interface Outlook {
  /** Expected wait time, in ms; `NaN` if unknown for any of those that wait. */
  readonly waitMs: number;
  /**
   * `in_time`: it is likely to be done within its budget, as far as that is known, others that wait giving
   * way if need be; `doubtful`: it would have to wait until no other does; `late`: there is no hope.
   */
  readonly place: "in_time" | "doubtful" | "late";
}

/** A lane with a queue. */
export type QueueLane = "cpu_pool" | "spawn";

/** What a lane with a queue tells of the calls it holds. */
export interface LaneWork {
  /** Expected time of the waiting calls that start before a job, in ms; see `Load.aheadMs()`. */
  aheadMs(job: JobFacts): number;
  /** Expected time until its running calls end, in ms, summed; `NaN` if unknown for any. */
  leftMs(): number;
  /** When each of its threads is expected to be free, in ms from now, ascending: overwritten each time. */
  freeInMs(): readonly number[];
  /** How a job that comes now would fare. */
  outlook(job: JobFacts): Outlook;
  /** The job that starts last. */
  readonly last: JobFacts | undefined;
}

/** The pool, which has workers. */
export interface PoolWork extends LaneWork {
  /**
   * Expected wait time of a job that comes now, in ms, by what is ahead of it; unlike `outlook()`, this changes no
   * plan.
   */
  waitMs(job: JobFacts): number;
  /** Whether a worker holds a call of a kind. */
  holds(kind: KindFacts): boolean;
}

/** The lanes with a queue. */
export interface QueueLanes extends Readonly<Record<QueueLane, LaneWork>> {
  readonly cpu_pool: PoolWork;
}

/**
 * The live load. Each figure has one owner, the only one to change it: the router (`inFlight`), the
 * waiting room (`waitingForRoom`), the lanes (capacities, `inline…`, `spawn…`, `batchWaiting`, `poolOpen`), the dispatcher of the pool
 * (`poolRunning`, and what waits, by `countPool` and as jobs leave calls that wait), its slots and staffing
 * (`workers…`), the loop lag meter (`loopLagMs`, `loopUtilization`), the metrics (jobs in flight by kind). `nowMs` is set
 * at each entry from outside: by a submit, a worker, a timer.
 */
export class LoadGauges implements Load {
  declare readonly model: RunTimeModel;
  readonly #seed: number;
  readonly #permits: { readonly free: number };
  nowMs = 0;
  inFlight = 0;
  waitingForRoom = 0;
  poolOpen = true;
  workersStarting = 0;
  workersReady = 0;
  poolRunning = 0;
  poolWaiting = 0;
  poolCapacity = 0;
  poolWorkMs = 0;
  batchWaiting = 0;
  spawnRunning = 0;
  spawnWaiting = 0;
  spawnCapacity = 0;
  spawnWorkMs = 0;
  inlineSliceMs = 0;
  /** Jobs in a batch at most. */
  batchMaxSize = 1;
  inlineTurnMs = 0;
  loopLagMs = 0;
  loopLagMeanMs = 0;
  loopUtilization = 0;
  readonly #inFlight: Int32Array;
  #lanes!: QueueLanes;
  /** Time that runs on this thread have kept it busy so far, in ms. */
  ranHereMs = 0;
  /** From when on a submit has calls sent to workers, and their results read, though the turn goes on. */
  exchangeAtMs = 0;
  readonly #poolWork = new WaitingWork();
  readonly #spawnWork = new WaitingWork();
  /** The job whose outlook in the pool was last asked for, when, and its expected wait time. */
  #asked: JobFacts | null = null;
  #askedAtMs = NaN;
  #askedMs = NaN;
  readonly #outlook: { -readonly [K in keyof Outlook]: Outlook[K] } = {
    waitMs: 0,
    place: "in_time",
  };
  readonly #poolReturns = new Returns();
  readonly #spawnReturns = new Returns();

  /**
   * `permits` are those of the pool, `inFlight` the jobs by kind and strategy: kinds by their index, in
   * each the strategies in their order.
   */
  constructor(
    model: RunTimeModel,
    seed: number,
    permits: { readonly free: number },
    inFlight: Int32Array,
  ) {
    this.model = model;
    model.time = this;
    this.#seed = seed;
    this.#permits = permits;
    this.#inFlight = inFlight;
  }

  /** Asks these lanes for what they hold. */
  ask(lanes: QueueLanes): void {
    this.#lanes = lanes;
  }

  get cpuParallelism(): number {
    return this.poolRunning + this.#permits.free;
  }

  draw(job: { readonly id: number }): number {
    return drawOf(this.#seed, job.id);
  }

  inFlightOf({ index }: KindFacts, strategy: Strategy): number {
    return this.#inFlight[index * STRATEGIES.length + STRATEGIES.indexOf(strategy)];
  }

  aheadMs(lane: QueueLane, job: JobFacts): number {
    return this.#lanes[lane].aheadMs(job);
  }

  leftMs(lane: QueueLane): number {
    return this.#lanes[lane].leftMs();
  }

  freeInMs(lane: QueueLane): readonly number[] {
    return this.#lanes[lane].freeInMs();
  }

  outlook(lane: QueueLane, job: JobFacts): Outlook {
    const { waitMs, place } = this.#lanes[lane].outlook(job);
    const outlook = this.#outlook;
    const workMs = lane === "spawn" ? this.spawnWorkMs : this.poolWorkMs;
    // Lanes plan calls of which nothing is known as if they took no time.
    outlook.waitMs = workMs === workMs ? waitMs : NaN;
    outlook.place = place;
    if (lane === "cpu_pool") {
      this.#asked = job;
      this.#askedAtMs = this.nowMs;
      this.#askedMs = outlook.waitMs;
    }
    return outlook;
  }

  /**
   * Expected wait time of a job that was just decided on, in ms; `NaN` if unknown. Unlike an outlook, which
   * was asked for if the policy wanted it, this changes nothing in the lanes.
   *
   * @param isOwn By what is ahead of this very job, as its outlook is: a queue keeps its calls in order for that.
   */
  expectedWaitMs(job: JobFacts, strategy: Strategy, isOwn = false): number {
    if (strategy === "inline") return 0;
    if (strategy === "spawn") {
      return isOwn && this.spawnWorkMs > 0 ? this.#lanes.spawn.aheadMs(job) : this.spawnWorkMs;
    }
    if (strategy !== "cpu_pool") return NaN;
    if (job === this.#asked && this.nowMs === this.#askedAtMs) return this.#askedMs;
    return isOwn && this.poolWorkMs >= 0 ? this.#lanes.cpu_pool.waitMs(job) : poolWaitMsOf(this);
  }

  batchOf({ kind, computeCost, latencyBudgetMs }: JobFacts): BatchOutlook {
    const batch = this.model.batch(kind, computeCost);
    return batchOutlook(batch, this.batchMaxSize, latencyBudgetMs, this.nowMs);
  }

  poolHolds(kind: KindFacts): boolean {
    return this.#lanes.cpu_pool.holds(kind);
  }

  lastOf(lane: QueueLane): JobFacts | undefined {
    return this.#lanes[lane].last;
  }

  /**
   * `jobs` more jobs wait for the pool, in `calls` more calls; both are negative when they leave.
   * `expectedMs` is the expected run time of the call.
   */
  countPool(jobs: number, calls: 1 | -1, expectedMs: number): void {
    this.poolWaiting += jobs;
    this.poolWorkMs = this.#poolWork.count(calls, expectedMs);
  }

  /** The same for spawned calls; `expectedMs` is how long the call is expected to block. */
  countSpawn(jobs: number, calls: 1 | -1, expectedMs: number): void {
    this.spawnWaiting += jobs;
    this.spawnWorkMs = this.#spawnWork.count(calls, expectedMs);
  }

  /** A copy that does not change. */
  copy(): LoadFigures {
    const { model: _, ranHereMs: _here, exchangeAtMs: _at, batchMaxSize: _size, ...gauges } = this;
    return { ...gauges, cpuParallelism: this.cpuParallelism };
  }

  /**
   * When a retry of a dropped job is worthwhile, in ms: once what waits has started, and those who were told
   * before have come back; if all workers have been on calls that take longer than expected for `stuckMs`, after as
   * long again. Whoever asks is told, and counts from then on.
   */
  retryAfterMs(hasModule: boolean, nowMs: number, stuckMs: number): number {
    if (!hasModule) {
      const workMs = Math.max(UNKNOWN_MS, this.spawnWorkMs || 0);
      return this.#spawnReturns.next(nowMs, workMs, this.spawnWaiting, 0);
    }
    if (!this.poolOpen) return MAX_RETURN_MS;
    const drainMs = poolWaitMsOf(this);
    const waiting = this.poolWaiting + this.batchWaiting;
    return this.#poolReturns.next(nowMs, drainMs >= 0 ? drainMs : UNKNOWN_MS, waiting, stuckMs);
  }
}

/** Expected time of the calls that wait for a lane. */
class WaitingWork {
  #calls = 0;
  #unknown = 0;
  #knownMs = 0;

  /** A call waits (1), or no longer does (-1); returns the sum, `NaN` if unknown for any. */
  count(sign: 1 | -1, expectedMs: number): number {
    this.#calls += sign;
    if (expectedMs >= 0) this.#knownMs += sign * expectedMs;
    else this.#unknown += sign;
    if (this.#calls === 0) this.#knownMs = 0; // or rounding errors would add up
    return this.#unknown > 0 ? NaN : this.#knownMs;
  }
}
