import type { Timer } from "../clock.ts";
import { cutStacks } from "../define/job_stack.ts";
import type { RunContext } from "../define/run_context.ts";
import { JobFailedError } from "../errors.ts";
import type { Movable } from "../movable.ts";
import type { Expectation, ExpectedJob } from "../observe/hindsight.ts";
import type { JobTrace } from "../observe/job_trace.ts";
import type { Sink } from "../observe/sink.ts";
import type { DropReason, Status, Strategy } from "../outcome.ts";
import type { LoadGauges } from "../policy/load.ts";
import type { Decision } from "../policy/policy.ts";
import type { Facts } from "../submit/facts.ts";
import type { Given } from "../submit/given.ts";
import type { KindInfo } from "../submit/kind.ts";
import { hearRejection, isThenable } from "../thenable.ts";
import type { TraceContext } from "../trace_context.ts";
import type { WorkerCall } from "../worker_call.ts";
import type { Admission } from "./admission.ts";
import type { Call } from "./call.ts";
import type { JobOwner } from "./job_owner.ts";
import type { Lane } from "./lane.ts";
import type { Routing } from "./routing.ts";
import { TIMEOUT_GRACE_MS } from "./run_timeouts.ts";
import { NO_TICKET, Ticket } from "./ticket.ts";

/** The state of a job. */
export type JobState = "new" | "waiting" | "running" | "settled";

const NOTHING_MOVED: Movable[] = [];

/** What is the same of each job, or of nearly each. As fields of each, the last three would be 24 bytes a job (V8). */
const SHARED = {
  isBatch: false,
  size: 1,
  /** Whether it tests an estimate by which it would have been refused. */
  isProbe: false,
  /** How often it has moved to another lane. */
  moves: 0,
  isMoved: false,
};

type Shared = typeof SHARED;

/** What is shared is read from the prototype until it is set. */
export interface Job extends Shared {}

/**
 * One submission, from decision to outcome: its mutable state. The rest is in `facts`. It has no private methods, for
 * which V8 would give each job one more field.
 */
export class Job implements Call, ExpectedJob {
  declare readonly facts: Facts;
  declare readonly input: unknown;
  declare readonly given: Given;
  /** Whether it can be revoked from a worker: not if objects in its input may be transferred. */
  declare readonly isRevocable: boolean;
  readonly #owner: JobOwner;
  state: JobState = "new";
  status: Status = "completed";
  strategy: Strategy = "backpressure_drop";
  /** What it was routed on; set before a lane has it. */
  decision!: Decision;
  value: unknown = undefined;
  /** Its times in ms, unset until it is settled: that saves two boxed numbers per waiting job. */
  runMs!: number;
  totalMs!: number;
  /** Time of its run in which it kept its thread busy; `NaN` if unknown. */
  busyMs!: number;
  /** Whether it ran and ended by itself, so that its times are meaningful. */
  ran = false;
  /** When a retry is worthwhile, if it was dropped, in ms; 0 until that is known. */
  retryAfterMs = 0;
  /** Number of jobs in the call it ran in. */
  batchSize = 1;
  lane: Lane | null = null;
  /** The call in which it waits and runs: itself, or a batch. */
  call: Call = this;
  ticket: Ticket = NO_TICKET;
  context: RunContext | null = null;
  /** Notified when it is over. */
  sink: Sink | null = null;
  /** What it was routed on, if the policy observes. */
  routing: Routing | null = null;
  /** What was expected of it, if it is looked back on. */
  expected: Expectation | null = null;
  /** Its telemetry, if the router has any. */
  trace: JobTrace | null = null;
  /** Index among the deadlines; -1 if it is not there. */
  deadlineIndex = -1;
  /** Fires at its run timeout. */
  runTimer: Timer | null = null;
  /** Whether it was settled from outside: what its lane reports later is ignored. */
  #isWithdrawn = false;

  constructor(facts: Facts, owner: JobOwner, input: unknown, given: Given) {
    this.facts = facts;
    this.#owner = owner;
    this.input = input;
    this.given = given;
    this.isRevocable = facts.kind.mayMove === false && given.transfer === undefined;
  }

  get id(): number {
    return this.facts.id;
  }

  get kind(): KindInfo {
    return this.facts.kind;
  }

  get submittedAtMs(): number {
    return this.facts.submittedAtMs;
  }

  get deadlineMs(): number {
    return this.facts.arrivedAtMs + this.facts.latencyBudgetMs;
  }

  get waitMs(): number {
    return this.ran ? Math.max(0, this.totalMs - this.runMs) : this.totalMs;
  }

  /** Time its run may take before it is aborted, in ms. */
  get runLimitMs(): number {
    return Math.min(this.given.abortAfterMs ?? Infinity, this.facts.runTimeoutMs);
  }

  /** Whether the death of its worker counts against its kind: not after a limit or an abort of its caller. */
  get blamesKind(): boolean {
    if (this.status !== "timedOut") return this.status !== "cancelled";
    const { runTimeoutMs } = this.facts;
    return this.given.runTimeoutMs === undefined && this.runLimitMs === runTimeoutMs;
  }

  get withinBudget(): boolean {
    return this.totalMs <= this.facts.latencyBudgetMs;
  }

  /** Whether it has ended for its caller, even if a lane still works on it. */
  get isOver(): boolean {
    return this.#isWithdrawn === true || this.state === "settled";
  }

  get jobs(): readonly Job[] {
    return [this];
  }

  get isForsaken(): boolean {
    return this.isOver;
  }

  payload(): unknown {
    return this.input;
  }

  traces(): readonly (TraceContext | undefined)[] | undefined {
    return this.trace?.contexts();
  }

  message(): WorkerCall {
    const { seq } = this.ticket;
    const kind = this.facts.kind.name;
    const traces = this.traces();
    // Without traces the key is left out: objects of one shape are faster.
    return traces === undefined
      ? { seq, kind, isBatch: false, payload: this.input }
      : { seq, kind, isBatch: false, payload: this.input, traces };
  }

  transfer(): Movable[] {
    if (this.isRevocable === true) return NOTHING_MOVED;
    const { given, input } = this;
    const { transfer } = this.kind.definition;
    const named = transfer === undefined ? NOTHING_MOVED : transfer(input) ?? NOTHING_MOVED;
    if (isThenable(named)) {
      hearRejection(named);
      throw new TypeError('"transfer" must return an array: received a promise');
    }
    const moved = [...given.transfer ?? NOTHING_MOVED, ...named];
    this.isMoved = moved.length > 0;
    return moved;
  }

  forecast(load: LoadGauges): void {
    const { ticket, facts } = this;
    if (ticket.gathers === true) {
      const { pays, eachMs } = load.batchOf(facts);
      if (pays) return void (ticket.expectedMs = eachMs);
    }
    ticket.expectedMs = load.model.typicalMs(facts.kind, facts.computeCost);
  }

  forecastHere(load: LoadGauges): void {
    const { ticket, facts: { kind, computeCost } } = this;
    const { model } = load;
    ticket.expectedMs = model.expectedBusyMs(kind, computeCost);
    if (!ticket.gathers) return;
    const { pays, eachMs } = load.batchOf(this.facts);
    if (pays) ticket.expectedMs = eachMs * model.batchBusyShare(kind);
  }

  report(progress: unknown): void {
    if (this.isOver || this.given.onProgress === undefined) return;
    this.#owner.report({ type: "progress", job: this, value: progress });
  }

  /** Its lane has accepted it: it waits, if only for a moment. */
  wait(): void {
    this.state = "waiting";
    if (this.ticket === NO_TICKET) this.ticket = new Ticket();
    if (this.trace !== null) this.trace.waits();
    if (this.#owner.isObserved === true) this.#owner.waits(this);
  }

  watch(admission: Admission): void {
    admission.watch(this);
  }

  ready(admission: Admission): boolean {
    if (this.isOver) return false;
    const objection = admission.admit(this);
    if (objection !== null) this.drop(objection, admission.clock.now());
    return !this.isOver; // the policy may have aborted it
  }

  /** It starts to run, in a call of `batchSize` jobs. */
  start(batchSize = 1): void {
    if (this.isOver || this.state === "running") return;
    this.state = "running";
    this.batchSize = batchSize;
    if (this.trace !== null) this.trace.starts(batchSize, this.call.trace);
    this.#owner.starts(this);
  }

  finish(ok: boolean, value: unknown, runMs: number, busyMs: number, nowMs: number): void {
    if (this.#isWithdrawn === true) {
      return this.#owner.report({ type: "outlived", job: this, busyMs });
    }
    this.ran = true;
    this.runMs = runMs;
    this.busyMs = busyMs;
    if (ok === true) return this.settle("completed", value, nowMs);
    cutStacks(value);
    this.settle("failed", new JobFailedError(this.kind.name, value), nowMs);
  }

  /** The batch that it is the first of has ended. */
  endBatch(ok: boolean, runMs: number, busyMs: number): void {
    this.#owner.report({ type: "ran_batch", job: this, ok, runMs, busyMs });
  }

  fail(error: unknown, nowMs: number): void {
    if (!this.isOver) this.settle("failed", error, nowMs);
  }

  drop(reason: DropReason, nowMs: number): void {
    if (!this.isOver) this.settle("dropped", reason, nowMs);
  }

  /** A single job is never rerun. */
  survivors(): readonly Job[] {
    return [];
  }

  waitAgain(): void {
    if (!this.isOver) this.retry(this.lane!);
  }

  /** Its budget ran out while it waited: drops it, unless it has already begun in a worker. */
  expire(nowMs: number): void {
    if (this.lane?.revoke(this) === false) return this.start();
    this.settle("dropped", "expired", nowMs);
  }

  /** It waits again, on `lane`: its worker was lost before its turn, or together with its batch. */
  retry(lane: Lane): void {
    stopTimer(this);
    this.lane = lane;
    this.wait();
  }

  /** It waits on another lane. */
  moveTo(strategy: Strategy, lane: Lane): void {
    const from = this.strategy;
    this.strategy = strategy;
    this.moves++;
    this.#owner.report({ type: "moved", job: this, from });
    this.retry(lane);
  }

  /** Settles it from outside, in any state, and revokes or aborts it in its lane. */
  withdraw(status: Status, value: unknown, graceMs: number, nowMs: number): void {
    if (this.isOver) return;
    this.#isWithdrawn = true;
    this.value = value;
    if (this.lane?.revoke(this) === false) {
      if (this.call.isForsaken) this.call.context?.abort(value);
      // An aborted run keeps its run timeout, so that it does not hold its worker forever.
      this.lane.abort(this, Math.min(graceMs, this.facts.runTimeoutMs + TIMEOUT_GRACE_MS));
    }
    this.settle(status, value, nowMs);
  }

  /** The only place where a job ends. */
  settle(status: Status, value: unknown, nowMs: number): void {
    if (this.state === "settled") {
      return this.#owner.report({ type: "settled_twice", job: this });
    }
    this.state = "settled";
    this.status = status;
    this.value = value;
    if (this.ran === false) this.runMs = 0;
    this.totalMs = nowMs - this.facts.arrivedAtMs;
    stopTimer(this);
    this.#owner.settled(this, nowMs);
  }
}

Object.assign(Job.prototype, SHARED);

function stopTimer(job: Job): void {
  if (job.runTimer === null) return;
  job.runTimer.cancel();
  job.runTimer = null;
}
