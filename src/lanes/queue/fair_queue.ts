import type { Call } from "../../job/call.ts";
import type { LoadGauges, Outlook } from "../../policy/load.ts";
import type { JobFacts, KindFacts } from "../../policy/policy.ts";
import { isPoolFull, poolWaitMsOf } from "../../policy/pool_room.ts";
import { type CallQueue, type KeyedQueue, levelOf } from "./call_queue.ts";
import { PlannedQueue } from "./planned_queue.ts";
import { PriorityQueue } from "./priority_queue.ts";
import type { Server } from "./server.ts";
import { Standing } from "./standing.ts";
import { chargeFor, correctFor } from "./turns.ts";

/**
 * The queue of a lane, or of calls that wait for a place. While all calls are of one kind, or known to be over at
 * once, and none has a budget, it is a list by arrival, in which keys take turns; else they are planned, until none
 * waits.
 */
export class FairQueue implements KeyedQueue {
  readonly #load: LoadGauges;
  readonly #server: Server;
  readonly #ageingMs: number;
  readonly #standing = new Standing();
  readonly #plain: PriorityQueue;
  #plainKind = -1;
  /** Whether the first of them was known to be over at once. */
  #isShort = false;
  readonly #isFair: boolean;
  #plan: PlannedQueue | null = null;
  /** The one of the two that has the calls. */
  #queue: CallQueue;

  /** @param isFair Whether classes have equal shares. */
  constructor(load: LoadGauges, server: Server, ageingMs: number, isFair: boolean) {
    this.#load = load;
    this.#server = server;
    this.#ageingMs = ageingMs;
    this.#plain = new PriorityQueue(ageingMs, isFair);
    this.#isFair = isFair;
    this.#queue = this.#plain;
  }

  /** Made when it is first needed: few of the queues of keys ever are planned. */
  get #planned(): PlannedQueue {
    return this.#plan ??= new PlannedQueue(
      this.#load,
      this.#server,
      this.#ageingMs,
      this.#isFair,
      this.#standing,
    );
  }

  get length(): number {
    return this.#queue.length;
  }

  #isPlain(): boolean {
    return this.#queue === this.#plain;
  }

  push(call: Call, nowMs: number): void {
    this.#choose(call.facts);
    this.#queue.push(call, nowMs);
  }

  putBack(call: Call): void {
    this.#choose(call.facts);
    this.#queue.putBack(call);
  }

  /** Calls that need no plan, with one more, have none. */
  #choose(facts: JobFacts): void {
    const { kind, latencyBudgetMs } = facts;
    if (!this.#isPlain()) return;
    if (this.#plain.length === 0) {
      this.#plainKind = kind.index;
      this.#isShort = this.#isOverAtOnce(facts);
    }
    const isAlike = latencyBudgetMs === Infinity &&
      (this.#plainKind === kind.index || (this.#isShort && this.#isOverAtOnce(facts)));
    if (!isAlike || this.#standing.isLong) this.#planAll();
  }

  #isOverAtOnce({ kind, computeCost }: JobFacts): boolean {
    const { shortMs } = this.#server;
    if (shortMs === 0) return false;
    const ms = this.#load.model.typicalMs(kind, computeCost);
    return this.#server.shareOf(kind, computeCost) * ms < shortMs;
  }

  #planAll(): void {
    this.#queue = this.#planned;
    const calls = this.#plain.all();
    for (const call of calls) this.#plain.remove(call);
    this.#planned.putAllBack(calls);
  }

  /** It has become long: jobs without a budget, too, step back if they would wait for long. */
  #becomesLong(): void {
    if (!this.#isPlain()) return this.#planned.becomesLong();
    // They get their limit as they are planned.
    if (this.#plain.length > 0) this.#planAll();
  }

  /** Looks at how the queue of the pool grows: the others give up nothing. */
  #note(): void {
    const load = this.#load;
    const isFull = load.waitingForRoom === 0 && isPoolFull(load);
    if (this.#standing.note(this.length, poolWaitMsOf(load), isFull, load.nowMs)) {
      this.#becomesLong();
    }
  }

  outlook(job: JobFacts): Outlook {
    const load = this.#load;
    const planned = this.#planned;
    planned.look();
    const { sheds, queuedMs } = this.#server;
    if (sheds) this.#note();
    if (job.latencyBudgetMs === Infinity && !this.#standing.isOverload) {
      const isLast = queuedMs >= 0 && this.#isPlain() && this.#plain.isBehindAll(job);
      return planned.outlookBehind(isLast ? queuedMs : this.aheadMs(job, load.nowMs));
    }
    if (this.#plain.length > 0) this.#choose(job);
    return planned.outlook(job);
  }

  get first(): Call | null {
    return this.#queue.first;
  }

  waitingOf(kind: KindFacts, mostCost: number): Call[] {
    return this.#queue.waitingOf?.(kind, mostCost) ?? [];
  }

  get last(): Call | null {
    return this.#queue.last;
  }

  mateOf(call: Call, untilMs: number): Call | null {
    return this.#queue.mateOf(call, untilMs);
  }

  aheadMs(job: JobFacts, nowMs: number): number {
    return this.#queue.aheadMs(job, nowMs);
  }

  /** By arrival and priority, to compare it with calls that are held elsewhere. */
  keyOf({ facts, ticket: { queuedAtMs } }: Call): number {
    return queuedAtMs! - levelOf(facts) * this.#ageingMs;
  }

  remove(call: Call): boolean {
    const wasThere = this.#queue.remove(call);
    if (wasThere && this.#queue.length === 0) this.#queue = this.#plain;
    return wasThere;
  }

  started(call: Call): void {
    this.#standing.start();
    chargeFor(call);
    this.#planned.charge(call, !this.#isPlain());
  }

  ran(call: Call, ms: number): void {
    correctFor(call, ms);
  }

  all(): Call[] {
    return this.#queue.all();
  }
}
