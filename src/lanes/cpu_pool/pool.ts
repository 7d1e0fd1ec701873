import { type Clock, MAX_TIMER_MS, type Timer } from "../../clock.ts";
import { JobModuleError, WorkerCrashedError } from "../../errors.ts";
import type { Death, PortFactory } from "../../runtime/port.ts";
import type { Call } from "../call.ts";
import { Slot } from "./slot.ts";

/** Options of the pool. */
export interface PoolOptions {
  /** Makes a worker. */
  readonly createPort: PortFactory;
  /** Workers at most. */
  readonly maxWorkers: number;
  /** Workers that are kept even when idle. */
  readonly minWorkers: number;
  /** Time after which an idle worker ends, in ms. */
  readonly idleTimeoutMs: number;
  /** Time a worker may take to start, in ms. */
  readonly startTimeoutMs: number;
}

/** What the pool tells about its workers. */
export interface WorkerCounts {
  /** Being started. */
  readonly starting: number;
  /** Ready and without a call. */
  readonly idle: number;
  /** Running a call. */
  readonly busy: number;
  /** Started since the beginning. */
  readonly started: number;
  /** Died without being told to. */
  readonly crashed: number;
  /** Threads that could not be stopped and are given up. */
  readonly lost: number;
}

/** Whom the pool tells what happens. */
export interface PoolOwner {
  /** A worker has become free, or may be started. */
  pump(): void;
  /** A call has left its worker. */
  done(call: Call, ok: boolean, value: unknown, runMs: number): void;
  /** A worker died under a call. */
  crashed(call: Call, error: Error): void;
  /** No worker can be started for a while: what waits will not run. */
  startFailed(error: Error): void;
  /** A call could not be sent: its payload cannot be cloned. */
  notSent(call: Call, error: unknown): void;
  /** A thread was lost for good. */
  lostWorker(count: number): void;
}

const MAX_START_FAILURES = 3;
const FIRST_RETRY_MS = 100;
const MAX_DOUBLINGS = 6;

/** Starts workers as they are needed, replaces those that die, ends those that idle. */
export class Pool {
  readonly #clock: Clock;
  readonly #options: PoolOptions;
  readonly #owner: PoolOwner;
  readonly #slots = new Set<Slot>();
  /** Idle slots; the one used last is taken first, so that the others can end. */
  readonly #idle: Slot[] = [];
  #seq = 0;
  readonly #counts = { starting: 0, started: 0, crashed: 0, lost: 0 };
  #startFailures = 0;
  /** Calls that waited when the pool was last asked to grow. */
  #waiting = 0;
  #startError: Error | null = null;
  #retryAtMs = -Infinity;
  #idleTimer: Timer | null = null;
  #retryTimer: Timer | null = null;
  #isClosed = false;
  #onWarm: ((error: Error | null) => void) | null = null;
  #onEmpty: (() => void) | null = null;

  constructor(clock: Clock, options: PoolOptions, owner: PoolOwner) {
    this.#clock = clock;
    this.#options = options;
    this.#owner = owner;
  }

  get counts(): WorkerCounts {
    let busy = 0;
    for (const slot of this.#slots) if (slot.call !== null) busy++;
    return { ...this.#counts, idle: this.#idle.length, busy };
  }

  /** Why no worker can be started now; `null` when one can, or is there. */
  get obstacle(): Error | null {
    return this.#clock.now() < this.#retryAtMs ? this.#startError : null;
  }

  /** Starts the workers that are always kept; tells when they are ready, or why they are not. */
  warm(done: (error: Error | null) => void): void {
    this.#onWarm = done;
    this.#fill(this.#options.minWorkers);
    this.#checkWarm();
  }

  /** Starts workers for `waiting` calls. */
  grow(waiting: number): void {
    this.#waiting = waiting;
    const missing = waiting - this.#counts.starting;
    if (missing > 0) this.#fill(this.#slots.size + missing);
  }

  takeIdle(): Slot | null {
    return this.#idle.pop() ?? null;
  }

  giveBack(slot: Slot): void {
    if (slot.state === "leaving") return;
    slot.state = "idle";
    slot.idleSinceMs = this.#clock.now();
    this.#idle.push(slot);
    if (this.#idleTimer === null) this.#armIdleTimer();
  }

  run(slot: Slot, call: Call): void {
    slot.state = "busy";
    slot.call = call;
    slot.seq = ++this.#seq;
    call.slot = slot;
    call.start();
    const { kind, isBatch } = call;
    try {
      const message = { seq: slot.seq, kind: kind.name, isBatch, payload: call.payload() };
      slot.port.post(message, call.transfer());
    } catch (error) {
      this.#free(slot, call);
      this.#owner.notSent(call, error);
    }
  }

  /** Tells a running call to stop; its worker is ended if it has not after `graceMs`. */
  stop(slot: Slot, graceMs: number): void {
    slot.port.abort(slot.seq);
    if (graceMs === Infinity) return;
    const limitMs = Math.min(graceMs, MAX_TIMER_MS);
    slot.setTimer(this.#clock.setTimer(limitMs, (slot) => slot.end(), slot));
  }

  /** Ends all workers; `done` is called when they are gone. */
  close(done: () => void): void {
    this.#isClosed = true;
    this.#onEmpty = done;
    this.#idleTimer?.cancel();
    this.#retryTimer?.cancel();
    this.#idle.length = 0;
    for (const slot of this.#slots) slot.end();
    this.#checkEmpty();
  }

  /** The slot's worker is ready. */
  slotReady(slot: Slot): void {
    this.#counts.starting--;
    this.#startFailures = 0;
    this.#startError = null;
    this.giveBack(slot);
    this.#checkWarm();
    this.#owner.pump();
  }

  /** The slot's call has ended. */
  slotDone(slot: Slot, call: Call, ok: boolean, value: unknown, runMs: number): void {
    this.#free(slot, call);
    this.#owner.done(call, ok, value, runMs);
    this.#owner.pump();
  }

  /** The slot's worker is gone. */
  slotDied(slot: Slot, death: Death): void {
    const error = slot.reason ?? death.error;
    const call = slot.call;
    const wasAsked = slot.state === "leaving" && slot.reason === null;
    this.#slots.delete(slot);
    if (slot.state === "idle") this.#idle.splice(this.#idle.indexOf(slot), 1);
    slot.state = "leaving";
    slot.call = null;
    if (call !== null) call.slot = null;
    if (!wasAsked) this.#counts.crashed++;
    if (!slot.wasReady) this.#startDied(error);
    // The next one may die as soon: without a pause the pool would do nothing but start workers.
    else if (call === null && !wasAsked) this.#retryAtMs = this.#clock.now() + FIRST_RETRY_MS;
    if (death.isLost) this.#owner.lostWorker(++this.#counts.lost);
    if (call !== null) this.#owner.crashed(call, error);
    this.#checkEmpty();
    if (this.#isClosed) return;
    this.#owner.pump();
    this.#fill(this.#options.minWorkers);
  }

  #free(slot: Slot, call: Call): void {
    call.slot = null;
    slot.call = null;
    if (slot.state === "busy") this.giveBack(slot);
  }

  /** Brings the number of workers up to `count`, if that is allowed now. */
  #fill(count: number): void {
    const target = Math.min(count, this.#options.maxWorkers);
    if (this.#isClosed || this.#slots.size >= target) return;
    const waitMs = this.#retryAtMs - this.#clock.now();
    if (waitMs > 0) {
      this.#retryTimer?.cancel();
      this.#retryTimer = this.#clock.setTimer(waitMs, (pool) => pool.retry(), this);
      if (this.#waiting === 0 && this.#onWarm === null) this.#retryTimer.unref?.();
      return;
    }
    while (this.#slots.size < target) this.#startOne();
  }

  #startOne(): void {
    const slot = new Slot(this.#options.createPort(), this);
    this.#slots.add(slot);
    this.#counts.starting++;
    this.#counts.started++;
    const limitMs = this.#options.startTimeoutMs;
    slot.setTimer(this.#clock.setTimer(limitMs, onStartTimeout, { slot, limitMs }));
    slot.port.start(slot);
  }

  /**
   * A worker did not come up. A module that cannot be loaded will not load the next time either;
   * for any other cause a few more tries are made, each later than the one before.
   */
  #startDied(error: Error): void {
    this.#counts.starting--;
    if (this.#isClosed) return;
    const waitMs = FIRST_RETRY_MS * 2 ** Math.min(this.#startFailures++, MAX_DOUBLINGS);
    this.#retryAtMs = this.#clock.now() + waitMs;
    const isHopeless = error instanceof JobModuleError ||
      this.#startFailures >= MAX_START_FAILURES;
    if (isHopeless) this.#tellWarm(error);
    if (!isHopeless || this.#slots.size > 0) return;
    this.#startError = error;
    this.#owner.startFailed(error);
  }

  #checkWarm(): void {
    if (this.#idle.length >= this.#options.minWorkers) this.#tellWarm(null);
  }

  #tellWarm(error: Error | null): void {
    const done = this.#onWarm;
    this.#onWarm = null;
    done?.(error);
  }

  #checkEmpty(): void {
    if (!this.#isClosed || this.#slots.size > 0) return;
    const done = this.#onEmpty;
    this.#onEmpty = null;
    done?.();
  }

  #armIdleTimer(): void {
    const oldest = this.#idle[0];
    if (oldest === undefined || this.#slots.size <= this.#options.minWorkers) return;
    const dueMs = oldest.idleSinceMs + this.#options.idleTimeoutMs;
    const delayMs = Math.max(1, dueMs - this.#clock.now());
    this.#idleTimer = this.#clock.setTimer(delayMs, (pool) => pool.endIdle(), this);
    this.#idleTimer.unref?.();
  }

  /** Ends the workers that have idled too long. */
  endIdle(): void {
    this.#idleTimer = null;
    const limitMs = this.#clock.now() - this.#options.idleTimeoutMs;
    let spare = -this.#options.minWorkers; // those that are ending already no longer count
    for (const slot of this.#slots) if (slot.state !== "leaving") spare++;
    for (; spare > 0 && this.#idle[0]?.idleSinceMs <= limitMs; spare--) this.#idle.shift()!.end();
    if (spare > 0) this.#armIdleTimer();
  }

  /** The wait after a failed start is over. */
  retry(): void {
    this.#retryTimer = null;
    this.#owner.pump();
    this.#fill(this.#options.minWorkers);
  }
}

function onStartTimeout({ slot, limitMs }: { slot: Slot; limitMs: number }): void {
  slot.reason = new WorkerCrashedError(`Worker did not start within ${limitMs} ms`);
  slot.end();
}
