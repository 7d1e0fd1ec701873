import type { Clock } from "../../clock.ts";
import { JobFailedError } from "../../errors.ts";
import type { Job } from "../../job.ts";
import type { LoadGauges } from "../../load.ts";
import { type Decision, sharedDecision } from "../../policy/policy.ts";
import type { BatchTarget } from "../batch.ts";
import { Call } from "../call.ts";
import type { Lane } from "../lane.ts";
import { Dispatcher } from "./dispatcher.ts";
import { Pool, type PoolOptions, type PoolOwner, type WorkerCounts } from "./pool.ts";
import type { CallQueue } from "./queue.ts";
import { Semaphore } from "./semaphore.ts";

const FULL = sharedDecision("backpressure_drop", "lane_full");
const LOST = sharedDecision("backpressure_drop", "workers_lost");
const NO_MODULE = sharedDecision("spawn", "no_module");

/** Options of the lane. */
export interface CpuPoolOptions extends PoolOptions {
  /** Threads that may be lost before the pool closes. */
  readonly maxLostWorkers: number;
}

/** Runs calls on workers: bounded queue, single dispatcher, semaphore, workers. */
export class CpuPoolLane implements Lane, BatchTarget, PoolOwner {
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  readonly #pool: Pool;
  readonly #dispatcher: Dispatcher;
  readonly #maxLostWorkers: number;

  constructor(clock: Clock, load: LoadGauges, queue: CallQueue, options: CpuPoolOptions) {
    this.#clock = clock;
    this.#load = load;
    this.#maxLostWorkers = options.maxLostWorkers;
    this.#pool = new Pool(clock, options, this);
    const permits = new Semaphore(options.maxWorkers);
    this.#dispatcher = new Dispatcher(clock, load, queue, permits, this.#pool);
  }

  get counts(): WorkerCounts {
    return this.#pool.counts;
  }

  /** Starts the workers that are always kept. */
  warm(done: (error: Error | null) => void): void {
    this.#pool.warm(done);
  }

  refuse(job: Job): Decision | null {
    if (!job.kind.hasModule) return NO_MODULE;
    if (!this.#load.poolOpen) return LOST;
    const waiting = this.#load.poolWaiting + this.#load.batchWaiting;
    return waiting < this.#load.poolCapacity ? null : FULL;
  }

  accept(job: Job): void {
    const call = new Call(job, false);
    job.wait();
    if (!job.isOver) this.enqueue(call);
  }

  enqueue(call: Call): void {
    const obstacle = this.#pool.obstacle;
    if (!this.#load.poolOpen) call.drop("workers_lost", this.#clock.now());
    else if (obstacle !== null) call.fail(obstacle, this.#clock.now());
    else this.#dispatcher.enqueue(call);
  }

  withdraw(job: Job, graceMs: number): void {
    this.dequeue(job.call!, graceMs);
  }

  dequeue(call: Call, graceMs: number): void {
    if (!this.#dispatcher.dequeue(call) && call.slot !== null) this.#pool.stop(call.slot, graceMs);
  }

  /** Ends all workers. */
  close(done: () => void): void {
    this.#pool.close(done);
  }

  pump(): void {
    this.#dispatcher.pump();
  }

  done(call: Call, ok: boolean, value: unknown, runMs: number): void {
    this.#dispatcher.release();
    call.finish(ok, value, runMs, this.#clock.now());
  }

  crashed(call: Call, error: Error): void {
    this.#dispatcher.release();
    this.#runAlone(call.survivors());
    call.fail(error, this.#clock.now());
  }

  /** Nothing of a batch was sent, so its jobs may run alone: only the culprit must fail. */
  notSent(call: Call, error: unknown): void {
    this.#dispatcher.release();
    if (call.size > 1) this.#runAlone(call.jobs);
    call.fail(new JobFailedError(call.kind.name, error), this.#clock.now());
  }

  #runAlone(jobs: readonly Job[]): void {
    for (const job of jobs) {
      // Whoever hears of one that fails at once may have aborted this one.
      if (job.isOver || this.refuse(job) !== null) continue;
      const call = new Call(job, false);
      job.retry(this);
      if (!job.isOver) this.enqueue(call);
    }
  }

  startFailed(error: Error): void {
    const nowMs = this.#clock.now();
    for (const call of this.#dispatcher.drain()) call.fail(error, nowMs);
  }

  lostWorker(count: number): void {
    if (count < this.#maxLostWorkers) return;
    this.#load.poolOpen = false;
    const nowMs = this.#clock.now();
    for (const call of this.#dispatcher.drain()) call.drop("workers_lost", nowMs);
  }
}
