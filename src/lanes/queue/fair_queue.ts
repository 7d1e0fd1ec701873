import type { Call } from "../../job/call.ts";
import {
  isPoolFull,
  LEAST_CHANCE,
  type LoadGauges,
  type Outlook,
  poolWaitMsOf,
  type QueueLane,
} from "../../policy/load.ts";
import type { JobFacts } from "../../policy/policy.ts";
import { type CallQueue, levelOf, LEVELS } from "./call_queue.ts";
import { Plan, type Planned } from "./plan.ts";
import { type Entry, PlanTree } from "./plan_tree.ts";
import { PriorityQueue } from "./priority_queue.ts";
import { Shares } from "./shares.ts";
import { Standing } from "./standing.ts";
import { chargeFor, chargeOf, correctFor } from "./turns.ts";

/** How often it is looked whether calls have risen, while they wait for one level. */
const LOOKS_PER_LEVEL = 8;
/** What a plan leaves free for what it does not know, in ms. */
const MARGIN_MS = 0.3;
/** Without a budget, a call is due so many ms after its arrival, and so many run times of its kind. */
const DUE_MS = 10;
const DUE_RUNS = 5;
/** For how long a call that has stepped back waits, in ms, when more comes than can be done. */
const PATIENCE_MS = 1_000;

/** A waiting call, as it was when it was queued. */
interface Waiting extends Planned {
  /** The level it came with. */
  readonly ownLevel: number;
  level: number;
  readonly queuedAtMs: number;
  /** Its place among those that have stepped back; `null` while it is planned. */
  spare: Entry | null;
}

/**
 * The queue of the pool: a {@linkcode Plan}, and the calls that had to step back, which start when no other
 * waits, if they still have a chance; without a budget, one of them starts each `ageingMs` once it has waited
 * for all levels. A higher level of priority goes first; a call rises one for each `ageingMs` that it waits.
 * While all calls are of one kind, and none has a budget, it is a list by arrival, in which keys take turns.
 */
export class FairQueue implements CallQueue {
  readonly #load: LoadGauges;
  readonly #ageingMs: number;
  readonly #shares = new Shares();
  readonly #standing = new Standing();
  readonly #plain: PriorityQueue;
  #plainKind = -1;
  #isPlain = true;
  readonly #entries = new Map<number, Waiting>();
  readonly #plan: Plan<Waiting>;
  /** Those that stepped back, the shortest first. */
  readonly #spare = new PlanTree(1);
  /** Those of kinds that nothing is known of, while the first of them run. */
  readonly #unknown = new Map<Call["kind"], Set<Waiting>>();
  /** Number of waiting calls by the level they came with. */
  readonly #ofLevel: number[] = new Array(LEVELS).fill(0);
  #riseAtMs = 0;
  /** One that has stepped back, and is not to wait any longer; and from when on there may be the next. */
  #overdue: Waiting | null = null;
  #overdueAtMs = 0;
  /** Those that are given up, to be dropped. */
  readonly #shed = new Set<Waiting>();
  readonly #outlook: { -readonly [K in keyof Outlook]: Outlook[K] } = {
    waitMs: 0,
    place: "in_time",
  };

  /** @param isFair Whether classes have equal shares. */
  constructor(load: LoadGauges, lane: QueueLane, ageingMs: number, isFair: boolean) {
    this.#load = load;
    this.#ageingMs = ageingMs;
    this.#plain = new PriorityQueue(ageingMs, isFair);
    this.#plan = new Plan(load, lane, isFair ? this.#shares : null);
  }

  get length(): number {
    return this.#isPlain ? this.#plain.length : this.#entries.size;
  }

  push(call: Call, nowMs: number): void {
    if (this.#staysPlain(call.facts)) return this.#plain.push(call, nowMs);
    call.ticket.queuedAtMs = nowMs;
    this.#add(call);
  }

  putBack(call: Call): void {
    if (this.#staysPlain(call.facts)) return this.#plain.putBack(call);
    call.ticket.queuedAtMs ??= call.facts.submittedAtMs;
    this.#add(call);
  }

  /** Whether the calls need no plan, with one more; else they have one from now on, until none waits. */
  #staysPlain({ kind, latencyBudgetMs }: JobFacts): boolean {
    if (!this.#isPlain) return false;
    if (this.#plain.length === 0) this.#plainKind = kind.index;
    const isAlike = latencyBudgetMs === Infinity && this.#plainKind === kind.index;
    if (isAlike && !this.#standing.isLong) return true;
    this.#isPlain = false;
    for (const call of this.#plain.all()) {
      this.#plain.remove(call);
      this.#add(call);
    }
    return false;
  }

  /** It has become long: jobs without a budget, too, step back if they would wait for long. */
  #becomesLong(): void {
    if (this.#isPlain) {
      // They get their limit as they are planned.
      if (this.#plain.first !== null) this.#staysPlain(this.#plain.first.facts);
      return;
    }
    for (const { call, spare } of [...this.#entries.values()]) {
      if (spare !== null || call.facts.latencyBudgetMs !== Infinity) continue;
      this.remove(call);
      this.#isPlain = false;
      this.#add(call);
    }
  }

  #add(call: Call): void {
    call.ticket.isQueued = true;
    const entry = this.#entryOf(call, call.facts, call.ticket.queuedAtMs!, call.size);
    this.#entries.set(entry.id, entry);
    call.ticket.level = entry.level;
    this.#ofLevel[entry.ownLevel]++;
    const isUnknown = !(this.#load.model.typicalMs(call.kind, call.facts.computeCost) >= 0);
    if (isUnknown && this.#load.inFlightOf(call.kind, "cpu_pool") > 1) {
      // One that takes an age must not fill all workers at once.
      const others = this.#unknown.get(call.kind);
      if (others === undefined) this.#unknown.set(call.kind, new Set([entry]));
      else others.add(entry);
      return this.#stepBack(entry);
    }
    this.#plan.look();
    this.#plan.add(entry);
    this.#plan.settle((one) => this.#stepBack(one));
  }

  #stepBack(entry: Waiting): void {
    entry.spare = { ...entry, dueMs: entry.keepsMs, latestStartMs: Infinity };
    this.#spare.add(entry.spare);
  }

  /** `call` is `null` for a job that is not in the queue. */
  #entryOf(call: Call | null, facts: JobFacts, queuedAtMs: number, size: number): Waiting {
    const { model } = this.#load;
    const { kind, computeCost, id } = facts;
    const typicalMs = model.typicalMs(kind, computeCost);
    const isKnown = typicalMs >= 0;
    const isJoined = call === null ? kind.batchable : call.ticket.gathers && !call.isBatch;
    const batch = isJoined ? this.#load.batchOf(facts) : null;
    const batchMs = call !== null && call.isBatch
      ? call.ticket.expectedMs
      : batch !== null && batch.pays
      ? batch.runMs
      : NaN;
    const keepsMs = batch !== null && batch.pays
      ? batch.eachMs
      : batchMs >= 0
      ? batchMs
      : typicalMs * size;
    const ratio = keepsMs > 0 ? keepsMs / (typicalMs * size) : 1;
    // One that tests an estimate goes before all others.
    const isProbe = call !== null && call.jobs.some((job) => job.isProbe);
    const dueMs = isProbe ? timeOf(facts.arrivedAtMs) : this.#dueMs(facts);
    const hasBudget = facts.latencyBudgetMs !== Infinity;
    const hasLimit = !isProbe && (hasBudget || this.#standing.isLong);
    const ownLevel = levelOf(facts);
    return {
      call: call!,
      id,
      ownLevel,
      level: this.#risen(ownLevel, queuedAtMs),
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
      spare: null,
    };
  }

  #dueMs({ kind, arrivedAtMs, latencyBudgetMs }: JobFacts): number {
    if (latencyBudgetMs !== Infinity) return timeOf(arrivedAtMs + latencyBudgetMs);
    const meanMs = this.#load.model.meanMs(kind);
    return timeOf(arrivedAtMs + DUE_MS + (meanMs >= 0 ? DUE_RUNS * meanMs : 0));
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
    const { model, nowMs, loopLagMs } = this.#load;
    const endMs = dueMs - MARGIN_MS - loopLagMs;
    if (batchMs >= 0) return endMs - batchMs;
    if (known === 0) return endMs;
    return endMs - known * model.needsMs(kind, computeCost, (endMs - nowMs) / known);
  }

  outlook(job: JobFacts): Outlook {
    const outlook = this.#outlook;
    const load = this.#load;
    const { nowMs } = load;
    this.#plan.look();
    const isFull = load.waitingForRoom === 0 && isPoolFull(load);
    if (this.#standing.note(this.length, poolWaitMsOf(load), isFull, nowMs)) this.#becomesLong();
    if (job.latencyBudgetMs === Infinity && !this.#standing.isOverload) {
      return this.#outlookOfPatient(job);
    }
    if (this.#isPlain && this.#plain.length > 0) this.#staysPlain(job);
    this.#plan.settle((one) => this.#stepBack(one));
    const entry = this.#entryOf(null, job, nowMs, 1);
    outlook.waitMs = this.#plan.startInMs(this.#plan.beforeMs(entry));
    outlook.place = "in_time";
    if (!this.#plan.hasRoomFor(entry)) {
      // One without a budget would stay for ever.
      const isLikely = job.latencyBudgetMs !== Infinity &&
        !(load.model.shareWithin(
          job.kind,
          job.computeCost,
          entry.dueMs - nowMs - outlook.waitMs,
        ) < LEAST_CHANCE);
      outlook.place = isLikely ? "doubtful" : "late";
    }
    return outlook;
  }

  /** A job without a budget has time, unless more comes than can be done. */
  #outlookOfPatient(job: JobFacts): Outlook {
    const outlook = this.#outlook;
    outlook.waitMs = this.#plan.startInMs(this.aheadMs(job, this.#load.nowMs));
    outlook.place = "in_time";
    return outlook;
  }

  get first(): Call | null {
    if (this.#isPlain) return this.#plain.first;
    const { nowMs } = this.#load;
    if (nowMs >= this.#riseAtMs) this.#promote(nowMs);
    for (const { call } of this.#shed) return call;
    if (this.#overdue !== null) return this.#overdue.call;
    if (this.#unknown.size > 0) this.#planKnown();
    for (let entry = this.#plan.next; entry !== null; entry = this.#plan.next) {
      if (entry.latestStartMs >= nowMs || this.#isHopeless(entry, nowMs)) return entry.call;
      this.#plan.remove(entry);
      this.#stepBack(entry);
    }
    return this.#spare.first?.call ?? null;
  }

  /** Whether a call has no chance to be in time: then it is dropped as it is to start. */
  #isHopeless({ call: { facts } }: Waiting, nowMs: number): boolean {
    const leftMs = facts.arrivedAtMs + facts.latencyBudgetMs - nowMs;
    return this.#load.model.shareWithin(facts.kind, facts.computeCost, leftMs) < LEAST_CHANCE;
  }

  /** Plans the calls of kinds of which something is known by now. */
  #planKnown(): void {
    const { model } = this.#load;
    for (const [kind, entries] of [...this.#unknown]) {
      if (!(model.typicalMs(kind, NaN) >= 0)) continue;
      for (const { call } of [...entries]) {
        this.remove(call);
        this.#isPlain = false;
        this.#add(call);
      }
    }
  }

  /** A call rises no higher than the others came: it must not overtake those that are due earlier. */
  #risen(ownLevel: number, queuedAtMs: number): number {
    const levels = Math.trunc((this.#load.nowMs - queuedAtMs) / this.#ageingMs);
    if (!(levels > 0)) return ownLevel;
    let highest = LEVELS - 1;
    while (highest > ownLevel && this.#ofLevel[highest] === 0) highest--;
    return Math.min(highest, ownLevel + levels);
  }

  /** Has calls rise, a few at a time. */
  #promote(nowMs: number): void {
    this.#riseAtMs = nowMs + this.#ageingMs / LOOKS_PER_LEVEL;
    const patience = LEVELS * this.#ageingMs;
    for (const entry of this.#entries.values()) {
      if (entry.spare !== null) {
        if (this.#isSpent(entry, nowMs)) {
          entry.call.ticket.isShed = true;
          this.#shed.add(entry);
        }
        const mayWait = entry.latestStartMs !== Infinity || nowMs - entry.queuedAtMs < patience;
        if (!mayWait && nowMs >= this.#overdueAtMs) this.#overdue ??= entry;
        continue;
      }
      const level = this.#risen(entry.ownLevel, entry.queuedAtMs);
      if (level === entry.level) continue;
      this.#plan.remove(entry);
      entry.level = level;
      entry.call.ticket.level = level;
      this.#plan.add(entry);
    }
  }

  /** Whether a call without a budget has waited in vain for long enough. */
  #isSpent({ call, queuedAtMs }: Waiting, nowMs: number): boolean {
    return this.#standing.isOverload && call.facts.latencyBudgetMs === Infinity &&
      nowMs - queuedAtMs >= PATIENCE_MS;
  }

  /** Of the same class, so of a similar budget. */
  mateOf(call: Call, untilMs: number): Call | null {
    if (this.#isPlain) return this.#plain.mateOf(call, untilMs);
    if (this.#plan.size === 0) return this.#spare.first?.call ?? null;
    const shareClass = this.#shares.classOf(call.facts);
    const mate = this.#plan.firstOf(shareClass);
    if (mate === null) return null;
    const other = this.#plan.firstOfOthers(shareClass);
    const isHeldUp = other !== null &&
      (other.level > mate.level || other.latestStartMs < untilMs);
    return isHeldUp ? null : mate.call;
  }

  get last(): Call | null {
    if (this.#isPlain) return this.#plain.last;
    return (this.#spare.last ?? this.#plan.last)?.call ?? null;
  }

  aheadMs(job: JobFacts, nowMs: number): number {
    if (this.#isPlain) return this.#plain.aheadMs(job, nowMs);
    const entry = this.#entries.get(job.id);
    if (entry !== undefined && entry.spare !== null) {
      return this.#plan.keepsMs + this.#spare.before(entry.spare).keepsMs;
    }
    if (entry !== undefined) return this.#plan.beforeMs(entry);
    const place = { level: levelOf(job), dueMs: this.#dueMs(job), id: Infinity };
    if (job.latencyBudgetMs !== Infinity) return this.#plan.beforeMs(place);
    return this.#plan.beforePatientMs({
      ...place,
      shareClass: this.#shares.classOf(job),
      key: job.key,
    });
  }

  remove(call: Call): boolean {
    if (this.#isPlain) return this.#plain.remove(call);
    if (!call.ticket.isQueued) return false;
    call.ticket.isQueued = false;
    const entry = this.#entries.get(call.facts.id)!;
    this.#entries.delete(entry.id);
    const unknown = this.#unknown.get(call.kind);
    if (unknown?.delete(entry) === true && unknown.size === 0) this.#unknown.delete(call.kind);
    this.#ofLevel[entry.ownLevel]--;
    this.#shed.delete(entry);
    if (entry === this.#overdue) {
      this.#overdue = null;
      this.#overdueAtMs = this.#load.nowMs + this.#ageingMs;
    }
    if (entry.spare === null) this.#plan.remove(entry);
    else this.#spare.remove(entry.spare);
    this.#isPlain = this.#entries.size === 0;
    return true;
  }

  started(call: Call): void {
    const { facts, ticket: { expectedMs, level, flow } } = call;
    this.#standing.start();
    if (flow !== null) chargeFor(call);
    if (this.#isPlain && !(expectedMs > 0)) return;
    const shareClass = this.#shares.classOf(facts);
    if (!this.#isPlain && facts.latencyBudgetMs === Infinity) {
      this.#plan.started(shareClass, level, chargeOf(expectedMs));
    }
    if (expectedMs > 0) this.#shares.give(shareClass, expectedMs, this.#load.nowMs);
  }

  ran(call: Call, ms: number): void {
    correctFor(call, ms);
  }

  all(): Call[] {
    if (this.#isPlain) return this.#plain.all();
    return [...this.#entries.values()].map(({ call }) => call);
  }
}

/** A policy may have written to the facts of a job: what is no time at all would break the order. */
function timeOf(ms: number): number {
  return typeof ms === "number" && ms === ms ? ms : Infinity;
}
