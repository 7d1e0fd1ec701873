import type { Clock, Timer } from "./clock.ts";
import { JobFailedError, JobTimeoutError } from "./errors.ts";
import { checkCost, type SubmitOptions } from "./hints.ts";
import type { KindInfo } from "./kind.ts";
import type { Call } from "./lanes/call.ts";
import type { Lane } from "./lanes/lane.ts";
import { type Limits, limitsOf } from "./limits.ts";
import type { Movable } from "./movable.ts";
import type { Outcome, Status, Strategy } from "./outcome.ts";
import type { JobFacts } from "./policy/policy.ts";
import type { Router } from "./router.ts";
import type { RunContext } from "./run_context.ts";

/** Where a job is on its way. */
export type JobState = "new" | "waiting" | "running" | "settled";

/** A worker that ignores a run timeout for this long is ended. */
const TIMEOUT_GRACE_MS = 50;

const NOTHING: SubmitOptions = Object.freeze({});
const NOTHING_MOVED: Movable[] = [];

/** What a sink is told about a settled job. */
export interface SettledJob {
  /** Number of the job. */
  readonly id: number;
  /** Its kind. */
  readonly kind: { readonly name: string };
  /** How it ended. */
  readonly status: Status;
  /** The lane it was on, or `backpressure_drop`. */
  readonly strategy: Strategy;
  /** Output, drop reason, or what the promise would reject with. */
  readonly value: unknown;
  /** When it was submitted, on the router's clock, in ms. */
  readonly submittedAtMs: number;
  /** Time it did not run, in ms. */
  readonly waitMs: number;
  /** Time it ran, in ms; 0 if it did not. */
  readonly runMs: number;
  /** From submit to outcome, in ms. */
  readonly totalMs: number;
  /** Whether it ended within its latency budget. */
  readonly withinBudget: boolean;
}

/** Hears of jobs given to `offer()`. One object may serve any number of jobs. */
export interface Sink {
  /** The job is over; called exactly once. */
  settled(job: SettledJob): void;
  /** The job was not taken at all: `submit()` would have rejected with this error. */
  refused(error: unknown): void;
}

/** One submission, from check to outcome. */
export class Job implements JobFacts, SettledJob {
  readonly id: number;
  readonly kind: KindInfo;
  readonly owner: Router;
  readonly input: unknown;
  readonly options: SubmitOptions;
  readonly computeCost: number;
  /** Shared by all jobs that bring no options of their own. */
  readonly #limits: Limits;
  submittedAtMs = 0;
  runMs = 0;
  totalMs = 0;
  batchSize = 1;
  state: JobState = "new";
  status: Status = "completed";
  strategy: Strategy = "backpressure_drop";
  value: unknown = undefined;
  retryAfterMs = 1;
  lane: Lane | null = null;
  /** What carries it through a queue, alone or with others; null inline. */
  call: Call | null = null;
  /** Set while it runs inline. */
  context: RunContext | null = null;
  sink: Sink | null = null;
  resolve: ((outcome: Outcome<unknown>) => void) | null = null;
  reject: ((error: unknown) => void) | null = null;
  /** Links of the router's list of jobs in flight. */
  olderInFlight: Job | null = null;
  newerInFlight: Job | null = null;
  isListed = false;
  /** Place among the deadlines; -1 when it has none there. */
  deadlinePlace = -1;
  #timer: Timer | null = null;
  /** Settled from outside while a lane still had it: the lane's later word does not count. */
  #withdrawn = false;
  #ran = false;

  constructor(
    id: number,
    kind: KindInfo,
    owner: Router,
    input: unknown,
    options: SubmitOptions | undefined,
  ) {
    const computeCost = options?.computeCost;
    this.id = id;
    this.kind = kind;
    this.owner = owner;
    this.input = input;
    this.options = options ?? NOTHING;
    this.computeCost = computeCost === undefined
      ? kind.costOf(input)
      : checkCost(kind.name, computeCost);
    this.#limits = options == null ? kind.limits : limitsOf(kind, options);
  }

  get scalingPotential(): number {
    return this.#limits.scalingPotential;
  }

  get latencyBudgetMs(): number {
    return this.#limits.latencyBudgetMs;
  }

  get priority(): number {
    return this.#limits.priority;
  }

  get runTimeoutMs(): number {
    return this.#limits.runTimeoutMs;
  }

  get isBatch(): boolean {
    return false;
  }

  get draw(): number {
    return hash(this.owner.seed, this.id);
  }

  get deadlineMs(): number {
    return this.submittedAtMs + this.latencyBudgetMs;
  }

  get waitMs(): number {
    return this.#ran ? Math.max(0, this.totalMs - this.runMs) : this.totalMs;
  }

  /** Whether it came to run at all, so that its times say something. */
  get ran(): boolean {
    return this.#ran;
  }

  /** Whether its end is decided, even if a lane still works on it. */
  get isOver(): boolean {
    return this.#withdrawn || this.state === "settled";
  }

  get withinBudget(): boolean {
    return this.totalMs <= this.latencyBudgetMs;
  }

  payload(): unknown {
    return this.input;
  }

  /** Objects that are moved with its input. */
  transfer(): Movable[] {
    if (!this.mayMove) return NOTHING_MOVED;
    return [...this.options.transfer ?? [], ...this.kind.definition.transfer?.(this.input) ?? []];
  }

  /** Whether objects in its input may be moved: then it cannot be taken back from a worker. */
  get mayMove(): boolean {
    return this.options.transfer !== undefined || this.kind.definition.transfer !== undefined;
  }

  /** It tells its caller how far it is. */
  report(progress: unknown): void {
    if (!this.isOver && this.options.onProgress !== undefined) {
      this.owner.progressed(this, progress);
    }
  }

  /** It joins a queue of its lane. */
  wait(): void {
    this.state = "waiting";
    this.owner.waits(this);
  }

  /** Its last check before it runs: whether it still may. Settles it if not. */
  ready(clock: Clock): boolean {
    if (this.isOver) return false;
    const isLate = this.latencyBudgetMs !== Infinity && clock.now() > this.deadlineMs;
    const objection = isLate ? "expired" : this.owner.objection(this);
    if (objection === null) return !this.isOver;
    this.end("dropped", objection, clock.now());
    return false;
  }

  /** It runs from now on, in a call of `batchSize` jobs. */
  start(batchSize: number): void {
    if (this.isOver || this.state === "running") return;
    this.state = "running";
    this.batchSize = batchSize;
    this.owner.starts(this);
    if (this.runTimeoutMs !== Infinity && !this.isOver) {
      this.#timer = this.owner.clock.setTimer(this.runTimeoutMs, onRunTimeout, this);
    }
  }

  /** Its run has ended by itself: `value` is what it gave, or what it threw. */
  finish(ok: boolean, value: unknown, runMs: number, nowMs: number): void {
    if (this.#withdrawn) return;
    this.#ran = true;
    this.runMs = runMs;
    if (ok) this.settle("completed", value, nowMs);
    else this.settle("failed", new JobFailedError(this.kind.name, value), nowMs);
  }

  /** Its lane gives it up, unless it is over already. */
  end(status: "dropped" | "failed", value: unknown, nowMs: number): void {
    if (!this.isOver) this.settle(status, value, nowMs);
  }

  /** Its budget has run out while it waited; unless it has begun in a worker already. */
  expire(): void {
    if (this.lane?.takeBack(this) === false) return this.start(1);
    this.settle("dropped", "expired", this.owner.clock.now());
  }

  /** Its worker was lost before its turn, or its batch with it: it waits again, on `lane`. */
  retry(lane: Lane): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.lane = lane;
    this.wait();
  }

  /** Ends it from outside, wherever it is, and tells its lane. */
  withdraw(status: Status, value: unknown, graceMs: number): void {
    if (this.isOver) return;
    this.#withdrawn = true;
    this.value = value;
    // An aborted run still has its run timeout: its worker must not be held for ever.
    if (this.lane?.takeBack(this) === false) {
      this.lane.stop(this, Math.min(graceMs, this.runTimeoutMs + TIMEOUT_GRACE_MS));
    }
    this.settle(status, value, this.owner.clock.now());
  }

  /** The only place where a job ends. */
  settle(status: Status, value: unknown, nowMs: number): void {
    if (this.state === "settled") {
      this.owner.settledAgain();
      return;
    }
    this.state = "settled";
    this.status = status;
    this.value = value;
    this.totalMs = nowMs - this.submittedAtMs;
    if (this.#timer !== null) {
      this.#timer.cancel();
      this.#timer = null;
    }
    this.owner.settled(this);
  }

  /** What `submit()` resolves to, for a completed or dropped job. */
  outcome(): Outcome<unknown> {
    return this.status === "completed"
      ? {
        status: "completed",
        output: this.value,
        strategy: this.strategy,
        timing: { waitMs: this.waitMs, runMs: this.runMs, totalMs: this.totalMs },
        withinBudget: this.withinBudget,
      }
      : { status: "dropped", reason: this.value as string, retryAfterMs: this.retryAfterMs };
  }
}

function onRunTimeout(job: Job): void {
  const error = new JobTimeoutError(job.kind.name, job.runTimeoutMs);
  job.withdraw("timedOut", error, TIMEOUT_GRACE_MS);
}

/** A 32-bit mix of two integers (the finaliser of MurmurHash3), as a number from 0 to below 1. */
function hash(seed: number, id: number): number {
  let h = Math.imul(seed ^ Math.imul(id, 0x9e3779b1), 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4_294_967_296;
}
