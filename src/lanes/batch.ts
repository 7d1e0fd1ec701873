import type { Clock, Timer } from "../clock.ts";
import type { Admission } from "../job/admission.ts";
import type { Call } from "../job/call.ts";
import type { Job } from "../job/job.ts";
import type { Lane } from "../job/lane.ts";
import type { LoadGauges } from "../policy/load.ts";
import { type Decision, type KindFacts, sharedDecision } from "../policy/policy.ts";
import { BatchCall } from "./batch_call.ts";

/** A batch was wanted, but its kind has no `runBatch`. */
const ALONE = sharedDecision("cpu_pool", "no_run_batch");
/** A batch was wanted, but its kind has no `runBatch`. */
const ALONE_HERE = sharedDecision("spawn", "no_run_batch");

/** Maximum share of its latency budget that a job spends on waiting for others in its batch. */
const BUDGET_SHARE = 1 / 4;

/** Where a gathered batch goes: the pool, or the spawn lane for kinds without a module. */
export interface BatchTarget {
  /** Returns `null` if it takes the job, else the decision to follow instead. */
  refuse(job: Job, leaving?: number): Decision | null;
  /** `jobs` more (or fewer) jobs gather for it: they count against its capacity. */
  gathers(jobs: number): void;
  /** Takes the call; there is room, as gathering jobs count against its capacity. */
  enqueue(call: Call): void;
  /** Revokes a call that has not begun, and frees its place; returns `false` if it has. */
  revoke(call: Call): boolean;
  /** A job has left a call that waits here; if it was the last one, the call is removed, too. */
  shrank(call: Call): void;
  /** Asks a worker to stop a call that has begun. */
  abort(call: Call, graceMs: number): void;
  /** Settles the call if its result has arrived but has not been read. */
  poll(call: Call): void;
}

/** A batch that still gathers jobs, and when it closes. */
interface Gathering {
  readonly call: BatchCall;
  closesAtMs: number;
  timer: Timer | null;
  /** Whether others may join while it is queued. */
  gathers: boolean;
}

/**
 * Gathers jobs per kind and passes them on as one call. Those whose decision says how long they may wait for
 * others gather in the queue, too: those that wait when a thread gets free go together.
 */
export class BatchLane implements Lane {
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #load: LoadGauges;
  readonly #pool: BatchTarget;
  readonly #spawn: BatchTarget;
  /** Maximum time the first job of a batch waits for others, in ms. */
  #maxDelayMs = 0;
  /** By kind, or by key where a kind runs so many of each at a time. */
  readonly #gathering = new Map<number | string, Gathering>();

  constructor(
    admission: Admission,
    load: LoadGauges,
    pool: BatchTarget,
    spawn: BatchTarget,
  ) {
    this.#clock = admission.clock;
    this.#admission = admission;
    this.#load = load;
    this.#pool = pool;
    this.#spawn = spawn;
  }

  /** Changes the limits; batches that are full by the new ones are passed on. */
  tune(maxDelayMs: number): void {
    this.#maxDelayMs = maxDelayMs;
    for (const gathering of [...this.#gathering.values()]) {
      if (gathering.call.size >= this.#load.batchMaxSize) this.#passOn(gathering);
    }
  }

  refuse(job: Job, leaving?: number): Decision | null {
    if (!job.kind.batchable) return job.kind.hasModule ? ALONE : ALONE_HERE;
    return this.#targetOf(job.kind).refuse(job, leaving);
  }

  accept(job: Job): void {
    // The calls of a kind that is limited wait for their places, each by itself, and not in a queue.
    const gatherMs = job.kind.isLimited ? undefined : gatherMsOf(job);
    if (gatherMs === 0 && !this.#gathering.has(groupOf(job))) return this.#queue(job);
    const gathering = this.#join(job);
    gathering.gathers = gatherMs !== undefined;
    this.#targetOf(job.kind).gathers(1);
    job.wait();
    if (job.isOver) return;
    this.#admission.watch(job);
    if (gathering.call.size >= this.#load.batchMaxSize) return this.#passOn(gathering);
    if (gatherMs === 0) return this.#passOn(gathering);
    const { latencyBudgetMs, submittedAtMs, arrivedAtMs } = job.facts;
    const closesAtMs = Math.min(
      submittedAtMs + this.#maxDelayMs,
      gatherMs !== undefined
        ? submittedAtMs + gatherMs
        : arrivedAtMs + latencyBudgetMs * BUDGET_SHARE,
    );
    if (closesAtMs >= gathering.closesAtMs) return;
    gathering.timer?.cancel();
    gathering.closesAtMs = closesAtMs;
    // A timer would be late by up to a second.
    if (this.#clock.isThrottled?.(this.#load.nowMs)) {
      return this.#clock.post((due) => this.#passOn(due), gathering);
    }
    const delayMs = Math.max(0, closesAtMs - this.#load.nowMs);
    gathering.timer = this.#clock.setTimer(delayMs, (due) => this.#passOn(due), gathering);
  }

  revoke(job: Job): boolean {
    if (job.call === job) return this.#targetOf(job.kind).revoke(job);
    const call = job.call as BatchCall;
    const gathering = this.#gathering.get(call.group);
    if (gathering?.call === call) {
      call.remove(job);
      this.#targetOf(job.kind).gathers(-1);
      if (call.size === 0) this.#forget(gathering);
    } else if (call.ticket.isQueued) {
      call.remove(job);
      this.#targetOf(job.kind).shrank(call);
    } else return false;
    return true;
  }

  /** The gathering jobs; all others are in the pool or the spawn lane. */
  held(): readonly Job[] {
    return [...this.#gathering.values()].flatMap(({ call }) => call.jobs);
  }

  abort(job: Job, graceMs: number): void {
    const { call } = job;
    const nowMs = this.#clock.now();
    const graceEndsAtMs = Math.min(call.ticket.graceEndsAtMs ?? Infinity, nowMs + graceMs);
    call.ticket.graceEndsAtMs = graceEndsAtMs;
    if (!call.isForsaken) return;
    this.#targetOf(job.kind).abort(call, Math.max(0, graceEndsAtMs - nowMs));
  }

  poll(job: Job): void {
    this.#targetOf(job.kind).poll(job.call);
  }

  /** Stops gathering and passes the batch on. */
  #passOn(gathering: Gathering): void {
    const { call, gathers } = gathering;
    if (this.#gathering.get(call.group) !== gathering) return; // it has been closed already
    this.#forget(gathering);
    this.#load.nowMs = this.#clock.now();
    const target = this.#targetOf(call.kind);
    target.gathers(-call.size);
    if (!gathers) return target.enqueue(call);
    const [first] = call.jobs;
    const next = call.size === 1 ? first.call = first : call; // one alone needs no batch
    next.ticket.gathers = true;
    target.enqueue(next);
  }

  #queue(job: Job): void {
    job.wait();
    if (job.isOver) return;
    job.ticket.gathers = true;
    this.#targetOf(job.kind).enqueue(job);
  }

  #targetOf(kind: KindFacts): BatchTarget {
    return kind.hasModule ? this.#pool : this.#spawn;
  }

  #join(job: Job): Gathering {
    const open = this.#gathering.get(groupOf(job));
    if (open !== undefined) {
      open.call.add(job);
      return open;
    }
    const call = new BatchCall(job, groupOf(job));
    const gathering = { call, closesAtMs: Infinity, timer: null, gathers: false };
    this.#gathering.set(call.group, gathering);
    return gathering;
  }

  #forget(gathering: Gathering): void {
    gathering.timer?.cancel();
    this.#gathering.delete(gathering.call.group);
  }
}

/** How long a job may wait for others, in ms, if its decision says so; what is no time is none. */
function gatherMsOf({ decision: { gatherMs } }: Job): number | undefined {
  return gatherMs === undefined ? undefined : gatherMs > 0 ? gatherMs : 0;
}

/** Jobs of one group are gathered into one call: a call is of one key if its kind counts those. */
function groupOf({ kind, facts: { key } }: Job): number | string {
  return kind.limits.concurrencyPerKey === Infinity ? kind.index : `${kind.index} ${key}`;
}
