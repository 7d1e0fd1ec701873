import { randomIntegers } from "../random.ts";
import { ln } from "./portable_math.ts";

const BITS_20 = 1_048_576;

/** A stream of random numbers, the same on every runtime. */
export class RandomStream {
  readonly #draw: (min: number, max: number) => number;
  #spareNormal = NaN;

  /** @param seed Seed of the family. @param stream Number of the stream in it. */
  constructor(seed: number, stream: number) {
    this.#draw = randomIntegers(seed, stream);
  }

  /** A number between 0 and 1, neither of them included. */
  uniform(): number {
    // 20 and 20 bits, and a half.
    const high = this.#draw(0, BITS_20 - 1);
    return (high * BITS_20 + this.#draw(0, BITS_20 - 1) + 0.5) / (BITS_20 * BITS_20);
  }

  /** Exponentially distributed, with mean 1. */
  exponential(): number {
    return -ln(this.uniform());
  }

  /** Normally distributed, with mean 0 and deviation 1 (Marsaglia's polar method). */
  normal(): number {
    const spare = this.#spareNormal;
    this.#spareNormal = NaN;
    if (spare === spare) return spare;
    for (;;) {
      const x = 2 * this.uniform() - 1;
      const y = 2 * this.uniform() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const factor = Math.sqrt(-2 * ln(square) / square);
      this.#spareNormal = y * factor;
      return x * factor;
    }
  }
}
