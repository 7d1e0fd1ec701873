import type { Call } from "../../job/call.ts";
import { deadlineOf } from "../../policy/deadline.ts";
import type { LoadGauges } from "../../policy/load.ts";
import type { JobFacts } from "../../policy/policy.ts";
import { levelOf } from "./call_queue.ts";
import type { Planned } from "./plan.ts";
import type { Entry } from "./plan_tree.ts";
import type { Server } from "./server.ts";
import type { Shares } from "./shares.ts";
import type { Standing } from "./standing.ts";

/** What a plan leaves free for what it does not know, in ms. */
const MARGIN_MS = 0.3;
/** Without a budget, a call is due so many ms after its arrival, and so many run times of its kind. */
const DUE_MS = 10;
const DUE_RUNS = 5;

/** A waiting call, as it was when it was queued. */
export interface Waiting extends Planned {
  /** The level it came with. */
  readonly ownLevel: number;
  level: number;
  readonly queuedAtMs: number;
  /** Expected run time of each of its jobs alone, in ms; `NaN` if too little is known. */
  readonly aloneMs: number;
  /** Its place among those that have stepped back; `null` if it is not there. */
  spare: Entry | null;
  /** Its place among those of which nothing is known; -1 if it is not there. */
  unknownPlace: number;
}

/** Says when a job is due, when it must have started, and how long it occupies its server, as far as that is known. */
export class Timetable {
  readonly #load: LoadGauges;
  readonly #server: Server;
  readonly #shares: Shares;
  readonly #standing: Standing;

  constructor(load: LoadGauges, server: Server, shares: Shares, standing: Standing) {
    this.#load = load;
    this.#server = server;
    this.#shares = shares;
    this.#standing = standing;
  }

  /** The entry of a call that waits. */
  entryOf(call: Call): Waiting {
    return this.#entry(call, call.facts, call.ticket.queuedAtMs!, call.size);
  }

  /** The entry that a job would have if it came now. */
  entryFor(job: JobFacts): Waiting {
    return this.#entry(null, job, this.#load.nowMs, 1);
  }

  #entry(call: Call | null, facts: JobFacts, queuedAtMs: number, size: number): Waiting {
    const { model } = this.#load;
    const { kind, computeCost, id } = facts;
    const typicalMs = model.typicalMs(kind, computeCost);
    const share = this.#server.shareOf(kind, computeCost);
    const isKnown = share * typicalMs >= 0;
    const isJoined = call === null ? kind.batchable : call.ticket.gathers && !call.isBatch;
    const batch = isKnown && isJoined ? this.#load.batchOf(facts) : null;
    const batchMs = call !== null && call.isBatch
      ? call.ticket.expectedMs
      : batch !== null && batch.pays
      ? batch.runMs
      : NaN;
    const runMs = batch !== null && batch.pays
      ? batch.eachMs
      : batchMs >= 0
      ? batchMs
      : typicalMs * size;
    const keepsMs = share * runMs;
    const ratio = keepsMs > 0 ? keepsMs / (typicalMs * size) : 1;
    // One that tests an estimate goes before all others.
    const isProbe = call !== null && call.jobs.some((job) => job.isProbe);
    const dueMs = isProbe ? timeOf(facts.arrivedAtMs) : this.dueMs(facts);
    const hasBudget = facts.latencyBudgetMs !== Infinity;
    const hasLimit = !isProbe && (hasBudget || this.#standing.isLong);
    const level = levelOf(facts);
    return {
      call: call!,
      id,
      ownLevel: level,
      level,
      dueMs,
      latestStartMs: hasLimit
        ? this.#latestStartMs(facts, dueMs, isKnown ? size : 0, batchMs)
        : Infinity,
      // What is known of it is in doubt; and as the largest, it would have to step back.
      keepsMs: isKnown && !isProbe ? keepsMs : 0,
      variance: isKnown ? model.variance(kind, computeCost) * size * ratio * ratio : 0,
      shareClass: this.#shares.classOf(facts),
      isPatient: !hasBudget && !isProbe,
      isProbe,
      key: facts.key,
      flow: null,
      queuedAtMs,
      aloneMs: isKnown ? typicalMs : NaN,
      spare: null,
      unknownPlace: -1,
    };
  }

  /** When a job is to have ended. */
  dueMs(job: JobFacts): number {
    if (job.latencyBudgetMs !== Infinity) return timeOf(deadlineOf(job));
    const meanMs = this.#load.model.meanMs(job.kind);
    return timeOf(job.arrivedAtMs + DUE_MS + (meanMs >= 0 ? DUE_RUNS * meanMs : 0));
  }

  /**
   * This thread is late to send it, and to hear of its end. `known` of its jobs are expected to take time; `batchMs`
   * is that of the batch that it is or may be part of.
   */
  #latestStartMs(
    { kind, computeCost }: JobFacts,
    dueMs: number,
    known: number,
    batchMs: number,
  ): number {
    const { model, nowMs } = this.#load;
    const endMs = dueMs - MARGIN_MS - this.#server.lagMs;
    if (batchMs >= 0) return endMs - batchMs;
    if (known === 0) return endMs;
    return endMs - known * model.needsMs(kind, computeCost, (endMs - nowMs) / known);
  }
}

/** A policy may have written to the facts of a job: what is no time at all would break the order. */
function timeOf(ms: number): number {
  return typeof ms === "number" && ms === ms ? ms : Infinity;
}
