import type { Clock } from "../../clock.ts";
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
  readonly strategy = "cpu_pool";
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  readonly #pool: Pool;
  readonly #dispatcher: Dispatcher;
  readonly #maxLostWorkers: number;
  /** After a failed start, calls fail with its error until the next try. */
  #startError: Error | null = null;
  #failsUntilMs = -Infinity;

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
    job.wait();
    this.enqueue(new Call(job, false));
  }

  enqueue(call: Call): void {
    const nowMs = this.#clock.now();
    if (!this.#load.poolOpen) call.drop("workers_lost", nowMs);
    else if (nowMs < this.#failsUntilMs) call.fail(this.#startError, nowMs);
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
    const nowMs = this.#clock.now();
    for (const job of call.survivors()) {
      // Whoever hears of one that fails at once may have aborted this one.
      if (job.isOver || this.refuse(job) !== null) continue;
      job.retry(this);
      this.enqueue(new Call(job, false));
    }
    call.fail(error, nowMs);
  }

  startFailed(error: Error, retryAtMs: number): void {
    const nowMs = this.#clock.now();
    this.#startError = error;
    this.#failsUntilMs = retryAtMs;
    for (const call of this.#dispatcher.drain()) call.fail(error, nowMs);
  }

  lostWorker(count: number): void {
    if (count < this.#maxLostWorkers) return;
    this.#load.poolOpen = false;
    const nowMs = this.#clock.now();
    for (const call of this.#dispatcher.drain()) call.drop("workers_lost", nowMs);
  }
}
