import process from "node:process";

/**
 * Settings of a property: always the same runs, so that a test fails today if it fails at all. To
 * search further: `HELIX_FC_RUNS=5000 HELIX_FC_SEED=7`.
 */
export function runs(numRuns: number): { numRuns: number; seed: number } {
  const { HELIX_FC_RUNS, HELIX_FC_SEED } = process.env;
  return { numRuns: Number(HELIX_FC_RUNS ?? numRuns), seed: Number(HELIX_FC_SEED ?? 1) };
}
