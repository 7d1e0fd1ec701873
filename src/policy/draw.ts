/** Hashes two integers (with the finaliser of MurmurHash3) to a number from 0 to below 1. */
export function drawOf(seed: number, id: number): number {
  let h = Math.imul(seed ^ Math.imul(id, 0x9e3779b1), 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return ((h ^ (h >>> 16)) >>> 0) / 4_294_967_296;
}
