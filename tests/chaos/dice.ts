import { createRandom } from "../virtual/random.ts";

/** The one source of chance of a campaign: the same seed gives the same sequence of submits. */
export class Dice {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = createRandom(seed);
  }

  /** An integer from `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + Math.floor(this.#next() * (max - min + 1));
  }

  /** True in `share` of all throws. */
  chance(share: number): boolean {
    return this.#next() < share;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.between(0, list.length - 1)];
  }

  /** One of the entries, each as likely as its weight says. */
  weigh<T extends { readonly weight: number }>(list: readonly T[]): T {
    const total = list.reduce((sum, { weight }) => sum + weight, 0);
    let rest = this.#next() * total;
    for (const entry of list) {
      rest -= entry.weight;
      if (rest < 0) return entry;
    }
    return list[list.length - 1];
  }
}
