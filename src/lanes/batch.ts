import type { Clock } from "../clock.ts";
import type { Job } from "../job.ts";
import type { KindInfo } from "../kind.ts";
import type { LoadGauges } from "../load.ts";
import type { Decision } from "../policy/policy.ts";
import { BatchCall } from "./batch_call.ts";
import type { Call } from "./call.ts";
import type { Lane } from "./lane.ts";

const FULL: Decision = Object.freeze({ strategy: "backpressure_drop", reason: "lane_full" });
const ALONE: Decision = Object.freeze({ strategy: "cpu_pool", reason: "no_run_batch" });
const ALONE_HERE: Decision = Object.freeze({ strategy: "spawn", reason: "no_run_batch" });

/** Where a gathered batch goes: the pool, or the spawn lane for kinds of this thread. */
export interface BatchTarget {
  /** Takes the call; there is room, as gathering jobs count against it. */
  enqueue(call: Call): void;
  /** Frees the place of a waiting call, or tells a running one to stop. */
  dequeue(call: Call, graceMs: number): void;
}

/** Options of the batch lane. */
export interface BatchLaneOptions {
  /** Jobs in a batch at most. */
  readonly maxSize: number;
  /** Time the first job of a batch waits for others at most, in ms. */
  readonly maxDelayMs: number;
}

/** A gathering job gives at most this part of its budget to waiting for others. */
const BUDGET_SHARE = 1 / 4;

/** Gathers jobs per kind and hands them on as one call. */
export class BatchLane implements Lane {
  readonly strategy = "batch";
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  readonly #pool: BatchTarget;
  readonly #spawn: BatchTarget;
  readonly #options: BatchLaneOptions;
  readonly #gathering = new Map<KindInfo, BatchCall>();

  constructor(
    clock: Clock,
    load: LoadGauges,
    pool: BatchTarget,
    spawn: BatchTarget,
    options: BatchLaneOptions,
  ) {
    this.#clock = clock;
    this.#load = load;
    this.#pool = pool;
    this.#spawn = spawn;
    this.#options = options;
  }

  refuse(job: Job): Decision | null {
    const load = this.#load;
    if (!job.kind.batchable) return job.kind.hasModule ? ALONE : ALONE_HERE;
    if (!job.kind.hasModule) return load.spawnWaiting < load.spawnCapacity ? null : FULL;
    const hasRoom = load.poolOpen && load.poolWaiting + load.batchWaiting < load.poolCapacity;
    return hasRoom ? null : FULL;
  }

  accept(job: Job): void {
    let batch = this.#gathering.get(job.kind);
    if (batch === undefined) {
      batch = new BatchCall(job.kind);
      this.#gathering.set(job.kind, batch);
    }
    batch.add(job);
    this.#count(job.kind, 1);
    job.wait();
    if (batch.size >= this.#options.maxSize) return this.close(batch);
    const patienceMs = Math.min(this.#options.maxDelayMs, job.latencyBudgetMs * BUDGET_SHARE);
    const closesAtMs = job.submittedAtMs + patienceMs;
    if (closesAtMs >= batch.closesAtMs) return;
    batch.timer?.cancel();
    batch.closesAtMs = closesAtMs;
    batch.timer = this.#clock.setTimer(patienceMs, onDelayOver, { lane: this, batch });
  }

  withdraw(job: Job, graceMs: number): void {
    const batch = job.call as BatchCall;
    if (batch.isGathering) {
      batch.remove(job);
      this.#count(job.kind, -1);
      if (batch.size === 0) this.#forget(batch);
      return;
    }
    const target = this.#targetOf(job.kind);
    if (job.state === "waiting") {
      batch.remove(job);
      if (job.kind.hasModule) this.#load.poolWaiting--;
      else this.#load.spawnWaiting--;
      if (batch.size === 0) target.dequeue(batch, graceMs);
    } else if (batch.isForsaken) {
      batch.context?.abort(job.value);
      target.dequeue(batch, graceMs);
    }
  }

  /** Stops gathering and hands the batch on. */
  close(batch: BatchCall): void {
    if (!batch.isGathering) return;
    this.#forget(batch);
    this.#count(batch.kind, -batch.size);
    this.#targetOf(batch.kind).enqueue(batch);
  }

  #forget(batch: BatchCall): void {
    batch.timer?.cancel();
    batch.timer = null;
    batch.isGathering = false;
    this.#gathering.delete(batch.kind);
  }

  #count(kind: KindInfo, jobs: number): void {
    if (kind.hasModule) this.#load.batchWaiting += jobs;
    else this.#load.spawnWaiting += jobs;
  }

  #targetOf(kind: KindInfo): BatchTarget {
    return kind.hasModule ? this.#pool : this.#spawn;
  }
}

function onDelayOver({ lane, batch }: { lane: BatchLane; batch: BatchCall }): void {
  lane.close(batch);
}
