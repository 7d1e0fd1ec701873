import type { Clock, Timer } from "../../clock.ts";
import type { Slot } from "./slot.ts";

/** Workers without a call; those that idle too long are terminated. */
export class IdleSlots {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  /** How many workers there are beyond those that are always kept. */
  readonly #countSpare: () => number;
  /** The one used last is taken first, so that the others idle long enough. */
  readonly #slots: Slot[] = [];
  #timer: Timer | null = null;

  constructor(clock: Clock, timeoutMs: number, countSpare: () => number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
    this.#countSpare = countSpare;
  }

  get size(): number {
    return this.#slots.length;
  }

  push(slot: Slot): void {
    slot.idleSinceMs = this.#clock.now();
    this.#slots.push(slot);
    if (this.#timer === null) this.#arm();
  }

  /** Takes one out; there is one. */
  pop(): Slot {
    return this.#slots.pop()!;
  }

  remove(slot: Slot): void {
    const place = this.#slots.indexOf(slot);
    if (place >= 0) this.#slots.splice(place, 1);
  }

  /** Forgets all of them, and stops the timer. */
  clear(): void {
    this.#timer?.cancel();
    this.#slots.length = 0;
  }

  /** Terminates those that have idled too long. */
  terminateOld(): void {
    this.#timer = null;
    const limitMs = this.#clock.now() - this.#timeoutMs;
    let spare = this.#countSpare();
    for (; spare > 0 && this.#slots[0]?.idleSinceMs <= limitMs; spare--) {
      this.#slots.shift()!.terminate();
    }
    if (spare > 0) this.#arm();
  }

  #arm(): void {
    const oldest = this.#slots[0];
    if (oldest === undefined || this.#countSpare() <= 0) return;
    const delayMs = Math.max(1, oldest.idleSinceMs + this.#timeoutMs - this.#clock.now());
    this.#timer = this.#clock.setTimer(delayMs, (idle) => idle.terminateOld(), this);
    this.#timer.unref?.();
  }
}
