import type { Call } from "../job/call.ts";
import type { LoadGauges, Outlook, QueueLane } from "../policy/load.ts";
import type { JobFacts } from "../policy/policy.ts";
import { LEAST_CHANCE } from "../policy/load.ts";
import { type Entry, PlanTree } from "./plan_tree.ts";
import { type CallQueue, PriorityQueue } from "./queue.ts";
import { type ShareClass, Shares } from "./shares.ts";
import { Standing } from "./standing.ts";

const LEVELS = 10;
/** How often it is looked whether calls have risen, while they wait for one level. */
const LOOKS_PER_LEVEL = 8;
/** What a plan leaves free for what it does not know, in ms. */
const MARGIN_MS = 0.3;
/** How many standard deviations of the time before a call its plan leaves free. */
const DOUBT = 1.5;
/** Without a budget, a call is due so many ms after its arrival, and so many times its run time. */
const DUE_MS = 10;
const DUE_RUNS = 5;

interface Waiting extends Entry {
  readonly shareClass: ShareClass;
  readonly queuedAtMs: number;
  level: number;
  isPlanned: boolean;
  readonly isUnknown: boolean;
}

/**
 * The calls that wait for workers, the earliest deadline first, of which each is expected to be in time. When
 * one is not, one of those up to it steps back: the largest (Moore, "An n Job, One Machine Sequencing
 * Algorithm for Minimizing the Number of Late Jobs", 1968), of the class that has had most. Calls that
 * stepped back start when no other waits, if they still have a chance. A higher level goes first; calls rise
 * one level for each `ageingMs` they have waited.
 */
export class FairQueue implements CallQueue {
  readonly #load: LoadGauges;
  readonly #lane: QueueLane;
  readonly #ageingMs: number;
  readonly #shares = new Shares();
  readonly #standing = new Standing();
  /** Holds the calls while they are all of one kind, and none has a budget. */
  readonly #plain: PriorityQueue;
  #plainKind = -1;
  #isPlain = true;
  readonly #entries = new Map<number, Waiting>();
  #plan: PlanTree;
  #planned: number;
  readonly #classes = new Map<ShareClass, PlanTree>();
  /** Those that stepped back, the shortest first. */
  readonly #spare = new PlanTree(1);
  readonly #spareEntries = new Map<Waiting, Entry>();
  #variance = 0;
  #riseAtMs = 0;
  /** Those of kinds that nothing is known of, while the first of them run. */
  readonly #unknown = new Set<Waiting>();
  /** Number of waiting calls by the level they came with. */
  readonly #ofLevel: number[] = new Array(LEVELS).fill(0);
  #free: readonly number[] = [0];
  #fullMs = 0;
  readonly #outlook: { -readonly [K in keyof Outlook]: Outlook[K] } = {
    waitMs: 0,
    place: "in_time",
  };

  constructor(load: LoadGauges, lane: QueueLane, ageingMs: number) {
    this.#load = load;
    this.#lane = lane;
    this.#ageingMs = ageingMs;
    this.#plain = new PriorityQueue(ageingMs);
    this.#planned = 1;
    this.#plan = new PlanTree(1);
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
    if (latencyBudgetMs === Infinity && this.#plainKind === kind.index) return true;
    this.#isPlain = false;
    for (const call of this.#plain.all()) {
      this.#plain.remove(call);
      this.#add(call);
    }
    return false;
  }

  #add(call: Call): void {
    call.ticket.isQueued = true;
    const entry = this.#entryOf(call, call.facts, call.ticket.queuedAtMs!, call.size);
    this.#entries.set(entry.id, entry);
    this.#ofLevel[levelOf(call.facts)]++;
    this.#look();
    this.#insert(entry);
    if (entry.isUnknown && this.#load.inFlightOf(call.kind, "cpu_pool") > 1) {
      this.#unknown.add(entry);
      return this.#stepBack(entry);
    }
    for (let late = this.#late(); late !== null; late = this.#late()) {
      this.#stepBack(this.#whoStepsBack(late as Waiting));
    }
  }

  #insert(entry: Waiting): void {
    entry.isPlanned = true;
    this.#plan.add(entry);
    let tree = this.#classes.get(entry.shareClass);
    if (tree === undefined) this.#classes.set(entry.shareClass, tree = new PlanTree(1));
    tree.add(entry);
  }

  #takeOut(entry: Waiting): void {
    entry.isPlanned = false;
    this.#plan.remove(entry);
    const tree = this.#classes.get(entry.shareClass)!;
    tree.remove(entry);
    if (tree.size === 0) this.#classes.delete(entry.shareClass);
  }

  #stepBack(entry: Waiting): void {
    this.#takeOut(entry);
    // Ordered by how long they keep a worker, of the higher levels first.
    const spare: Entry = { ...entry, dueMs: entry.keepsMs, latestStartMs: Infinity };
    this.#spareEntries.set(entry, spare);
    this.#spare.add(spare);
  }

  #entryOf(
    call: Call | null,
    facts: JobFacts,
    queuedAtMs: number,
    size: number,
  ): Waiting {
    const { model, nowMs } = this.#load;
    const { kind, computeCost, arrivedAtMs, latencyBudgetMs, id } = facts;
    const typicalMs = model.typicalMs(kind, computeCost);
    const keepsMs = typicalMs >= 0 ? typicalMs * size : 0;
    const variance = typicalMs >= 0 ? model.variance(kind, computeCost) * size : 0;
    const hasBudget = latencyBudgetMs !== Infinity && !isProbe(call);
    const dueMs = isProbe(call)
      ? arrivedAtMs
      : arrivedAtMs + (hasBudget ? latencyBudgetMs : DUE_MS + DUE_RUNS * keepsMs);
    let latestStartMs = Infinity;
    if (hasBudget) {
      const marginMs = MARGIN_MS + this.#load.loopLagMs;
      const leftMs = dueMs - nowMs - marginMs;
      const needsMs = typicalMs >= 0 ? model.needsMs(kind, computeCost, leftMs) : 0;
      latestStartMs = dueMs - marginMs - needsMs;
    }
    const level = this.#levelOf(facts, nowMs - queuedAtMs);
    const shareClass = this.#shares.classOf(facts);
    return {
      ...{
        call: call!,
        id,
        level,
        dueMs,
        latestStartMs,
        keepsMs,
        variance,
        shareClass,
        queuedAtMs,
      },
      isPlanned: false,
      isUnknown: !(typicalMs >= 0),
    };
  }

  /** Looks at the workers. */
  #look(): void {
    const workers = this.#lane === "spawn" ? 1 : Math.max(1, this.#load.cpuParallelism);
    if (workers !== this.#planned) this.#plan = this.#planFor(this.#planned = workers);
    this.#free = this.#load.freeInMs(this.#lane);
    let sum = 0;
    for (let i = 0; i < workers; i++) sum += this.#free[i] ?? 0;
    this.#fullMs = sum;
  }

  #planFor(workers: number): PlanTree {
    const plan = new PlanTree(workers);
    for (const entry of this.#plan.entries()) plan.add(entry);
    return plan;
  }

  /** When a call would start that has so much before it, in ms from now. */
  #startInMs(keepsMs: number): number {
    const free = this.#free;
    let sum = keepsMs;
    let least = Infinity;
    for (let i = 0; i < this.#planned; i++) {
      sum += free[i] ?? 0;
      const levelMs = sum / (i + 1);
      if (levelMs < least) least = levelMs;
    }
    return least;
  }

  readonly #startMs = (keepsMs: number, variance: number): number => {
    const doubtMs = DOUBT * Math.sqrt(this.#variance + variance) / this.#planned;
    return this.#load.nowMs + this.#startInMs(keepsMs) + doubtMs;
  };

  readonly #atMostMs = (variance: number): number => {
    const doubtMs = DOUBT * Math.sqrt(this.#variance + variance) / this.#planned;
    return this.#load.nowMs + this.#fullMs / this.#planned + doubtMs;
  };

  #late(): Entry | null {
    return this.#plan.firstLate(this.#startMs, this.#atMostMs);
  }

  /** Of those up to a late one, in its level: the largest of the class that has had most. */
  #whoStepsBack(late: Waiting): Waiting {
    if (this.#classes.size > 1) {
      const classes = [...this.#classes].filter(([one]) => one !== late.shareClass);
      classes.push([late.shareClass, this.#classes.get(late.shareClass)!]);
      classes.sort(([a], [b]) => this.#shares.of(b) - this.#shares.of(a));
      for (const [, tree] of classes) {
        const largest = tree.largestUpTo(late);
        if (largest !== null) return largest as Waiting;
      }
    }
    return this.#plan.largestUpTo(late) as Waiting;
  }

  /** How a job would fare that is not in it. */
  outlook(job: JobFacts): Outlook {
    const outlook = this.#outlook;
    this.#look();
    this.#standing.note(this.length, this.#load.nowMs);
    if (job.latencyBudgetMs === Infinity) return this.#outlookOfPatient(job);
    if (this.#isPlain && this.#plain.length > 0) this.#staysPlain(job);
    const { nowMs } = this.#load;
    const entry = this.#entryOf(null, job, nowMs, 1);
    const before = this.#plan.before(entry);
    outlook.waitMs = this.#startInMs(before.keepsMs);
    outlook.place = "in_time";
    this.#insert(entry);
    const late = this.#late();
    if (late !== null && this.#whoStepsBack(late as Waiting) === entry) {
      const isLikely = outlook.waitMs + entry.keepsMs <= entry.dueMs - nowMs;
      outlook.place = isLikely ? "doubtful" : "late";
    }
    this.#takeOut(entry);
    return outlook;
  }

  /** Whether a call has no chance to be in time: it is dropped when it is to start. */
  #isHopeless({ call: { facts } }: Entry, nowMs: number): boolean {
    const leftMs = facts.arrivedAtMs + facts.latencyBudgetMs - nowMs;
    return this.#load.model.shareWithin(facts.kind, facts.computeCost, leftMs) < LEAST_CHANCE;
  }

  /** A job without a budget has time, unless more comes than can be done. */
  #outlookOfPatient(job: JobFacts): Outlook {
    const outlook = this.#outlook;
    const { nowMs, model } = this.#load;
    outlook.waitMs = this.#startInMs(this.aheadMs(job, nowMs));
    const typicalMs = model.typicalMs(job.kind, job.computeCost);
    const isLate = this.#standing.isOverload &&
      outlook.waitMs > DUE_MS + (DUE_RUNS - 1) * typicalMs;
    outlook.place = isLate ? "late" : "in_time";
    return outlook;
  }

  get first(): Call | null {
    if (this.#isPlain) return this.#plain.first;
    const { nowMs } = this.#load;
    if (this.#ageingMs < Infinity) this.#promote(nowMs);
    if (this.#unknown.size > 0) this.#planKnown();
    for (let entry = this.#plan.first; entry !== null; entry = this.#plan.first) {
      if (entry.latestStartMs >= nowMs || this.#isHopeless(entry, nowMs)) return entry.call;
      this.#stepBack(entry as Waiting);
    }
    return this.#spare.first?.call ?? null;
  }

  /** Plans the calls of kinds of which something is known by now. */
  #planKnown(): void {
    const { model } = this.#load;
    for (const entry of this.#unknown) {
      const { kind, computeCost } = entry.call.facts;
      if (!(model.typicalMs(kind, computeCost) >= 0)) continue;
      const { call } = entry;
      this.remove(call);
      this.#isPlain = false;
      this.#add(call);
    }
  }

  /** A call rises no higher than the others are: it must not overtake those that came with its level. */
  #levelOf(job: JobFacts, waitedMs: number): number {
    const own = levelOf(job);
    const risen = Math.trunc(waitedMs / this.#ageingMs);
    if (risen === 0) return own;
    let highest = LEVELS - 1;
    while (highest > own && this.#ofLevel[highest] === 0) highest--;
    return Math.min(highest, own + risen);
  }

  /** Has calls rise, a few at a time in each level: that often is enough. */
  #promote(nowMs: number): void {
    if (nowMs < this.#riseAtMs) return;
    this.#riseAtMs = nowMs + this.#ageingMs / LOOKS_PER_LEVEL;
    for (const entry of [...this.#entries.values()]) {
      if (!entry.isPlanned) continue;
      const level = this.#levelOf(entry.call.facts, nowMs - entry.queuedAtMs);
      if (level === entry.level) continue;
      this.#takeOut(entry);
      entry.level = level;
      this.#insert(entry);
    }
  }

  get last(): Call | null {
    if (this.#isPlain) return this.#plain.last;
    return (this.#spare.last ?? this.#plan.last)?.call ?? null;
  }

  aheadMs(job: JobFacts, nowMs: number): number {
    if (this.#isPlain) return this.#plain.aheadMs(job, nowMs);
    const entry = this.#entries.get(job.id);
    if (entry !== undefined) return this.#plan.before(entry).keepsMs;
    const level = levelOf(job);
    const keepsMs = this.#load.model.typicalMs(job.kind, job.computeCost);
    const dueMs = job.latencyBudgetMs === Infinity
      ? nowMs + DUE_MS + DUE_RUNS * (keepsMs >= 0 ? keepsMs : 0)
      : job.arrivedAtMs + job.latencyBudgetMs;
    return this.#plan.before({ level, dueMs, id: Infinity } as Entry).keepsMs;
  }

  remove(call: Call): boolean {
    if (this.#isPlain) return this.#plain.remove(call);
    if (!call.ticket.isQueued) return false;
    call.ticket.isQueued = false;
    const entry = this.#entries.get(call.facts.id)!;
    this.#entries.delete(entry.id);
    this.#unknown.delete(entry);
    this.#ofLevel[levelOf(call.facts)]--;
    if (entry.isPlanned) this.#takeOut(entry);
    else {
      this.#spare.remove(this.#spareEntries.get(entry)!);
      this.#spareEntries.delete(entry);
    }
    this.#isPlain = this.#entries.size === 0;
    return true;
  }

  started(call: Call): void {
    const { facts, ticket: { expectedMs } } = call;
    if (!(expectedMs > 0)) return;
    this.#shares.give(this.#shares.classOf(facts), expectedMs, this.#load.nowMs);
  }

  all(): Call[] {
    if (this.#isPlain) return this.#plain.all();
    return [...this.#entries.values()].map(({ call }) => call);
  }
}

/** Whether a call is to test an estimate: it goes before all others. */
function isProbe(call: Call | null): boolean {
  return call !== null && call.jobs.some((job) => job.isProbe);
}

/** A policy may have written to the facts. */
function levelOf({ priority }: JobFacts): number {
  return priority >= 0 && priority < LEVELS ? Math.trunc(priority) : 0;
}
