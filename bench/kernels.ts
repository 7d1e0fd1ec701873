import { hashMix, hashMixRounds } from "../src/simulation/kernels/hash_mix.ts";
import { monteCarloRisk } from "../src/simulation/kernels/monte_carlo_risk.ts";
import { primeCount } from "../src/simulation/kernels/prime_count.ts";
import { medianNs, type Result, type Suite } from "./measure.ts";

const INPUTS: readonly bigint[] = [199_999n, 7n, 131_072n, 5n];
const REPEATS = 31;

/** What native code takes for the same jobs, as the kernels' specification says; it sieves and sorts. */
const NATIVE_NS = { hash_mix: 2_400, prime_count: 62_000, monte_carlo_risk: 124_000 };

/** How long one job of each simulated kernel takes, beside the same kernel in native code. */
export const kernelsSuite: Suite = {
  name: "kernels",
  async run(): Promise<Result[]> {
    const ours: Record<keyof typeof NATIVE_NS, number> = {
      hash_mix: await medianNs(() => hashMix(INPUTS, 120_000n), 4_000, REPEATS),
      prime_count: await medianNs(() => primeCount(80_000n), 3_000, REPEATS),
      monte_carlo_risk: await medianNs(
        (job) => monteCarloRisk(BigInt(job), INPUTS, 20_000n),
        1_500,
        REPEATS,
      ),
    };
    const rounds = 1_000_000;
    const roundsNs = await medianNs((seed) => hashMixRounds(seed, rounds), 5, REPEATS);
    const results = Object.entries(ours).flatMap(([name, value]) => [
      { suite: "kernels", contestant: name, metric: "time per job", value, unit: "ns" },
      {
        suite: "kernels",
        contestant: name,
        metric: "share of native time",
        value: value / NATIVE_NS[name as keyof typeof NATIVE_NS],
        unit: "ratio",
      },
    ]);
    return [...results, {
      suite: "kernels",
      contestant: "hash_mix, one round",
      metric: "time per round",
      value: roundsNs / rounds,
      unit: "ns",
    }];
  },
};
