import type { BusyShares } from "../busy_shares.ts";
import type { Clock } from "../clock.ts";
import type { Job } from "../job/job.ts";
import { deadlineOf } from "../policy/deadline.ts";
import type { LaneWork, LoadGauges, Outlook } from "../policy/load.ts";
import { hasPoolRoom } from "../policy/pool_room.ts";
import { type Decision, type JobFacts, sharedDecision } from "../policy/policy.ts";
import { RunContext } from "../define/run_context.ts";
import type { Admission } from "../job/admission.ts";
import type { Call } from "../job/call.ts";
import type { AsyncLimits } from "./async_limit.ts";
import type { BatchTarget } from "./batch.ts";
import { type Waiting, withCompany } from "./company.ts";
import { HeldCalls } from "./held_calls.ts";
import { outlookOf } from "./queue/outlook.ts";
import type { Places, PlaceTaker } from "./places.ts";
import type { KeyedQueue } from "./queue/call_queue.ts";
import type { Lane } from "../job/lane.ts";
import { moveTo } from "./move_to.ts";
import { type Host, runHere, type Runnable } from "./run_here.ts";

/** This thread is taken as free: what runs on it pauses between turns. */
const FREE: readonly number[] = [0];
/** The queue of the spawn lane is full. */
const OVERFLOW = sharedDecision("cpu_pool", "spawn_full");
/** A worker will have time for it sooner than this thread. */
const BUSY = sharedDecision("cpu_pool", "spawn_busy");
/** No lane that could run it has room. */
const FULL = sharedDecision("backpressure_drop", "lane_full");
/** Its turn on this thread, or among the jobs of a kind that mostly waits, would come after its budget. */
const TOO_LATE = sharedDecision("backpressure_drop", "spawn_saturated");

/**
 * Runs jobs on this thread in later turns of the event loop: one is started per turn, so that I/O
 * and timers run in between, and at most `concurrency` are unsettled at a time. Batches of kinds
 * without a module run here, too. When the calls ahead are known to block for longer than a slice, a
 * job that can run in a worker goes to the pool if that is sooner; any other is refused if it would
 * miss its budget. A job that waits goes to the pool when its kind turns out to block.
 */
export class SpawnLane implements Lane, BatchTarget, Host, LaneWork, PlaceTaker {
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #load: LoadGauges;
  readonly #queue: KeyedQueue;
  readonly #pool: Lane & BatchTarget;
  readonly #inline: Lane;
  declare readonly shares: BusyShares;
  declare readonly limits: AsyncLimits;
  /** They wait, but not for this thread. */
  readonly #held: HeldCalls;
  readonly #places: Places;
  #concurrency = 0;
  #turnPosted = false;
  /** When each running call started, on the router's clock. */
  readonly #running = new Map<Call, number>();

  constructor(
    admission: Admission,
    load: LoadGauges,
    queue: KeyedQueue,
    createHeld: () => KeyedQueue,
    pool: Lane & BatchTarget,
    inline: Lane,
    shares: BusyShares,
    limits: AsyncLimits,
    places: Places,
  ) {
    this.#clock = admission.clock;
    this.#admission = admission;
    this.#load = load;
    this.#queue = queue;
    this.#held = new HeldCalls(createHeld);
    this.#places = places;
    this.#pool = pool;
    this.#inline = inline;
    this.shares = shares;
    this.limits = limits;
    limits.freed = () => this.#postTurn();
  }

  /** Changes the limit; jobs that wait may start at once. */
  tune(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#postTurn();
  }

  /** Whether it has posted a callback that has not run yet. */
  get hasPosted(): boolean {
    return this.#turnPosted;
  }

  aheadMs(job: JobFacts): number {
    return this.#queue.aheadMs(job, this.#load.nowMs);
  }

  leftMs(): number {
    const { nowMs } = this.#load;
    let ms = 0;
    for (const [call, sinceMs] of this.#running) {
      call.forecast(this.#load);
      ms += Math.max(0, call.ticket.expectedMs - (nowMs - sinceMs));
    }
    return ms;
  }

  freeInMs(): readonly number[] {
    return FREE;
  }

  outlook(job: JobFacts): Outlook {
    return this.#queue.outlook?.(job) ?? outlookOf(this.#load, "spawn", job, this.aheadMs(job));
  }

  get last(): JobFacts | undefined {
    return this.#queue.last?.facts;
  }

  refuse(job: Job, leaving = 0): Decision | null {
    const load = this.#load;
    const { hasModule } = job.kind;
    if (load.spawnWaiting - leaving >= load.spawnCapacity) return hasModule ? OVERFLOW : FULL;
    if (job.kind.isLimited && this.#places.mustWait(job)) {
      return this.#places.isTooLate(job.facts) ? TOO_LATE : null;
    }
    if (this.limits.mustWait(job.kind.index)) return this.#isHeldTooLong(job) ? TOO_LATE : null;
    if (!(load.spawnWorkMs > 0)) return null; // nothing waits, or nobody knows for how long
    const { waitMs, place } = this.outlook(job.facts);
    if (hasModule && waitMs > load.inlineSliceMs && this.#isPoolSooner(job, waitMs)) return BUSY;
    return place === "late" && this.#isTooLate(job, waitMs) ? TOO_LATE : null;
  }

  /** Whether its kind is at its limit, and so many of it wait that its budget would be over. */
  #isHeldTooLong({ facts }: Job): boolean {
    const { kind, computeCost } = facts;
    const leftMs = deadlineOf(facts) - facts.submittedAtMs;
    if (leftMs === Infinity) return false;
    const withinMs = leftMs - this.#load.model.needsMs(kind, computeCost, leftMs);
    const waiting = this.#held.sizeOf(kind.index);
    return this.limits.isTooLate(kind.index, waiting, withinMs, this.#load.nowMs);
  }

  #isPoolSooner({ facts }: Job, waitMs: number): boolean {
    const load = this.#load;
    return hasPoolRoom(load) && !(load.outlook("cpu_pool", facts).waitMs > waitMs);
  }

  /** Whether a job that would be late is to be refused: one that hardly waits runs anyway, as in `Decider.admit()`. */
  #isTooLate({ facts }: Job, waitMs: number): boolean {
    const { kind, computeCost } = facts;
    if (waitMs > deadlineOf(facts) - facts.submittedAtMs) return true;
    const { typicalMs, probeAtMs } = this.#load.model.predict(kind, computeCost);
    return waitMs > typicalMs / 2 && this.#load.nowMs < probeAtMs;
  }

  accept(job: Job): void {
    job.wait();
    if (!job.isOver) this.enqueue(job);
  }

  /** Enqueues a call; its jobs are in the state `waiting` already. */
  enqueue(call: Call): void {
    if (call.kind.isLimited && !this.#places.take(call, this)) {
      this.#load.spawnWaiting += call.size;
      return;
    }
    for (const job of call.jobs) this.#admission.watch(job);
    this.#forecast(call);
    this.#queue.push(call, this.#clock.now());
    this.#count(call, 1);
    this.#postTurn();
  }

  /** What is known of a call as it is queued: that it blocks this thread is the policy's choice then. */
  #forecast(call: Call): void {
    call.forecastHere(this.#load);
    if (this.#blocks(call)) call.ticket.isBlocker = true;
  }

  placed(call: Call): void {
    this.#load.spawnWaiting -= call.size;
    this.#forecast(call);
    this.#queue.putBack(call);
    this.#count(call, 1);
    this.#postTurn();
  }

  held(): readonly Job[] {
    const calls = [...this.#queue.all(), ...this.#held.all(), ...this.#running.keys()];
    calls.push(...this.#places.heldFor(this));
    return calls.flatMap((call) => call.jobs);
  }

  revoke(call: Call): boolean {
    if (this.#places.isHeld(call)) this.#load.spawnWaiting -= call.size;
    else if (!this.#unhold(call)) {
      if (!this.#queue.remove(call)) return false;
      this.#count(call, -1);
    }
    this.#places.leave(call);
    return true;
  }

  gathers(jobs: number): void {
    this.#load.spawnWaiting += jobs;
  }

  shrank(call: Call): void {
    this.#load.spawnWaiting--;
    if (call.size === 0) this.revoke(call);
  }

  #count(call: Call, sign: 1 | -1): void {
    this.#load.countSpawn(sign * call.size, sign, call.ticket.expectedMs);
  }

  abort(): void {
    // No worker holds it.
  }

  poll(): void {
    // Its result is reported at once.
  }

  paused(busyMs: number): void {
    this.#load.ranHereMs += busyMs;
  }

  returned(call: Runnable, busyMs: number): void {
    this.#load.ranHereMs += busyMs;
    this.#load.spawnRunning--;
    this.#running.delete(call as Call);
    const { ticket } = call as Call;
    if (ticket.flow !== null && busyMs > 0) this.#queue.ran?.(call as Call, busyMs);
    if (ticket.place !== null) this.#places.leave(call as Call);
    this.#postTurn();
  }

  #postTurn(): void {
    if (this.#turnPosted || (this.#queue.length === 0 && this.#firstHeld() === null)) return;
    if (this.#load.spawnRunning >= this.#concurrency) return;
    this.#turnPosted = true;
    this.#clock.post((lane) => lane.#startOne(), this);
  }

  /** Hands a job elsewhere if more is known of its kind than when it was routed; returns whether it did. */
  #movesOn({ jobs: [job], isBatch, ticket }: Call): boolean {
    if (isBatch) return false;
    const strategy = this.#admission.reconsider(job) ??
      (!ticket.isBlocker && this.#blocks(job) ? "cpu_pool" : null);
    if (strategy === null) return false;
    const lane = strategy === "inline" ? this.#inline : this.#pool;
    // It is the first of its kind: those that are held are behind it.
    const behind = strategy === "inline" ? this.#held.sizeOf(job.kind.index) : 0;
    if (lane.refuse(job, behind) !== null) return false;
    if (!moveTo(strategy, lane, job, this.#admission)) {
      this.#places.leave(job);
      return true;
    }
    this.#load.nowMs = this.#clock.now(); // those before it may have run
    if (strategy === "inline") this.#inline.accept(job);
    else this.#pool.enqueue(job);
    return true;
  }

  /** Whether it is known to block this thread for longer than a slice, and a worker could have it. */
  #blocks({ facts: { kind, computeCost } }: Call): boolean {
    const { model, inlineSliceMs } = this.#load;
    return kind.hasModule && model.busyMs(kind, computeCost) > inlineSliceMs;
  }

  /** Takes out the call that starts next; `null` if none can. Those of kinds at their limits are held. */
  #take(): Call | null {
    let next = this.#queue.first;
    for (; next !== null && this.limits.isFull(next.kind.index); next = this.#queue.first) {
      this.#hold(next);
    }
    const held = this.#firstHeld();
    if (held !== null && (next === null || this.#queue.keyOf(held) <= this.#queue.keyOf(next))) {
      this.#unhold(held);
      return held;
    }
    if (next === null) return null;
    this.#queue.remove(next);
    this.#count(next, -1);
    return next;
  }

  /** Those that are held for a limit of their kind wait longer, and come first. */
  readonly #company: Waiting = {
    threads: 1,
    nextFreeMs: Infinity,
    length: () => this.#load.spawnWaiting,
    mateOf: (call, untilMs) =>
      this.#held.firstOf(call.kind.index) ?? this.#queue.mateOf(call, untilMs),
    take: (mate) => {
      if (this.#unhold(mate)) return;
      this.#queue.remove(mate);
      this.#count(mate, -1);
    },
  };

  /** The first of the calls that were held and may begin. */
  #firstHeld(): Call | null {
    let first: Call | null = null;
    for (const call of this.#held.ready((kind) => !this.limits.isFull(kind))) {
      if (first === null || this.#queue.keyOf(call) < this.#queue.keyOf(first)) first = call;
    }
    return first;
  }

  /** Its work does not keep others waiting any more. */
  #hold(call: Call): void {
    this.#queue.remove(call);
    this.#held.add(call);
    this.limits.hold(call.kind.index, 1);
    this.#load.countSpawn(0, -1, call.ticket.expectedMs);
  }

  #unhold(call: Call): boolean {
    if (!this.#held.remove(call)) return false;
    this.limits.hold(call.kind.index, -1);
    this.#load.spawnWaiting -= call.size;
    return true;
  }

  /** Starts one call. */
  #startOne(): void {
    this.#load.nowMs = this.#clock.now();
    for (let next = this.#take(); next !== null; next = this.#take()) {
      if (this.#movesOn(next)) continue;
      const call = next.ticket.gathers ? withCompany(next, this.#load, this.#company) : next;
      if (!call.ready(this.#admission)) {
        this.#places.leave(call);
        continue;
      }
      this.#queue.started?.(call);
      const context = new RunContext(call);
      call.context = context;
      this.#load.spawnRunning++;
      this.#running.set(call, this.#load.nowMs);
      call.start();
      // A callback on its start may have aborted it.
      if (call.isForsaken) this.returned(call, 0);
      else runHere(call, context, this.#clock, this, this.#clock.now());
      break;
    }
    this.#turnPosted = false; // only now: what a settled job submits must wait for the next turn
    this.#postTurn();
  }
}
