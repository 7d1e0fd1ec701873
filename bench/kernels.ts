// How long one job of each simulated kernel takes, next to the same kernel in native code.
//
//   deno run bench/kernels.ts
//   bun bench/kernels.ts
//   npm run build && node dist/bench/kernels.js

import { hashMix, hashMixRounds } from "../src/simulation/kernels/hash_mix.ts";
import { monteCarloRisk } from "../src/simulation/kernels/monte_carlo_risk.ts";
import { primeCount } from "../src/simulation/kernels/prime_count.ts";

interface Contestant {
  readonly name: string;
  readonly cost: number;
  /** What native code takes, as the kernels' specification says; it sieves and sorts. */
  readonly nativeNs: number;
  readonly run: (job: number) => bigint | number;
}

const INPUTS: readonly bigint[] = [199_999n, 7n, 131_072n, 5n];
const REPEATS = 31;
const REPEAT_MS = 10;

const CONTESTANTS: readonly Contestant[] = [
  { name: "hash_mix", cost: 120_000, nativeNs: 2_400, run: () => hashMix(INPUTS, 120_000n) },
  { name: "prime_count", cost: 80_000, nativeNs: 62_000, run: () => primeCount(80_000n) },
  {
    name: "monte_carlo_risk",
    cost: 20_000,
    nativeNs: 124_000,
    run: (job) => monteCarloRisk(BigInt(job), INPUTS, 20_000n),
  },
];

function elapsedNs(run: (job: number) => unknown, jobs: number): number {
  const start = performance.now();
  for (let job = 0; job < jobs; job++) run(job);
  return (performance.now() - start) * 1e6;
}

/** The median time of one job over {@linkcode REPEATS} runs of about {@linkcode REPEAT_MS} each. */
function medianNs(run: (job: number) => unknown): number {
  let jobs = 1;
  while (elapsedNs(run, jobs) < REPEAT_MS * 1e6) jobs *= 2;
  const times = Array.from({ length: REPEATS }, () => elapsedNs(run, jobs) / jobs);
  return times.sort((a, b) => a - b)[REPEATS >> 1] ?? NaN;
}

function row(...cells: (string | number)[]): string {
  const [name = "", ...figures] = cells;
  return String(name).padEnd(18) + figures.map((figure) => String(figure).padStart(12)).join("");
}

console.log(row("kernel", "cost", "first ns", "ns per job", "native ns", "ratio"));
for (const { name, cost, nativeNs, run } of CONTESTANTS) {
  const firstNs = elapsedNs(run, 1);
  const ns = medianNs(run);
  console.log(
    row(name, cost, firstNs.toFixed(0), ns.toFixed(0), nativeNs, (ns / nativeNs).toFixed(3)),
  );
}

const ROUNDS = 1_000_000;
const perRound = () => (elapsedNs(() => hashMixRounds(1, ROUNDS), 1) / ROUNDS).toFixed(3);
console.log(
  `hashMixRounds: ns per round in 8 calls: ${Array.from({ length: 8 }, perRound).join(" ")}`,
);
