/**
 * How fast cores are that come in pairs, as the hyperthreads of one do, and what a busy one has done. While
 * both cores of a pair are busy, each is slower than one alone. Threads take turns on the cores, so all busy
 * ones count as equally fast: what a core has done goes on at one speed, and the end of a piece of work is
 * known by it however often the speed changes.
 */
export class CoreSpeed {
  readonly #pairs: number;
  readonly #pairSpeed: number;
  /** Work per time since the last change, when that was, and what a core had done by then, in ms. */
  #speed = 1;
  #sinceMs = 0;
  #doneMs = 0;

  /** Speed of a core of `cores` while both of its pair are busy, as a share of its speed alone. */
  constructor(cores: number, pairSpeed: number) {
    this.#pairs = Math.ceil(cores / 2);
    this.#pairSpeed = pairSpeed;
  }

  /** So many cores are busy from now on. */
  setBusy(cores: number, nowMs: number): void {
    // The kernel fills a pair only when none is left without a busy core.
    const inFullPairs = Math.max(0, 2 * (cores - this.#pairs));
    const speed = inFullPairs === 0 ? 1 : 1 - (1 - this.#pairSpeed) * inFullPairs / cores;
    if (speed === this.#speed) return;
    this.#doneMs = this.doneBy(nowMs);
    this.#sinceMs = nowMs;
    this.#speed = speed;
  }

  /** What a core that is always busy has done by a time, in ms of a core alone. */
  doneBy(atMs: number): number {
    return this.#doneMs + (atMs - this.#sinceMs) * this.#speed;
  }

  /** When a core that is always busy will have done so much, if the speed stays. */
  timeOf(doneMs: number): number {
    return this.#sinceMs + (doneMs - this.#doneMs) / this.#speed;
  }
}
