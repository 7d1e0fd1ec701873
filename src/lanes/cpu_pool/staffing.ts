import type { Clock, Timer } from "../../clock.ts";
import { WorkerCrashedError } from "../../errors.ts";
import type { Slot, WorkerGauges } from "./slot.ts";
import type { Slots } from "./slots.ts";
import { StartGate } from "./start_gate.ts";

/** How many workers are kept, and how long they may take to start. */
export interface StaffingOptions {
  /** Workers that are kept even when idle. */
  readonly minWorkers: number;
  /** Time a worker may take to start, in ms. */
  readonly startTimeoutMs: number;
}

/** Receives the events of the staffing. */
export interface StaffingOwner {
  /** Workers may be started again. */
  pump(nowMs: number): void;
  /** No worker can be started for now: calls that wait will not run. */
  startFailed(error: Error): void;
}

/**
 * Starts the workers of a pool: those that are always kept, more on demand, and replacements for
 * those that die; with a back-off after failed starts.
 */
export class Staffing {
  readonly #clock: Clock;
  readonly #options: StaffingOptions;
  readonly #slots: Slots;
  readonly #permits: { readonly total: number };
  readonly #gauges: WorkerGauges;
  readonly #createSlot: () => Slot;
  readonly #owner: StaffingOwner;
  /** When workers may be started. */
  declare readonly gate: StartGate;
  /** Number of workers started so far. */
  started = 0;
  /** Number of workers that are kept for now, if that is more than always. */
  floor = 0;
  /** Is told why no more workers can be started. */
  onHopeless: (error: Error) => void = () => {};
  /** Number of calls that waited when more workers were last requested. */
  #waiting = 0;
  #retryTimer: Timer | null = null;
  #isClosed = false;
  #onWarm: ((error: Error | null) => void) | null = null;
  /** A worker that was started before a call waited, and until when it may take to start. */
  #ahead: Slot | null = null;
  #aheadUntilMs = 0;

  constructor(
    clock: Clock,
    options: StaffingOptions,
    slots: Slots,
    permits: { readonly total: number },
    gauges: WorkerGauges,
    createSlot: () => Slot,
    owner: StaffingOwner,
  ) {
    this.#clock = clock;
    this.#options = options;
    this.#slots = slots;
    this.#permits = permits;
    this.#gauges = gauges;
    this.#createSlot = createSlot;
    this.#owner = owner;
    this.gate = new StartGate(2 * permits.total + 8);
  }

  /** Number of workers that are starting. */
  get starting(): number {
    return this.#gauges.workersStarting;
  }

  /** Why the last workers failed to start; `null` once one is ready. */
  get failure(): Error | null {
    return this.gate.error;
  }

  /**
   * Starts the workers that are always kept, and so many at least; calls `done` when the former are ready, or
   * fail.
   */
  warm(done: (error: Error | null) => void, count: number): void {
    this.#onWarm = done;
    this.#fill(Math.max(this.kept, count));
    if (this.#options.minWorkers === 0) this.#tellWarm(null);
  }

  /** Whether there may be more workers, or some are being started: calls that wait are for these. */
  get canGrow(): boolean {
    return this.#slots.size < this.#permits.total || this.starting > 0;
  }

  /** Starts workers for `waiting` calls. */
  grow(waiting: number): void {
    this.#waiting = waiting;
    this.keepAhead();
    const missing = waiting - this.starting;
    if (missing > 0) this.#fill(this.#slots.size + missing);
  }

  /** The worker that was started before a call waited is waited for: the program must not end without it. */
  keepAhead(): void {
    const slot = this.#ahead;
    this.#ahead = null;
    if (slot?.state !== "starting") return;
    slot.port.keep?.(true);
    // On Deno it may have closed itself, and nobody be told: only a timer would keep the program alive.
    this.#limitStart(slot, Math.max(0, this.#aheadUntilMs - this.#clock.now()));
  }

  /** Starts workers if there are fewer than are always kept. */
  keep(): void {
    this.#fill(this.kept);
  }

  /** Number of workers that are kept even when idle. */
  get kept(): number {
    return Math.max(this.#options.minWorkers, this.floor);
  }

  /** Whether as many workers are ready as are kept. */
  get isComplete(): boolean {
    return this.#gauges.workersReady >= Math.min(this.kept, this.#permits.total);
  }

  /** A worker is ready. */
  cameUp(): void {
    this.#gauges.workersStarting--;
    this.gate.opened();
  }

  /** `count` workers are ready and idle. */
  areIdle(count: number): void {
    if (this.#onWarm === null) return;
    if (count >= Math.min(this.#options.minWorkers, this.#permits.total)) this.#tellWarm(null);
  }

  /** A worker failed to start. */
  failed(error: Error): void {
    this.#gauges.workersStarting--;
    if (this.#isClosed) return;
    const isHopeless = this.gate.failed(this.#clock.now(), error);
    if (isHopeless) {
      this.#tellWarm(error);
      this.onHopeless(error);
    }
    if (!isHopeless || this.#slots.size > 0) return;
    this.gate.error = error;
    this.#owner.startFailed(error);
  }

  /** A worker that had been ready has crashed. */
  crashed(wasIdle: boolean): void {
    this.gate.crashed(this.#clock.now(), wasIdle);
  }

  /** Starts no more workers. */
  close(): void {
    this.#isClosed = true;
    this.#retryTimer?.cancel();
  }

  /** Starts workers until there are `count`, if starts are allowed now. */
  #fill(count: number): void {
    const target = Math.min(count, this.#permits.total);
    if (this.#isClosed || this.#slots.size >= target) return;
    const waitMs = this.gate.waitMs(this.#clock.now());
    if (waitMs > 0) {
      this.#retryTimer?.cancel();
      this.#retryTimer = this.#clock.setTimer(waitMs, (staffing) => staffing.retry(), this);
      if (this.#waiting + this.floor === 0 && this.#onWarm === null) this.#retryTimer.unref?.();
      return;
    }
    while (this.#slots.size < target) if (!this.#startOne()) return this.#fill(count);
  }

  /** Starts a worker; returns whether it could. */
  #startOne(): boolean {
    this.#gauges.workersStarting++;
    let slot: Slot;
    try {
      slot = this.#createSlot();
    } catch (cause) {
      this.failed(new WorkerCrashedError(`Cannot make a worker: ${cause}`, undefined, { cause }));
      return false;
    }
    this.#slots.all.push(slot);
    slot.number = ++this.started;
    const { startTimeoutMs } = this.#options;
    const timer = this.#limitStart(slot, startTimeoutMs);
    slot.port.start(slot);
    if (this.#waiting + this.kept === 0) {
      // The program may end before it is ready.
      timer.unref?.();
      slot.port.keep?.(false);
      this.#ahead = slot;
      this.#aheadUntilMs = this.#clock.now() + startTimeoutMs;
    }
    return true;
  }

  #limitStart(slot: Slot, limitMs: number): Timer {
    const timer = this.#clock.setTimer(limitMs, () => this.#lookOnceMore(slot), undefined);
    slot.setTimer(timer);
    return timer;
  }

  /** Gives it one more turn: if this thread was blocked, its "ready" may have arrived unread. */
  #lookOnceMore(slot: Slot): void {
    this.#clock.post(() => this.#giveUp(slot), undefined);
  }

  /** Terminates a worker that has not started in time. */
  #giveUp(slot: Slot): void {
    if (slot.state !== "starting") return;
    const { startTimeoutMs } = this.#options;
    slot.reason = new WorkerCrashedError(`Worker did not start within ${startTimeoutMs} ms`);
    slot.terminate();
  }

  /** The back-off after a failed start is over. */
  retry(): void {
    this.#retryTimer = null;
    this.#waiting = 0;
    this.#owner.pump(this.#clock.now());
    this.keep();
  }

  #tellWarm(error: Error | null): void {
    const done = this.#onWarm;
    this.#onWarm = null;
    done?.(error);
  }
}
