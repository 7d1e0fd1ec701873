import type { Call } from "../../job/call.ts";
import { deadlineOf } from "../../policy/deadline.ts";
import { LEAST_CHANCE, type LoadGauges, MOST_TINY_MS, type Outlook } from "../../policy/load.ts";
import type { JobFacts, KindFacts } from "../../policy/policy.ts";
import { type CallQueue, levelOf, LEVELS } from "./call_queue.ts";
import { Plan } from "./plan.ts";
import { isBefore, PlanTree } from "./plan_tree.ts";
import type { Server } from "./server.ts";
import { Shares } from "./shares.ts";
import type { Standing } from "./standing.ts";
import { Timetable, type Waiting } from "./timetable.ts";
import { chargeOf } from "./turns.ts";
import { UnknownCalls } from "./unknown_calls.ts";

/** How often it is looked whether calls have risen, while they wait for one level. */
const LOOKS_PER_LEVEL = 8;
/** While few calls of a kind have run, others are planned only if they are expected to take this, in ms. */
const LONG_MS = 5;
/** For how long a call that has stepped back waits, in ms, when more comes than can be done. */
const PATIENCE_MS = 1_000;

/**
 * A {@linkcode Plan}, and the calls that had to step back, which start when no other waits, if they still have a
 * chance; without a budget, one of them starts each `ageingMs` once it has waited for all levels. A higher level
 * of priority goes first; a call rises one for each `ageingMs` that it waits. Calls of which little is known are in no
 * plan: they start by their deadlines, beside those that are.
 */
export class PlannedQueue implements CallQueue {
  readonly #load: LoadGauges;
  readonly #server: Server;
  readonly #ageingMs: number;
  readonly #shares = new Shares();
  readonly #standing: Standing;
  readonly #timetable: Timetable;
  readonly #entries = new Map<number, Waiting>();
  readonly #plan: Plan<Waiting>;
  /** Those that stepped back, the shortest first. */
  readonly #spare = new PlanTree(1);
  readonly #unknown = new UnknownCalls();
  /** Number of waiting calls by the level they came with. */
  readonly #ofLevel: number[] = new Array(LEVELS).fill(0);
  #riseAtMs = 0;
  /** Number of one that has stepped back, and is not to wait any longer; and from when on there may be the next. */
  #overdueId = -1;
  #overdueAtMs = 0;
  /** Those without a budget that stepped back and are not given up, in that order. */
  readonly #postponed = new Set<Waiting>();
  /** Those that are given up, to be dropped. */
  readonly #shed = new Set<Waiting>();
  readonly #outlook: { -readonly [K in keyof Outlook]: Outlook[K] } = {
    waitMs: 0,
    place: "in_time",
  };

  /** @param isFair Whether classes have equal shares. */
  constructor(
    load: LoadGauges,
    server: Server,
    ageingMs: number,
    isFair: boolean,
    standing: Standing,
  ) {
    this.#load = load;
    this.#server = server;
    this.#ageingMs = ageingMs;
    this.#standing = standing;
    this.#timetable = new Timetable(load, server, this.#shares, standing);
    this.#plan = new Plan(load, server, isFair ? this.#shares : null);
  }

  get length(): number {
    return this.#entries.size;
  }

  push(call: Call, nowMs: number): void {
    call.ticket.queuedAtMs = nowMs;
    this.putBack(call);
  }

  putBack(call: Call): void {
    this.putAllBack([call]);
  }

  /** `mustPlan` tells that what is known of them is enough for a plan. */
  putAllBack(calls: readonly Call[], mustPlan = false): void {
    let isPlanned = false;
    for (const call of calls) if (this.#enter(call, mustPlan)) isPlanned = true;
    if (!isPlanned) return;
    this.#plan.look();
    this.#settle();
  }

  /** Returns whether it is planned. */
  #enter(call: Call, mustPlan: boolean): boolean {
    const { ticket, kind, facts } = call;
    ticket.queuedAtMs ??= facts.submittedAtMs;
    ticket.isQueued = true;
    const entry = this.#timetable.entryOf(call);
    entry.level = this.#risen(entry.ownLevel, entry.queuedAtMs);
    this.#entries.set(entry.id, entry);
    ticket.level = entry.level;
    this.#ofLevel[entry.ownLevel]++;
    const isPlanned = mustPlan || this.#isPlannable(kind, entry.aloneMs, 0);
    if (isPlanned) this.#plan.add(entry);
    else this.#unknown.add(entry);
    return isPlanned;
  }

  /** Whether what is known of a kind is worth a plan. First runs take longer than others: only long ones count. */
  #isPlannable(kind: KindFacts, ms: number, leastMs: number): boolean {
    return ms >= (this.#load.model.isNew(kind) ? LONG_MS : leastMs);
  }

  /** Those without a budget get a limit: they step back if they would wait for long. */
  becomesLong(): void {
    this.#planAll(
      [...this.#entries.values()].filter((entry) =>
        isPlanned(entry) && entry.call.facts.latencyBudgetMs === Infinity
      ),
    );
  }

  /** Looks at the workers as they are now. */
  look(): void {
    this.#plan.look();
  }

  #settle(): void {
    this.#plan.settle((one) => this.#stepBack(one));
  }

  #stepBack(entry: Waiting): void {
    const { call, id, level, keepsMs, variance } = entry;
    entry.spare = { call, id, level, dueMs: keepsMs, latestStartMs: Infinity, keepsMs, variance };
    this.#spare.add(entry.spare);
    if (!this.#server.sheds && entry.latestStartMs === Infinity) this.#postponed.add(entry);
  }

  outlook(job: JobFacts): Outlook {
    const outlook = this.#outlook;
    const { model, nowMs } = this.#load;
    this.#settle();
    const entry = this.#timetable.entryFor(job);
    const aheadMs = this.#plan.roomFor(entry);
    const isInTime = aheadMs >= 0;
    outlook.waitMs = this.#plan.startInMs(isInTime ? aheadMs : this.#plan.beforeMs(entry));
    outlook.place = "in_time";
    if (!isInTime) {
      // Those that stepped back before it, and are shorter, would go first. One without a budget would stay for ever.
      const spareMs = this.#spare.before({ ...entry, dueMs: entry.keepsMs }).keepsMs;
      const startMs = this.#plan.startInMs(this.#plan.beforeMs(entry) + spareMs);
      const isLikely = job.latencyBudgetMs !== Infinity &&
        !(model.shareWithin(job.kind, job.computeCost, entry.dueMs - nowMs - startMs) <
          LEAST_CHANCE);
      outlook.place = isLikely ? "doubtful" : "late";
    }
    return outlook;
  }

  /** A job without a budget has time, with so much before it, in ms. */
  outlookBehind(aheadMs: number): Outlook {
    const outlook = this.#outlook;
    outlook.waitMs = this.#plan.startInMs(aheadMs);
    outlook.place = "in_time";
    return outlook;
  }

  get first(): Call | null {
    const { nowMs } = this.#load;
    if (nowMs >= this.#riseAtMs) this.#promote(nowMs);
    for (const { call } of this.#shed) return call;
    const overdue = this.#entries.get(this.#overdueId);
    if (overdue !== undefined) return overdue.call;
    const [postponed] = this.#postponed;
    if (postponed !== undefined && this.#mayReturn(postponed, nowMs)) return postponed.call;
    const unknown = this.#unknown.size > 0 ? this.#firstUnknown() : null;
    for (let entry = this.#plan.next; entry !== null; entry = this.#plan.next) {
      if (unknown !== null && isBefore(unknown, entry)) return unknown.call;
      if (entry.latestStartMs >= nowMs || this.#isHopeless(entry, nowMs)) return entry.call;
      this.#plan.remove(entry);
      this.#stepBack(entry);
    }
    return unknown?.call ?? this.#firstSpare;
  }

  /** Whether one that stepped back has waited for long enough to rise, and none of a higher level waits. */
  #mayReturn({ ownLevel, queuedAtMs }: Waiting, nowMs: number): boolean {
    if (nowMs - queuedAtMs < this.#ageingMs) return false;
    const { next } = this.#plan;
    return next === null || next.level <= this.#risen(ownLevel, queuedAtMs);
  }

  waitingOf(kind: KindFacts, mostCost: number): Call[] {
    const entries = [...this.#entries.values()].filter(({ call }) =>
      call.kind === kind && !(call.facts.computeCost > mostCost)
    );
    return entries.sort((a, b) => isBefore(a, b) ? -1 : 1).map(({ call }) => call);
  }

  /** Of those that are not planned: what is known to be short is soon over. */
  get #firstSpare(): Call | null {
    return (this.#spare.first ?? this.#unknown.first)?.call ?? null;
  }

  /** Whether a call has no chance to be in time: then it is dropped as it is to start. */
  #isHopeless({ call: { facts } }: Waiting, nowMs: number): boolean {
    const leftMs = deadlineOf(facts) - nowMs;
    return this.#load.model.shareWithin(facts.kind, facts.computeCost, leftMs) < LEAST_CHANCE;
  }

  /**
   * The first call that may start of those that came when little was known of their kind. Those of kinds that are not
   * short are planned, as soon as that is known; of a kind of which nothing is known, one runs at a time.
   */
  #firstUnknown(): Waiting | null {
    let first: Waiting | null = null;
    for (const [kind, calls] of this.#unknown.ofKinds) {
      const meanMs = this.#load.model.meanMs(kind);
      if (this.#isPlannable(kind, meanMs, MOST_TINY_MS)) this.#planAll(calls.all());
      // One that runs will tell how long they take.
      else if (meanMs >= 0 || !this.#server.holds(kind)) {
        if (first === null || isBefore(calls.first!, first)) first = calls.first!;
      }
    }
    return first;
  }

  #planAll(entries: readonly Waiting[]): void {
    const calls = entries.map(({ call }) => call);
    for (const call of calls) this.remove(call);
    this.putAllBack(calls, true);
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
      if (!isPlanned(entry)) {
        if (this.#isSpent(entry, nowMs)) {
          entry.call.ticket.isShed = true;
          this.#shed.add(entry);
        }
        const mayWait = entry.latestStartMs !== Infinity || nowMs - entry.queuedAtMs < patience;
        if (!mayWait && nowMs >= this.#overdueAtMs && !this.#entries.has(this.#overdueId)) {
          this.#overdueId = entry.id;
          this.#overdueAtMs = nowMs + this.#ageingMs;
        }
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

  /** Whether a call without a budget has waited in vain for long enough. Jobs that asked to wait are not given up. */
  #isSpent({ call, queuedAtMs }: Waiting, nowMs: number): boolean {
    return this.#standing.isOverload && call.facts.latencyBudgetMs === Infinity &&
      nowMs - queuedAtMs >= PATIENCE_MS &&
      !call.jobs.some(({ given }) => given.whenFull === "wait");
  }

  /** Of the same class, so of a similar budget. */
  mateOf(call: Call, untilMs: number): Call | null {
    if (this.#plan.size === 0) return this.#firstSpare;
    const shareClass = this.#shares.classOf(call.facts);
    const mate = this.#plan.firstOf(shareClass);
    if (mate === null) return null;
    const other = this.#plan.firstOfOthers(shareClass);
    const isHeldUp = other !== null &&
      (other.level > mate.level || other.latestStartMs < untilMs);
    return isHeldUp ? null : mate.call;
  }

  get last(): Call | null {
    const [unknown, planned] = [this.#unknown.last, this.#plan.last];
    const isUnknown = planned === null || unknown !== null && isBefore(planned, unknown);
    return (this.#spare.last ?? (isUnknown ? unknown : planned))?.call ?? null;
  }

  aheadMs(job: JobFacts): number {
    const entry = this.#entries.get(job.id);
    if (entry !== undefined) {
      return entry.spare === null
        ? this.#plan.beforeMs(entry)
        : this.#plan.keepsMs + this.#spare.before(entry.spare).keepsMs;
    }
    const place = { level: levelOf(job), dueMs: this.#timetable.dueMs(job), id: Infinity };
    if (job.latencyBudgetMs !== Infinity) return this.#plan.beforeMs(place);
    return this.#plan.beforePatientMs({
      ...place,
      shareClass: this.#shares.classOf(job),
      key: job.key,
    });
  }

  remove(call: Call): boolean {
    if (!call.ticket.isQueued) return false;
    call.ticket.isQueued = false;
    const entry = this.#entries.get(call.facts.id)!;
    this.#entries.delete(entry.id);
    this.#ofLevel[entry.ownLevel]--;
    this.#shed.delete(entry);
    this.#postponed.delete(entry);
    if (entry.spare !== null) this.#spare.remove(entry.spare);
    else if (isPlanned(entry)) this.#plan.remove(entry);
    else this.#unknown.remove(entry);
    return true;
  }

  /** A call starts whose class is to be charged; `isPlanned` tells whether the queue was planned. */
  charge({ facts, ticket: { expectedMs, level } }: Call, isPlanned: boolean): void {
    if (!isPlanned && !(expectedMs > 0)) return;
    const shareClass = this.#shares.classOf(facts);
    if (isPlanned && facts.latencyBudgetMs === Infinity) {
      this.#plan.started(shareClass, level, chargeOf(expectedMs));
    }
    if (expectedMs > 0) this.#shares.give(shareClass, expectedMs, this.#load.nowMs);
  }

  all(): Call[] {
    return [...this.#entries.values()].map(({ call }) => call);
  }
}

function isPlanned({ spare, unknownPlace }: Waiting): boolean {
  return spare === null && unknownPlace < 0;
}
