import { drawOf } from "../policy/draw.ts";
import type { Clock, Timer } from "../clock.ts";
import { isLate } from "./deadlines.ts";
import { JobFailedError } from "../errors.ts";
import { checkCost, type SubmitOptions } from "../submit/hints.ts";
import type { KindInfo } from "../submit/kind.ts";
import { AHEAD_MS, type Call, FOLLOW_MS } from "./call.ts";
import type { Lane } from "./lane.ts";
import { NO_TICKET, Ticket } from "./ticket.ts";
import { type Limits, limitsOf } from "../submit/limits.ts";
import type { JobTrace } from "../observe/job_trace.ts";
import type { Movable } from "../movable.ts";
import type { DropReason, Outcome, Status, Strategy } from "../outcome.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { Router } from "../router.ts";
import type { RunContext } from "../define/run_context.ts";
import { startRunTimeout, TIMEOUT_GRACE_MS } from "./run_timeout.ts";
import type { SettledJob, Sink } from "../sink.ts";
import type { TraceContext } from "../trace_context.ts";

/** Where a job is on its way. */
export type JobState = "new" | "waiting" | "running" | "settled";

const NOTHING: SubmitOptions = Object.freeze({});
const NOTHING_MOVED: Movable[] = [];

/** One submission, from check to outcome. */
export class Job implements Call, JobFacts, SettledJob {
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
  /** What carries it through a queue: itself, or a batch. */
  call: Call = this;
  ticket: Ticket = NO_TICKET;
  context: RunContext | null = null;
  sink: Sink | null = null;
  resolve: ((outcome: Outcome<unknown>) => void) | null = null;
  reject: ((error: unknown) => void) | null = null;
  /** Who hears of it, if the router has telemetry. */
  trace: JobTrace | null = null;
  /** Place among the deadlines; -1 when it has none there. */
  deadlinePlace = -1;
  #timer: Timer | null = null;
  /** Settled from outside while a lane still had it: the lane's later word does not count. */
  #withdrawn = false;
  #ran = false;
  #isMoved = false;

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

  get jobs(): readonly Job[] {
    return [this];
  }

  get size(): number {
    return 1;
  }

  get facts(): JobFacts {
    return this;
  }

  get isForsaken(): boolean {
    return this.isOver;
  }

  get mayWaitInWorker(): boolean {
    if (this.mayMove) return false;
    const { expectedMs } = this.ticket;
    // With a budget it has to be looked at before it starts, as it may be too late by then.
    return expectedMs < AHEAD_MS || (expectedMs < FOLLOW_MS && this.latencyBudgetMs === Infinity);
  }

  get isMoved(): boolean {
    return this.#isMoved;
  }

  get draw(): number {
    return drawOf(this.owner.seed, this.id);
  }

  get deadlineMs(): number {
    return this.submittedAtMs + this.latencyBudgetMs;
  }

  get expectedRunMs(): number {
    return this.kind.expectedMs(this.computeCost);
  }

  get slowRunMs(): number {
    return this.kind.slowMs(this.computeCost);
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

  transfer(): Movable[] {
    if (!this.mayMove) return NOTHING_MOVED;
    const { options, kind, input } = this;
    const moved = [...options.transfer ?? [], ...kind.definition.transfer?.(input) ?? []];
    this.#isMoved = moved.length > 0;
    return moved;
  }

  traces(): readonly (TraceContext | undefined)[] | undefined {
    return this.trace?.contexts();
  }

  forecast(): void {
    this.ticket.expectedMs = this.expectedRunMs;
  }

  /** Whether objects in its input may be moved: then it cannot be revoked from a worker. */
  get mayMove(): boolean {
    return this.kind.mayMove || this.options.transfer !== undefined;
  }

  report(progress: unknown): void {
    if (!this.isOver && this.options.onProgress !== undefined) {
      this.owner.progressed(this, progress);
    }
  }

  /** It joins a queue of its lane. */
  wait(): void {
    this.state = "waiting";
    if (this.ticket === NO_TICKET) this.ticket = new Ticket();
    if (this.trace !== null) this.trace.waits();
    this.owner.waits(this);
  }

  ready(clock: Clock): boolean {
    if (this.isOver) return false;
    const hasBudget = this.latencyBudgetMs !== Infinity;
    const objection = hasBudget && isLate(this, clock.now())
      ? "expired"
      : this.owner.objection(this);
    if (objection === null) return !this.isOver;
    this.drop(objection, clock.now());
    return false;
  }

  /** It runs from now on, in a call of `batchSize` jobs. */
  start(batchSize = 1): void {
    if (this.isOver || this.state === "running") return;
    this.state = "running";
    this.batchSize = batchSize;
    if (this.trace !== null) this.trace.starts(this.call);
    this.owner.starts(this);
    if (this.runTimeoutMs !== Infinity && !this.isOver) {
      this.#timer = startRunTimeout(this);
    }
  }

  finish(ok: boolean, value: unknown, runMs: number, nowMs: number): void {
    if (this.#withdrawn) return;
    this.#ran = true;
    this.runMs = runMs;
    if (ok) this.settle("completed", value, nowMs);
    else this.settle("failed", new JobFailedError(this.kind.name, value), nowMs);
  }

  fail(error: unknown, nowMs: number): void {
    if (!this.isOver) this.settle("failed", error, nowMs);
  }

  drop(reason: DropReason, nowMs: number): void {
    if (!this.isOver) this.settle("dropped", reason, nowMs);
  }

  /** It runs once only. */
  survivors(): readonly Job[] {
    return [];
  }

  waitAgain(): void {
    if (!this.isOver) this.retry(this.lane!);
  }

  /** Its budget has run out while it waited; unless it has begun in a worker already. */
  expire(): void {
    if (this.lane?.revoke(this) === false) return this.start();
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
    if (this.lane?.revoke(this) === false) {
      if (this.call.isForsaken) this.call.context?.abort(value);
      this.lane.abort(this, Math.min(graceMs, this.runTimeoutMs + TIMEOUT_GRACE_MS));
    }
    this.settle(status, value, this.owner.clock.now());
  }

  /** The only place where a job ends. */
  settle(status: Status, value: unknown, nowMs: number): void {
    if (this.state === "settled") return this.owner.settledAgain();
    this.state = "settled";
    this.status = status;
    this.value = value;
    this.totalMs = nowMs - this.submittedAtMs;
    if (this.#timer !== null) {
      this.#timer.cancel();
      this.#timer = null;
    }
    this.owner.settled(this, nowMs);
  }
}
