import type { Call } from "../../job/call.ts";
import { deadlineOf } from "../../policy/deadline.ts";
import { LEAST_CHANCE, type LoadGauges, type Outlook, type QueueLane } from "../../policy/load.ts";
import type { JobFacts } from "../../policy/policy.ts";
import { type CallQueue, levelOf, LEVELS } from "./call_queue.ts";
import { Plan } from "./plan.ts";
import { PlanTree } from "./plan_tree.ts";
import { Shares } from "./shares.ts";
import type { Standing } from "./standing.ts";
import { Timetable, type Waiting } from "./timetable.ts";
import { chargeOf } from "./turns.ts";

/** How often it is looked whether calls have risen, while they wait for one level. */
const LOOKS_PER_LEVEL = 8;
/** For how long a call that has stepped back waits, in ms, when more comes than can be done. */
const PATIENCE_MS = 1_000;

/**
 * A {@linkcode Plan}, and the calls that had to step back, which start when no other waits, if they still have a
 * chance; without a budget, one of them starts each `ageingMs` once it has waited for all levels. A higher level
 * of priority goes first; a call rises one for each `ageingMs` that it waits.
 */
export class PlannedQueue implements CallQueue {
  readonly #load: LoadGauges;
  readonly #ageingMs: number;
  readonly #shares = new Shares();
  readonly #standing: Standing;
  readonly #timetable: Timetable;
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
  constructor(
    load: LoadGauges,
    lane: QueueLane,
    ageingMs: number,
    isFair: boolean,
    standing: Standing,
  ) {
    this.#load = load;
    this.#ageingMs = ageingMs;
    this.#standing = standing;
    this.#timetable = new Timetable(load, this.#shares, standing);
    this.#plan = new Plan(load, lane, isFair ? this.#shares : null);
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

  putAllBack(calls: readonly Call[], isFirst = false): void {
    this.#plan.look();
    for (const call of calls) this.#enter(call, isFirst);
    this.#settle();
  }

  /** `isFirst` tells that it is the one of a kind of which nothing is known that is not to wait for others. */
  #enter(call: Call, isFirst: boolean): void {
    const { ticket, kind, facts } = call;
    ticket.queuedAtMs ??= facts.submittedAtMs;
    ticket.isQueued = true;
    const entry = this.#timetable.entryOf(call);
    entry.level = this.#risen(entry.ownLevel, entry.queuedAtMs);
    this.#entries.set(entry.id, entry);
    ticket.level = entry.level;
    this.#ofLevel[entry.ownLevel]++;
    const isUnknown = !(this.#load.model.typicalMs(kind, facts.computeCost) >= 0);
    const isAlone = isFirst || this.#load.inFlightOf(kind, "cpu_pool") < 2;
    if (!isUnknown || isAlone) return this.#plan.add(entry);
    // One that takes an age must not fill all workers at once.
    const others = this.#unknown.get(kind);
    if (others === undefined) this.#unknown.set(kind, new Set([entry]));
    else others.add(entry);
    this.#stepBack(entry);
  }

  /** They are planned anew, as more is known of them. */
  #again(calls: readonly Call[], isFirst = false): void {
    for (const call of calls) this.remove(call);
    this.putAllBack(calls, isFirst);
  }

  /** Those without a budget get a limit: they step back if they would wait for long. */
  becomesLong(): void {
    const patient = [...this.#entries.values()].filter(({ call, spare }) =>
      spare === null && call.facts.latencyBudgetMs === Infinity
    );
    this.#again(patient.map(({ call }) => call));
  }

  /** Looks at the workers as they are now. */
  look(): void {
    this.#plan.look();
  }

  #settle(): void {
    this.#plan.settle((one) => this.#stepBack(one));
  }

  #stepBack(entry: Waiting): void {
    entry.spare = { ...entry, dueMs: entry.keepsMs, latestStartMs: Infinity };
    this.#spare.add(entry.spare);
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
    if (this.#overdue !== null) return this.#overdue.call;
    if (this.#unknown.size > 0) this.#planUnknown();
    for (let entry = this.#plan.next; entry !== null; entry = this.#plan.next) {
      if (entry.latestStartMs >= nowMs || this.#isHopeless(entry, nowMs)) return entry.call;
      this.#plan.remove(entry);
      this.#stepBack(entry);
    }
    return this.#spare.first?.call ?? null;
  }

  /** Whether a call has no chance to be in time: then it is dropped as it is to start. */
  #isHopeless({ call: { facts } }: Waiting, nowMs: number): boolean {
    const leftMs = deadlineOf(facts) - nowMs;
    return this.#load.model.shareWithin(facts.kind, facts.computeCost, leftMs) < LEAST_CHANCE;
  }

  /** Plans the calls of kinds of which something is known by now, and one of each that has none running or planned. */
  #planUnknown(): void {
    const { model } = this.#load;
    const known = [...this.#unknown].filter(([kind]) => model.typicalMs(kind, NaN) >= 0);
    for (const [, entries] of known) this.#again([...entries].map(({ call }) => call));
    // The first may have been dropped before it could tell how long it takes.
    const idle = [...this.#unknown].filter(([kind, { size }]) =>
      this.#load.inFlightOf(kind, "cpu_pool") <= size
    );
    for (const [, [first]] of idle) this.#again([first.call], true);
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
    return (this.#spare.last ?? this.#plan.last)?.call ?? null;
  }

  aheadMs(job: JobFacts): number {
    const entry = this.#entries.get(job.id);
    if (entry !== undefined && entry.spare !== null) {
      return this.#plan.keepsMs + this.#spare.before(entry.spare).keepsMs;
    }
    if (entry !== undefined) return this.#plan.beforeMs(entry);
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
