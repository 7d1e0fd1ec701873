import type { Clock } from "../../clock.ts";
import { JobFailedError } from "../../errors.ts";
import type { Admission } from "../../job/admission.ts";
import type { Call } from "../../job/call.ts";
import type { Job } from "../../job/job.ts";
import type { Lane } from "../../job/lane.ts";
import type { InlineLane } from "../inline.ts";
import { startInMs } from "../queue/plan.ts";
import { hereOnly } from "../../policy/here_only.ts";
import type { LoadGauges, Outlook, PoolWork } from "../../policy/load.ts";
import { isPoolFull } from "../../policy/pool_room.ts";
import {
  type Decision,
  type JobFacts,
  type KindFacts,
  sharedDecision,
} from "../../policy/policy.ts";
import type { WorkerCounts } from "../../worker_counts.ts";
import type { Permits } from "../../semaphore.ts";
import type { BatchTarget } from "../batch.ts";
import type { Places } from "../places.ts";
import type { CallQueue } from "../queue/call_queue.ts";
import { Dispatcher, type DispatchOwner } from "./dispatcher.ts";
import { moveTo } from "../move_to.ts";
import type { PoolOptions } from "./pool.ts";
import { Quarantine } from "./quarantine.ts";
import type { StartGate } from "./start_gate.ts";

/** A call is given up once this many workers have died before they began it. */
const MAX_DEATHS = 3;

/** No lane that could run it has room. */
const FULL = sharedDecision("backpressure_drop", "lane_full");
/** Too many worker threads are lost. */
const LOST = sharedDecision("backpressure_drop", "workers_lost");
/** Its kind has killed too many workers recently. */
const QUARANTINED = sharedDecision("backpressure_drop", "kind_quarantined");
/** It has hardly a chance to end in its budget, or more comes than can be done. */
const TOO_LATE = sharedDecision("backpressure_drop", "too_late");

/** Options of the lane. */
export interface CpuPoolOptions extends PoolOptions {
  /** Number of threads lost at a time at which the pool closes. */
  readonly maxLostWorkers: number;
  /** Workers killed within a minute at which a kind is quarantined. */
  readonly quarantineAfter: number;
  /** Time after which a quarantined kind may run a probe, in ms. */
  readonly quarantineMs: number;
}

/**
 * Runs calls on workers: bounded queue, single dispatcher, pool of workers. The lane decides which
 * calls are accepted, and what becomes of those that a worker did not complete.
 */
export class CpuPoolLane implements Lane, BatchTarget, DispatchOwner, PoolWork {
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  readonly #admission: Admission;
  readonly #inline: InlineLane;
  readonly #places: Places;
  readonly #dispatcher: Dispatcher;
  readonly #gate: StartGate;
  readonly #maxLostWorkers: number;
  declare readonly quarantine: Quarantine;

  constructor(
    admission: Admission,
    load: LoadGauges,
    queue: CallQueue,
    permits: Permits,
    inline: InlineLane,
    places: Places,
    options: CpuPoolOptions,
  ) {
    this.#clock = admission.clock;
    this.#load = load;
    this.#admission = admission;
    this.#inline = inline;
    this.#places = places;
    this.#maxLostWorkers = options.maxLostWorkers;
    this.quarantine = new Quarantine(options.quarantineAfter, options.quarantineMs);
    this.#dispatcher = new Dispatcher(
      admission,
      load,
      queue,
      permits,
      places,
      this.quarantine,
      options,
      this,
    );
    this.#gate = this.#dispatcher.pool.staffing.gate;
  }

  get counts(): WorkerCounts {
    return this.#dispatcher.pool.counts;
  }

  aheadMs(job: JobFacts): number {
    return this.#dispatcher.aheadMs(job);
  }

  leftMs(): number {
    let ms = 0;
    for (const slot of this.#dispatcher.pool.slots.all) ms += slot.leftMs(this.#load.nowMs);
    return ms;
  }

  freeInMs(): readonly number[] {
    return this.#dispatcher.freeInMs();
  }

  outlook(job: JobFacts): Outlook {
    return this.#dispatcher.outlook(job);
  }

  waitMs(job: JobFacts): number {
    const waitMs = startInMs(this.aheadMs(job), this.freeInMs());
    return Math.max(waitMs, this.#places.waitMs(job) || 0);
  }

  holds(kind: KindFacts): boolean {
    return this.#dispatcher.pool.slots.held().some((call) => call.kind === kind);
  }

  get last(): JobFacts | undefined {
    return this.#dispatcher.last;
  }

  /** For how long all workers have been on calls that take longer than expected, in ms. */
  get stuckMs(): number {
    return this.#dispatcher.pool.slots.stuckMs(this.#clock.now());
  }

  /** Why jobs cannot run on workers; `null` if no obstacle is known. */
  get obstacle(): "workers_lost" | "workers_fail" | null {
    if (!this.#load.poolOpen) return "workers_lost";
    return this.#dispatcher.pool.staffing.failure === null ? null : "workers_fail";
  }

  /** Starts the workers that are always kept, and so many at least. */
  warm(done: (error: Error | null) => void, count: number): void {
    this.#dispatcher.pool.staffing.warm(done, count);
  }

  /** Replaces the workers that are there. */
  recycle(done: (error: Error | null) => void): void {
    this.#dispatcher.pool.recycling.start(done);
  }

  refuse(job: Job, leaving?: number): Decision | null {
    const { kind } = job.facts;
    if (kind.hasModule === false) return hereOnly(kind);
    const load = this.#load;
    if (load.poolOpen === false) return LOST;
    const quarantine = this.quarantine;
    if (quarantine.isActive === true && quarantine.bars(kind, load.nowMs)) return QUARANTINED;
    if (isPoolFull(load, leaving)) return FULL;
    if (kind.isLimited === false || !this.#places.mustWait(job)) return null;
    return this.#places.isTooLate(job.facts) ? TOO_LATE : null;
  }

  accept(job: Job): void {
    job.wait();
    if (!job.isOver) this.enqueue(job);
  }

  gathers(jobs: number): void {
    this.#load.batchWaiting += jobs;
  }

  enqueue(call: Call): void {
    if (this.quarantine.isActive === true) {
      call.ticket.isTrial = this.quarantine.admit(call.kind, this.#load.nowMs);
    }
    if (this.#load.poolOpen === false) {
      this.#places.leave(call);
      return call.drop("workers_lost", this.#clock.now());
    }
    if (this.#gate.error !== null) {
      const nowMs = this.#clock.now();
      const obstacle = this.#gate.errorAt(nowMs);
      if (obstacle !== null) {
        this.#places.leave(call);
        return call.fail(obstacle, nowMs);
      }
    }
    this.#dispatcher.enqueue(call);
  }

  /** Sends the calls of this turn, and reads the results that have arrived. */
  exchange(): void {
    this.#dispatcher.exchange();
  }

  held(): readonly Job[] {
    return this.#dispatcher.held().flatMap((call) => call.jobs);
  }

  revoke(call: Call): boolean {
    return this.#dispatcher.revoke(call);
  }

  shrank(call: Call): void {
    this.#dispatcher.shrank(call);
  }

  abort(call: Call, graceMs: number): void {
    call.ticket.holder?.abort(call, graceMs);
  }

  poll(call: Call): void {
    call.ticket.holder?.poll();
  }

  /** Terminates all workers. */
  close(done: () => void): void {
    this.#dispatcher.close(done);
  }

  takesHere({ jobs: [job], isBatch }: Call, mustWait: boolean): "now" | "next_turn" | "no" {
    if (isBatch || this.#admission.reconsider(job) !== "inline") return "no";
    const { facts: { kind, computeCost } } = job;
    if (this.#inline.isSpent) {
      // To send it would take this thread longer than to run it.
      return mustWait || this.#inline.isQuick(kind, computeCost) ? "next_turn" : "no";
    }
    return this.#inline.refuse(job) === null ? "now" : "no";
  }

  moveHere({ jobs: [job] }: Call): void {
    if (!moveTo("inline", this.#inline, job, this.#admission)) return this.#places.leave(job);
    this.#inline.acceptMoved(job);
  }

  /** Nothing of the call has run, so it may wait for another worker. */
  waitsAgain(call: Call): boolean {
    if (++call.ticket.deaths >= MAX_DEATHS) return false;
    if (!call.ticket.isCounted) call.waitAgain();
    return this.#load.poolOpen && !call.isForsaken;
  }

  givenUp(call: Call, error: Error, nowMs: number): void {
    if (call.ticket.deaths >= MAX_DEATHS) call.fail(error, nowMs);
    else call.drop("workers_lost", nowMs);
  }

  crashed(call: Call, error: Error, nowMs: number): void {
    // A worker terminated because a caller had enough says nothing about the kind.
    if (call.jobs.every((job) => job.blamesKind)) {
      this.quarantine.killed(call.kind, nowMs);
    }
    this.#runAlone(call.survivors());
    call.fail(error, this.#clock.now());
  }

  failed(call: Call, error: Error): void {
    call.fail(error, this.#clock.now());
  }

  /** Nothing was sent, so the jobs of a batch may run alone: then only the culprit fails. */
  notSent(call: Call, error: unknown): void {
    if (call.size > 1) this.#runAlone(call.jobs);
    call.fail(new JobFailedError(call.kind.name, error), this.#clock.now());
  }

  #runAlone(jobs: readonly Job[]): void {
    for (const job of jobs) {
      // A callback on a job that failed at once may have aborted this one.
      if (job.isOver || this.refuse(job) !== null) continue;
      job.call = job;
      job.ticket.gathers = false;
      job.retry(this);
      if (!job.isOver) this.enqueue(job);
    }
  }

  startFailed(error: Error): void {
    const nowMs = this.#clock.now();
    for (const call of this.#dispatcher.takeQueued()) call.fail(error, nowMs);
  }

  lostWorkers(count: number): void {
    this.#load.poolOpen = count < this.#maxLostWorkers;
    if (this.#load.poolOpen) return;
    const nowMs = this.#clock.now();
    for (const call of this.#dispatcher.takeQueued()) call.drop("workers_lost", nowMs);
  }
}
