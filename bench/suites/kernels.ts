import { hashMix, hashMixRounds } from "../../src/simulation/kernels/hash_mix.ts";
import { monteCarloRisk } from "../../src/simulation/kernels/monte_carlo_risk.ts";
import { primeCount } from "../../src/simulation/kernels/prime_count.ts";
import { medianNs } from "../measure.ts";
import type { Figures, Measured, Suite, Test } from "../suite.ts";

const INPUTS: readonly bigint[] = [199_999n, 7n, 131_072n, 5n];
const ROUNDS = 1_000_000;

interface Kernel {
  readonly run: (i: number) => unknown;
  readonly calls: number;
  /** What native code takes for the same job, as the kernels' specification says. */
  readonly nativeNs: number;
}

const KERNELS: Readonly<Record<string, Kernel>> = {
  hash_mix: { run: () => hashMix(INPUTS, 120_000n), calls: 4_000, nativeNs: 2_400 },
  prime_count: { run: () => primeCount(80_000n), calls: 3_000, nativeNs: 62_000 },
  monte_carlo_risk: {
    run: (job) => monteCarloRisk(BigInt(job), INPUTS, 20_000n),
    calls: 1_500,
    nativeNs: 124_000,
  },
};

/** How long one job of each simulated kernel takes, beside the same kernel in native code. */
export const kernelsSuite: Suite = {
  name: "kernels",
  about: "the kernels of the simulated workload, one job each; native code sieves and sorts",
  columns: [
    { metric: "time per job", unit: "ns" },
    { metric: "share of native time", unit: "ratio" },
    { metric: "time per round", unit: "ns" },
  ],
  entries: [...Object.keys(KERNELS), "hash_mix, one round"].map((name) => ({ name })),
  limitS: 120,
  async measure({ entry, quick }: Test): Promise<Measured> {
    return { [entry]: await figuresOf(entry, quick ? 7 : 31) };
  },
};

async function figuresOf(entry: string, repeats: number): Promise<Figures> {
  const kernel = KERNELS[entry];
  if (kernel === undefined) {
    const timeNs = await medianNs((seed) => hashMixRounds(seed, ROUNDS), 5, repeats);
    return { "time per round": timeNs / ROUNDS };
  }
  const timeNs = await medianNs(kernel.run, kernel.calls, repeats);
  return { "time per job": timeNs, "share of native time": timeNs / kernel.nativeNs };
}
