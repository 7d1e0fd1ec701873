import type { BusyShares } from "../busy_shares.ts";
import type { Clock } from "../clock.ts";
import type { Job } from "../job/job.ts";
import type { LoadGauges } from "../policy/load.ts";
import { type Decision, type KindFacts, sharedDecision } from "../policy/policy.ts";
import { RunContext } from "../define/run_context.ts";
import type { Lane } from "../job/lane.ts";
import { NO_TICKET, Ticket } from "../job/ticket.ts";
import type { AsyncLimits } from "./async_limit.ts";
import type { BatchTarget } from "./batch.ts";
import type { Places, PlaceTaker } from "./places.ts";
import { follow, type Host, runHere, type Runnable } from "./run_here.ts";

/** Inline runs have taken `inlineSliceMs` in this turn. */
const SLICE_SPENT = sharedDecision("spawn", "inline_slice_spent");
/** As many of its kind run as may, or are worth it. */
const KIND_FULL = sharedDecision("spawn", "kind_full");
/** `spawnConcurrency` inline runs are pending. */
const TOO_MANY_PENDING = sharedDecision("spawn", "inline_pending_full");

/** What it takes to queue a job and to start it later, in ms. */
const QUEUEING_MS = 0.01;
/** More that wait come from one burst, and not from as many who each wait for the last one. */
const MANY = 100;

/** What a job's function has returned or thrown. */
interface Returned {
  readonly ok: boolean;
  readonly isPending: boolean;
  readonly value: unknown;
}

/**
 * Runs jobs inside `submit()`. Once the inline runs of one event loop turn have taken
 * `inlineSliceMs`, further jobs of that turn are spawned, so that no number of submits blocks the
 * loop; but for those of a burst that would take longer to queue than to run. Pending asynchronous
 * runs are bounded like spawned ones.
 */
export class InlineLane implements Lane, Host, PlaceTaker {
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  declare readonly shares: BusyShares;
  declare readonly limits: AsyncLimits;
  readonly #places: Places;
  /** Takes jobs of kinds that have got to their limit since they were refused no place. */
  spawn!: Lane & BatchTarget;
  #maxPending = 0;
  /** Number of runs that have not ended. */
  #pending = 0;
  /** Those of them that returned a promise. */
  readonly #later = new Set<Runnable>();
  /** Start of the outermost run, as a job may submit jobs; `NaN` if none runs. */
  #outerStartMs = NaN;
  /** Whether jobs ran inside the outermost one, or in its sink. */
  #hasNested = false;
  #resetPosted = false;

  constructor(
    clock: Clock,
    load: LoadGauges,
    shares: BusyShares,
    limits: AsyncLimits,
    places: Places,
  ) {
    this.#clock = clock;
    this.#load = load;
    this.shares = shares;
    this.limits = limits;
    this.#places = places;
  }

  /** Changes the limit, from the next job on. */
  tune(maxPending: number): void {
    this.#maxPending = maxPending;
  }

  /** Whether it has posted a callback that has not run yet. */
  get hasPosted(): boolean {
    return this.#resetPosted;
  }

  refuse(job: Job, leaving = 0): Decision | null {
    const { kind, computeCost } = job.facts;
    if (kind.isLimited && this.#places.mustWait(job)) return KIND_FULL;
    return this.objectionTo(kind, computeCost, leaving);
  }

  /** Why no job of a kind at a cost may run now, besides the kind's own limits; `null` if one may. */
  objectionTo(kind: KindFacts, cost: number, leaving = 0): Decision | null {
    if (this.limits.mustWait(kind.index, leaving)) return KIND_FULL;
    const nested = this.#outerStartMs;
    const spentMs = this.#load.inlineTurnMs + (nested >= 0 ? this.#load.nowMs - nested : 0);
    if (spentMs >= this.#load.inlineSliceMs && !this.#isNotWorthWaiting(kind, cost)) {
      return SLICE_SPENT;
    }
    return this.#pending >= this.#maxPending ? TOO_MANY_PENDING : null;
  }

  /**
   * Whether to put a job off would only take this thread longer than to run it: it is one of a burst, which does not
   * end sooner if its jobs wait.
   */
  #isNotWorthWaiting(kind: KindFacts, cost: number): boolean {
    return this.#load.spawnWaiting >= MANY && this.isQuick(kind, cost);
  }

  /** Whether a job is over sooner than it can be put off, and may run inline at all. */
  isQuick(kind: KindFacts, cost: number): boolean {
    const { busyTypicalMs, isAsync } = this.#load.model.predict(kind, cost);
    return !isAsync && busyTypicalMs < QUEUEING_MS && this.#load.inlineSliceMs > 0;
  }

  accept(job: Job): void {
    if (job.facts.kind.isLimited && !this.#takePlace(job)) return;
    const startMs = this.#load.nowMs;
    const isOuter = this.begin(startMs);
    const context = new RunContext(job);
    job.context = context;
    job.start(1);
    if (!job.isOver) runHere(job, context, this.#clock, this, startMs);
    else { // a callback on its start has aborted it
      this.#pending--;
      if (job.ticket.place !== null) this.#places.leave(job);
    }
    if (job.state !== "settled") this.#later.add(job);
    this.#end(isOuter, job.ran ? job.runMs : NaN);
  }

  /** Whether the runs of this turn have used up the slice. */
  get isSpent(): boolean {
    return this.#load.inlineTurnMs >= this.#load.inlineSliceMs;
  }

  /** Takes a job that has waited elsewhere. All that it takes counts, as there may be thousands in a row. */
  acceptMoved(job: Job): void {
    const load = this.#load;
    const startMs = load.nowMs = this.#clock.now();
    const spentMs = load.inlineTurnMs;
    this.accept(job);
    const restMs = this.#clock.now() - startMs - (load.inlineTurnMs - spentMs);
    if (restMs > 0) this.#spend(restMs);
  }

  /** A run begins; returns whether it is in no other one. */
  begin(startMs: number): boolean {
    this.#pending++;
    if (this.#outerStartMs >= 0) {
      this.#hasNested = true;
      return false;
    }
    this.#outerStartMs = startMs;
    return true;
  }

  /** The run of a job without an object has ended. */
  end(isOuter: boolean, runMs: number): void {
    this.#pending--;
    this.#end(isOuter, runMs);
  }

  /** Takes over a job that has begun without an object, with what its function has returned or thrown. */
  resume(job: Job, { ok, isPending, value }: Returned, isOuter: boolean, nowMs: number): void {
    const startMs = job.submittedAtMs;
    const runMs = nowMs - startMs;
    job.lane = this;
    job.start(1);
    if (isPending) {
      follow(value as PromiseLike<unknown>, job, this.#clock, this, startMs);
    } else {
      this.returned(job);
      job.finish(ok, value, runMs, runMs, nowMs);
    }
    if (job.state !== "settled") this.#later.add(job);
    this.#end(isOuter, job.ran ? runMs : NaN);
  }

  /** `runMs` is `NaN` if it has not been timed yet: a run that ended by itself, with no other in it, has. */
  #end(isOuter: boolean, runMs: number): void {
    if (!isOuter) return;
    const startMs = this.#outerStartMs;
    this.#outerStartMs = NaN;
    this.#spend(runMs >= 0 && !this.#hasNested ? runMs : this.#clock.now() - startMs);
    this.#hasNested = false;
  }

  /** A callback since it was asked may have taken the last place: then it waits for one. */
  #takePlace(job: Job): boolean {
    if (job.ticket === NO_TICKET) job.ticket = new Ticket();
    if (job.ticket.place === null && this.#places.mustWait(job)) {
      job.moveTo("spawn", this.spawn);
      if (!job.isOver) this.spawn.enqueue(job);
      return false;
    }
    return this.#places.take(job, this);
  }

  placed(): void {
    // None of its jobs is held.
  }

  paused(): void {
    // All that runs inside an outermost call is counted at its end.
  }

  returned(call: Runnable): void {
    this.#pending--;
    if (this.#later.size > 0) this.#later.delete(call);
    if (call.kind.isLimited) this.#places.leave(call as Job);
  }

  held(): readonly Job[] {
    return [...this.#later].flatMap((call) => call.jobs);
  }

  revoke(): boolean {
    return false;
  }

  abort(): void {
    // No worker holds it.
  }

  poll(): void {
    // Its result is reported at once.
  }

  #spend(ms: number): void {
    this.#load.inlineTurnMs += ms;
    this.#load.ranHereMs += ms;
    // The end of the turn matters only once a good part of the slice is spent: short runs in many
    // turns then do not cost a posted callback each.
    if (this.#load.inlineTurnMs * 4 < this.#load.inlineSliceMs || this.#resetPosted) return;
    this.#resetPosted = true;
    this.#clock.post((lane) => lane.startTurn(), this);
  }

  /** A turn of the event loop has begun. */
  startTurn(): void {
    this.#resetPosted = false;
    this.#load.inlineTurnMs = 0;
  }
}
