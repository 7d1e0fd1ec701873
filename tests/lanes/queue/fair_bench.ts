import type { BatchCall } from "../../../src/lanes/batch_call.ts";
import { Job } from "../../../src/job/job.ts";
import type { JobOwner } from "../../../src/job/job_owner.ts";
import { Ticket } from "../../../src/job/ticket.ts";
import { FairQueue } from "../../../src/lanes/queue/fair_queue.ts";
import { PoolServer } from "../../../src/lanes/queue/server.ts";
import { RunTimeModel } from "../../../src/model/model.ts";
import { STRATEGIES } from "../../../src/outcome.ts";
import { LoadGauges, type PoolWork } from "../../../src/policy/load.ts";
import { Facts } from "../../../src/submit/facts.ts";
import { givenIn, NOTHING_GIVEN } from "../../../src/submit/given.ts";
import type { SubmitOptions } from "../../../src/submit/hints.ts";
import { KindInfo } from "../../../src/submit/kind.ts";

const KINDS = Array.from(
  { length: 4 },
  (_, index) => new KindInfo(`k${index}`, index, { run: () => null }, undefined, true),
);
const nobody = undefined as unknown as JobOwner;

/** A queue of a pool whose time, and workers, are set by hand, and jobs for it. */
export class FairBench {
  readonly model = new RunTimeModel(KINDS.length);
  readonly #inFlight = new Int32Array(KINDS.length * STRATEGIES.length);
  readonly #permits = { free: 1 };
  readonly load: LoadGauges;
  readonly queue: FairQueue;
  /** When each worker is free, in ms from now. */
  free: readonly number[] = [0];
  /** Kinds of which a worker holds a call. */
  readonly held: Set<number> = new Set();
  #id = 0;

  constructor({ ageingMs = 500, isFair = false } = {}) {
    this.load = new LoadGauges(this.model, 1, this.#permits, this.#inFlight);
    const queue = this.queue = new FairQueue(
      this.load,
      new PoolServer(this.load),
      ageingMs,
      isFair,
    );
    const lane: Partial<PoolWork> = {
      freeInMs: () => this.free,
      outlook: (job) => queue.outlook(job),
      holds: ({ index }) => this.held.has(index),
    };
    this.load.ask({ cpu_pool: lane as PoolWork, spawn: lane as PoolWork });
  }

  set workers(count: number) {
    this.#permits.free = count;
    this.free = new Array(count).fill(0);
  }

  /** Has it be known that jobs of a kind take so long. */
  know(kind: number, ms: number, runs = 50): this {
    for (let i = 0; i < runs; i++) this.model.learn(KINDS[kind], NaN, ms, ms, this.load.nowMs);
    return this;
  }

  /** A job that arrives now. */
  job(kind: number, options: SubmitOptions = {}): Job {
    const given = givenIn("k", options, {
      clock: { now: () => this.load.nowMs },
      keepContext: () => undefined,
    });
    const facts = new Facts(++this.#id, KINDS[kind], given.computeCost ?? NaN, given);
    facts.submittedAtMs = facts.arrivedAtMs = this.load.nowMs;
    const job = new Job(facts, nobody, null, NOTHING_GIVEN);
    job.ticket = new Ticket();
    this.inFlight(kind, 1);
    return job;
  }

  /** So many more jobs of a kind are on the pool. */
  inFlight(kind: number, change: number): void {
    this.#inFlight[kind * STRATEGIES.length + STRATEGIES.indexOf("cpu_pool")] += change;
  }

  /** Puts a job into the queue that arrives now. */
  push(kind: number, options?: SubmitOptions): Job {
    const job = this.job(kind, options);
    job.forecast(this.load);
    this.queue.push(job, this.load.nowMs);
    return job;
  }

  /** Number of the job that starts next, and of the one that starts last. */
  get ends(): (number | undefined)[] {
    return [this.queue.first?.facts.id, this.queue.last?.facts.id];
  }

  /** What is ahead of a job, in whole ms. */
  aheadMs({ facts }: Job): number {
    return Math.round(this.queue.aheadMs(facts, this.load.nowMs));
  }

  /** Takes out what starts next. */
  take(): Job | BatchCall | null {
    const call = this.queue.first as Job | BatchCall | null;
    if (call === null) return null;
    this.queue.remove(call);
    this.queue.started(call);
    this.held.add(call.kind.index);
    return call;
  }

  /** Takes out all that is in it; the numbers of the jobs, in order. */
  drain(): number[] {
    const ids: number[] = [];
    for (let call = this.take(); call !== null; call = this.take()) ids.push(call.facts.id);
    return ids;
  }
}
