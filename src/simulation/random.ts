/** Draws an integer from `min` to `max`, both inclusive; they are at most 2^20 apart. */
export type DrawInteger = (min: number, max: number) => number;

const GOLDEN = 0x9e3779b9;

/**
 * Creates a stream of random integers (splitmix32). It uses integer arithmetic only, so a stream is
 * the same on every runtime.
 *
 * @param seed Seed of the family of streams, 0 to 2^32 - 1.
 * @param stream Number of the stream in the family, 0 to 2^32 - 1.
 * @returns The function that draws.
 */
export function randomIntegers(seed: number, stream: number): DrawInteger {
  let state = mix(mix(seed) ^ Math.imul(stream + 1, GOLDEN));
  return (min, max) => {
    state = (state + GOLDEN) | 0;
    return min + Math.floor(mix(state) * (max - min + 1) / 4_294_967_296);
  };
}

/** Mixes 32 bits (Chris Wellons' lowbias32). */
function mix(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) >>> 0;
}
