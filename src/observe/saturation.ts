import type { Clock, Timer } from "../clock.ts";
import type { DropReason } from "../outcome.ts";
import type { LoadFigures } from "../policy/load.ts";

/** Time without a refusal after which a router is saturated no longer, in ms. */
const CALM_MS = 1_000;

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
}

/** The listeners. */
interface SaturationFeed {
  readonly isHeard: boolean;
  tell(event: SaturationEvent): void;
}

/** Tells when jobs are refused for want of room, while somebody listens. */
export class Saturation {
  readonly #clock: Clock;
  readonly #load: LoadFigures;
  readonly #feed: SaturationFeed;
  #reason = "";
  /** 0 while it is not saturated. */
  #refused = 0;
  #lastMs = 0;
  #timer: Timer | null = null;

  constructor(clock: Clock, load: LoadFigures, feed: SaturationFeed) {
    this.#clock = clock;
    this.#load = load;
    this.#feed = feed;
  }

  /** A job was dropped, or waits for room. */
  refused(reason: DropReason): void {
    if (!this.#feed.isHeard) return;
    const { poolWaiting, batchWaiting, spawnWaiting, poolRunning, cpuParallelism } = this.#load;
    const isBusy = poolWaiting + batchWaiting + spawnWaiting > 0 ||
      poolRunning >= cpuParallelism || reason === "loop_late";
    if (!isBusy) return;
    this.#lastMs = this.#clock.now();
    if (this.#refused++ > 0) return;
    this.#reason = reason;
    this.#look();
    this.#feed.tell({ type: "begins", reason, refused: 1 });
  }

  /** It ends once it has been calm for long enough. */
  #look(): void {
    const leftMs = this.#lastMs + CALM_MS - this.#clock.now();
    if (leftMs <= 0) return this.close();
    this.#timer = this.#clock.setTimer(leftMs, (saturation) => saturation.#look(), this);
    this.#timer.unref?.();
  }

  /** It ends at once. */
  close(): void {
    const refused = this.#refused;
    if (refused === 0) return;
    this.#timer?.cancel();
    this.#refused = 0; // a listener may submit
    this.#feed.tell({ type: "ends", reason: this.#reason, refused });
  }
}
