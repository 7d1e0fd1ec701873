import type { Clock, Timer } from "../../clock.ts";
import type { Death, PortFactory } from "../../transport/port.ts";
import type { WorkerCounts } from "../../worker_counts.ts";
import { crashCause, type WorkerEvent } from "../../worker_event.ts";
import { Recycling } from "./recycling.ts";
import { Slot, type SlotLimits, type SlotOwner, type WorkerGauges } from "./slot.ts";
import { Slots } from "./slots.ts";
import { Staffing, type StaffingOptions, type StaffingOwner } from "./staffing.ts";

/** Options of the pool. */
export interface PoolOptions extends SlotLimits, StaffingOptions {
  /** Creates a worker. */
  readonly createPort: PortFactory;
  /** Time after which an idle worker is terminated, in ms. */
  readonly idleTimeoutMs: number;
  /** Time all workers have to exit on close, in ms. */
  readonly closeLimitMs: number;
  /** Told of what happens to workers. */
  readonly tellWorker: (event: WorkerEvent) => void;
}

/** Receives the events of the pool, its staffing and its slots. */
export interface PoolOwner extends SlotOwner, StaffingOwner {
  /** Whether calls are queued: they need idle workers once there is a permit. */
  readonly isWaiting: boolean;
  /** A worker does not exit, and is no longer waited for. */
  slotGivenUp(slot: Slot): void;
}

/**
 * Manages the lifetime of workers: terminates those that idle, that have reached a limit, or that
 * are too many. The {@linkcode Staffing} decides how many there are, the dispatcher what they do.
 */
export class Pool {
  readonly #clock: Clock;
  readonly #options: PoolOptions;
  readonly #permits: { readonly total: number };
  readonly #owner: PoolOwner;
  readonly slots: Slots = new Slots();
  declare readonly staffing: Staffing;
  declare readonly recycling: Recycling;
  /** Workers without a call, a stack: the last used is taken first, so that the others time out. */
  readonly idle: Slot[] = [];
  #idleTimer: Timer | null = null;
  readonly #counts = { crashed: 0, recycled: 0 };
  readonly #crashes = { start: 0, error: 0, out_of_memory: 0, exit: 0 };
  /** Workers whose threads have not ended, though they were terminated. */
  readonly #lost = new Set<Slot>();
  #closeTimer: Timer | null = null;
  #onEmpty: (() => void) | null = null;
  isClosed = false;

  /** Keeps at most as many workers as there are `permits`. */
  constructor(
    clock: Clock,
    options: PoolOptions,
    permits: { readonly total: number },
    gauges: WorkerGauges,
    owner: PoolOwner,
  ) {
    this.#clock = clock;
    this.#options = options;
    this.#permits = permits;
    this.#owner = owner;
    const createSlot = (): Slot => new Slot(options.createPort(), owner, clock, options, gauges);
    this.staffing = new Staffing(clock, options, this.slots, permits, gauges, createSlot, owner);
    this.recycling = new Recycling(this, options);
    this.staffing.onHopeless = (error) => this.recycling.end(error);
  }

  get counts(): WorkerCounts {
    const { starting, started } = this.staffing;
    const [idle, busy] = [this.idle.length, this.slots.countBusy()];
    const crashes = { ...this.#crashes };
    return { starting, idle, busy, started, ...this.#counts, crashes, lost: this.#lost.size };
  }

  /** A worker has no call left: it idles, or is terminated at a limit, or as one too many. */
  giveBack(slot: Slot): void {
    if (slot.state === "leaving" || slot.port.room === 0) return; // it is exiting, or has exited
    if (slot.isSpent && this.recycling.lets(slot)) return this.#recycle(slot);
    if (this.slots.all.length > this.#permits.total && this.#isCrowded()) return slot.terminate();
    slot.idleSinceMs = this.#clock.now();
    this.idle.push(slot);
    if (this.#idleTimer === null) this.armIdleTimer();
  }

  /** Ends a worker that is to be replaced. */
  #recycle(slot: Slot): void {
    this.#counts.recycled++;
    slot.terminate();
    this.#tell(slot, "recycled");
  }

  /** A worker is ready. */
  cameUp(slot: Slot): void {
    this.staffing.cameUp();
    this.giveBack(slot);
    this.staffing.areIdle(this.idle.length);
    this.#tell(slot, "up");
    this.recycling.goOn();
  }

  /** Starts workers that are missing. */
  restaff(): void {
    this.staffing.keep();
    this.recycling.goOn();
  }

  /** Terminates idle workers in excess of the permits. */
  trim(): void {
    while (this.idle.length > 0 && this.#isCrowded()) this.idle.shift()!.terminate();
  }

  /**
   * Removes a worker that has died.
   *
   * @returns Why it died; `null` if it was given up before.
   */
  bury(slot: Slot, death: Death, wasIdle: boolean): Error | null {
    const error = slot.reason ?? death.error;
    const wasAsked = slot.state === "leaving" && slot.reason === null;
    if (!this.slots.remove(slot)) return null;
    this.recycling.left(slot);
    const place = this.idle.indexOf(slot);
    if (place >= 0) this.idle.splice(place, 1);
    slot.leave();
    if (!slot.wasReady) this.staffing.failed(error);
    else if (!wasAsked) this.staffing.crashed(wasIdle);
    if (death.isLost) this.#lose(slot);
    // Calls that it held and had not begun run elsewhere.
    const hasNone = wasIdle || (death.seq === 0 && !death.untold?.length);
    if (!wasAsked) this.#crashed(slot, error, hasNone);
    else this.#tell(slot, "down");
    return error;
  }

  #crashed({ number, wasReady, lastKind }: Slot, error: Error, wasIdle: boolean): void {
    const cause = crashCause(error, wasReady);
    this.#counts.crashed++;
    this.#crashes[cause]++;
    const { exitCode } = error as { readonly exitCode?: number };
    this.#options.tellWorker({
      type: "crashed",
      worker: number,
      cause,
      error,
      exitCode,
      lastKind: lastKind?.name,
      wasIdle,
    });
  }

  #tell({ number, wasReady }: Slot, type: "up" | "recycled" | "down"): void {
    if (wasReady) this.#options.tellWorker({ type, worker: number });
  }

  /** The thread of a lost worker has ended; returns whether it still counted as lost. */
  giveBackThread(slot: Slot): boolean {
    return this.#lost.delete(slot);
  }

  /** Counts a worker as lost; once the pool is closed, nobody waits for its thread. */
  #lose(slot: Slot): void {
    this.#lost.add(slot);
    if (this.isClosed) slot.port.release();
  }

  /** Terminates all workers; `done` is called when they are gone. */
  close(done: () => void): void {
    this.isClosed = true;
    this.#onEmpty = done;
    this.staffing.close();
    this.recycling.end(null);
    this.#idleTimer?.cancel();
    this.idle.length = 0;
    for (const slot of [...this.slots.all]) slot.terminate();
    for (const slot of this.#lost) slot.port.release();
    const limitMs = this.#options.closeLimitMs;
    this.#closeTimer = this.#clock.setTimer(limitMs, (pool) => pool.giveUp(), this as Pool);
    this.checkEmpty();
  }

  /** Calls the `done` of `close()` once all workers are gone. */
  checkEmpty(): void {
    if (!this.isClosed || this.slots.size > 0) return;
    this.#closeTimer?.cancel();
    const done = this.#onEmpty;
    this.#onEmpty = null;
    done?.();
  }

  /** Stops waiting for workers that have not exited by now. */
  giveUp(): void {
    for (const slot of this.slots.all.splice(0)) {
      this.#owner.slotGivenUp(slot);
      this.#lose(slot);
      this.#tell(slot, "down");
    }
    this.checkEmpty();
  }

  /** Terminates workers that have idled for too long. */
  terminateOld(): void {
    this.#idleTimer = null;
    const { idleTimeoutMs } = this.#options;
    if (this.#owner.isWaiting) return this.#lookAgainIn(idleTimeoutMs);
    const limitMs = this.#clock.now() - idleTimeoutMs;
    let spare = this.#countSpare();
    for (; spare > 0 && this.idle[0]?.idleSinceMs <= limitMs; spare--) {
      this.idle.shift()!.terminate();
    }
    if (spare > 0) this.armIdleTimer();
  }

  /** Sets the timer for the worker that has idled the longest. */
  armIdleTimer(): void {
    const [oldest] = this.idle;
    if (oldest === undefined || this.#countSpare() <= 0) return;
    const idleEndMs = oldest.idleSinceMs + this.#options.idleTimeoutMs;
    this.#lookAgainIn(Math.max(1, idleEndMs - this.#clock.now()));
  }

  #lookAgainIn(delayMs: number): void {
    this.#idleTimer?.cancel();
    this.#idleTimer = this.#clock.setTimer(delayMs, (pool) => pool.terminateOld(), this as Pool);
    this.#idleTimer.unref?.();
  }

  /** Whether there are more workers than permits, and more than are always kept. */
  #isCrowded(): boolean {
    return this.slots.countStaying() > this.#permits.total && this.#countSpare() > 0;
  }

  /** Number of workers beyond those that are always kept. */
  #countSpare(): number {
    return this.slots.countStaying() - this.staffing.kept;
  }
}
