import type { Decision, JobFacts, Load, Policy, Strategy } from "../../../mod.ts";
import {
  runVirtually,
  type VirtualResult,
  type VirtualRunOptions,
} from "../laboratory/virtual_run.ts";
import { JobSource } from "../workload/job_source.ts";

/** Settings of a policy that learns nothing. */
interface Setting {
  /** By kind: jobs whose cost is at most this run on the loop's thread; -1 for none. */
  readonly cuts: readonly number[];
  /** By kind: how those run. */
  readonly here: readonly ("inline" | "spawn")[];
  /** Jobs that may wait for the pool. */
  readonly capacity: number;
  /** Share of a job's budget within which it must be expected to be done. */
  readonly usable: number;
}

const CAPACITIES = [2, 4, 16, 512];
const USABLE = [0.3, 0.6, 0.9];
/** Quantiles of a kind's costs at which it may be cut. */
const CUTS = [0.5, 0.8, 0.9, 1];
const SAMPLE = 2_000;

/**
 * Runs a workload under the fixed settings that turn out best for just these jobs: what tuning by hand
 * could reach at most. They are searched one after the other, twice.
 */
export async function runBestStatic(options: VirtualRunOptions): Promise<VirtualResult> {
  const { kinds } = options.workload;
  let best: Setting = {
    cuts: kinds.map(() => -1),
    here: kinds.map(() => "inline"),
    capacity: 512,
    usable: 0.9,
  };
  let result = await run(best, options);
  const cuts = cutsOf(options);
  for (let round = 0; round < 2; round++) {
    for (const setting of neighboursOf(best, cuts)) {
      const tried = await run({ ...best, ...setting }, options);
      if (tried.tally.all.inBudget <= result.tally.all.inBudget) continue;
      best = { ...best, ...setting };
      result = tried;
    }
  }
  return { ...result, settings: wordsOf(best, options) };
}

/** What the settings are, in words. */
function wordsOf(
  { cuts, here, capacity, usable }: Setting,
  { workload: { kinds } }: VirtualRunOptions,
): string[] {
  const places = kinds.map(({ name }, kind) => {
    const cut = cuts[kind];
    if (cut < 0) return `${name}: pool`;
    if (cut === Infinity) return `${name}: ${here[kind]}`;
    return `${name}: ${here[kind]} up to a cost of ${Number(cut.toPrecision(3))}, else pool`;
  });
  return [
    ...places,
    `${capacity} may wait for the pool`,
    `if expected to be done in ${Math.round(100 * usable)} % of the budget`,
  ];
}

/** Each setting changed alone. */
function* neighboursOf(
  { cuts, here }: Setting,
  possible: readonly (readonly number[])[],
): Generator<Partial<Setting>, void, undefined> {
  for (const [kind, values] of possible.entries()) {
    for (const strategy of ["inline", "spawn"] as const) {
      for (const cut of values) {
        yield {
          cuts: cuts.map((old, i) => i === kind ? cut : old),
          here: here.map((old, i) => i === kind ? strategy : old),
        };
      }
    }
  }
  for (const capacity of CAPACITIES) yield { capacity };
  for (const usable of USABLE) yield { usable };
}

/** By kind: costs at which it may be cut. */
function cutsOf(options: VirtualRunOptions): number[][] {
  const costs: number[][] = options.workload.kinds.map(() => []);
  const source = new JobSource({ ...options, load: 1, durationMs: Infinity });
  for (let i = 0; i < SAMPLE; i++) {
    const { kind, cost = 0 } = source.next()!;
    costs[kind].push(cost);
  }
  return costs.map((ofKind) => {
    const sorted = ofKind.sort((a, b) => a - b);
    const quantiles = CUTS.map((share) => sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
    return [-1, ...quantiles.slice(0, -1), Infinity];
  });
}

function run(setting: Setting, options: VirtualRunOptions): Promise<VirtualResult> {
  const { capacity } = setting;
  return runVirtually({
    policy: () => staticPolicy(setting),
    options: { cpuQueueCapacity: capacity },
  }, options);
}

const decisions: Readonly<Record<"inline" | "spawn" | "cpu_pool" | "backpressure_drop", Decision>> =
  {
    inline: { strategy: "inline", reason: "static" },
    spawn: { strategy: "spawn", reason: "static" },
    cpu_pool: { strategy: "cpu_pool", reason: "static" },
    backpressure_drop: { strategy: "backpressure_drop", reason: "full" },
  };

function staticPolicy({ cuts, here, usable, capacity }: Setting): Policy {
  return {
    name: "best-static",
    decide({ kind, computeCost, latencyBudgetMs }: JobFacts, load: Load): Decision {
      const cost = computeCost >= 0 ? computeCost : 0;
      const { index } = kind;
      let strategy: Strategy = "cpu_pool";
      if (cost <= cuts[index]) strategy = here[index];
      if (strategy !== "cpu_pool") return decisions[strategy];
      const waitMs = load.poolWorkMs / Math.max(1, load.cpuParallelism);
      const { typicalMs } = load.model.predict(kind, computeCost);
      const isLate = waitMs + (typicalMs >= 0 ? typicalMs : 0) > usable * latencyBudgetMs;
      const isFull = load.poolWaiting >= capacity || isLate;
      return decisions[isFull ? "backpressure_drop" : "cpu_pool"];
    },
  };
}
