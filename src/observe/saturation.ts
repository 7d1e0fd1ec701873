import type { Clock, Timer } from "../clock.ts";
import type { DropReason } from "../outcome.ts";
import type { LoadFigures, LoadGauges } from "../policy/load.ts";

/** Time without a refusal after which a router is saturated no longer, in ms. */
const CALM_MS = 1_000;

/** Reasons for drops that say nothing of how busy the router is. */
const OTHERS: readonly string[] = ["workers_lost", "kind_quarantined"];

/** A router has become saturated, or is so no longer. */
export interface SaturationEvent {
  /**
   * `begins`: a job was dropped, or has to wait for room, while others wait or all workers are busy; `ends`: that
   * has not happened for a second.
   */
  readonly type: "begins" | "ends";
  /** Why the first of those jobs was refused. */
  readonly reason: DropReason;
  /** How many of them there were; 1 as it begins. */
  readonly refused: number;
  /** The load at that time. */
  readonly load: LoadFigures;
}

/** Tells when jobs are refused for want of room; only called while somebody listens. */
export class Saturation {
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  readonly #tell: (event: SaturationEvent) => void;
  #reason = "";
  #refused = 0;
  #lastMs = 0;
  /** Set while it is saturated. */
  #timer: Timer | null = null;

  constructor(clock: Clock, load: LoadGauges, tell: (event: SaturationEvent) => void) {
    this.#clock = clock;
    this.#load = load;
    this.#tell = tell;
  }

  /** A job was dropped, or waits for room. */
  refused(reason: DropReason): void {
    const { poolWaiting, batchWaiting, spawnWaiting, poolRunning, cpuParallelism } = this.#load;
    const isBusy = poolWaiting + batchWaiting + spawnWaiting > 0 ||
      poolRunning >= cpuParallelism || reason === "loop_late";
    if (!isBusy || OTHERS.includes(reason)) return;
    this.#lastMs = this.#load.nowMs;
    this.#refused++;
    if (this.#timer !== null) return;
    this.#reason = reason;
    this.#lookIn(CALM_MS);
    this.#happens("begins");
  }

  /** Looks whether it has been calm for long enough. */
  look(): void {
    const leftMs = this.#lastMs + CALM_MS - this.#clock.now();
    if (leftMs > 0) this.#lookIn(leftMs);
    else this.close();
  }

  /** It ends at once. */
  close(): void {
    if (this.#timer === null) return;
    this.#timer.cancel();
    this.#timer = null;
    this.#happens("ends");
    this.#refused = 0;
  }

  #lookIn(delayMs: number): void {
    this.#timer = this.#clock.setTimer(delayMs, (saturation) => saturation.look(), this);
    this.#timer.unref?.();
  }

  #happens(type: SaturationEvent["type"]): void {
    const load = this.#load.copy();
    this.#tell({ type, reason: this.#reason, refused: this.#refused, load });
  }
}
