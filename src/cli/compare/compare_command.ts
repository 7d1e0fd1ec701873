import { basename } from "node:path";
import {
  type CellOptions,
  compare,
  type Comparison,
  contestantOf,
  CONTESTANTS,
  COST_WORDS,
  type CostWord,
  type RunContestant,
  WORKLOADS,
} from "../../simulation/mod.ts";
import { DONE } from "../exit_code.ts";
import { stderr, stdout } from "../output.ts";
import { startProgressBar } from "../progress_bar.ts";
import { styleOf } from "../style.ts";
import { showCount, showDuration } from "../table.ts";
import { toCompareText } from "./compare_text.ts";
import type { LabPlan } from "./lab_options.ts";
import { type HeatCell, plotCurves, plotHeatMap } from "./plot.ts";
import { loadPolicyFile } from "./policy_file.ts";

const DEFAULT_COLUMNS = 80;

/** Runs contestants on the same jobs in virtual time, and prints what came of it. */
export async function compareCommand(plan: LabPlan, isJson: boolean): Promise<number> {
  const contestants = await contestantsOf(plan);
  const { loads, repeat } = plan;
  let done = 0;
  const total = loads.length * contestants.size * repeat;
  const endProgress = startProgressBar(stderr, { total, done: () => done, spanMs: 0 });
  const startMs = performance.now();
  const comparisons: Comparison[] = [];
  for (const load of loads) {
    comparisons.push(await compare(contestants, cellOf(plan, load), () => done++));
  }
  const { plotPath } = plan;
  if (plotPath !== undefined && loads.length > 1) await plotCurves(plotPath, comparisons);
  if (plotPath !== undefined && loads.length === 1) {
    await plotMatrix(plotPath, plan, contestants);
  }
  endProgress();
  stderr.write(`${showDuration(performance.now() - startMs)} of real time\n`);
  if (isJson) stdout.write(JSON.stringify({ runtime: "virtual", comparisons }) + "\n");
  else for (const comparison of comparisons) stdout.write(textOf(plan, comparison));
  return DONE;
}

/** Who takes part, by name: those that come along, and a policy of one's own. */
async function contestantsOf(plan: LabPlan): Promise<Map<string, RunContestant>> {
  const contestants = new Map(plan.contestants.map((name) => [name, CONTESTANTS[name].run]));
  if (plan.policyPath === undefined) return contestants;
  const file = basename(plan.policyPath);
  const { name = file, create } = await loadPolicyFile(plan.policyPath);
  return contestants.set(contestants.has(name) ? file : name, contestantOf(create));
}

function cellOf(plan: LabPlan, load: number): CellOptions {
  const { workload, jobs, costSays, workers, cores, durationMs, seed, repeat } = plan;
  return { workload, jobs, costSays, load, workers, cores, durationMs, seed, repeat };
}

/** Draws all workloads and words at one load. */
async function plotMatrix(
  path: string,
  plan: LabPlan,
  given: ReadonlyMap<string, RunContestant>,
): Promise<void> {
  const { loads: [load], seed, repeat } = plan;
  const contestants = new Map([["oracle", CONTESTANTS.oracle.run], ...given]);
  const values: HeatCell[] = [];
  for (const workload of WORKLOADS) {
    for (const costSays of Object.keys(COST_WORDS) as CostWord[]) {
      const cell = { ...cellOf(plan, load), workload, costSays };
      for (const { name, score } of (await compare(contestants, cell)).contestants) {
        if (name === "oracle") continue;
        values.push({ contestant: name, workload: workload.name, costSays, score: score!.count });
      }
    }
  }
  const seeds = repeat === 1 ? `seed ${seed}` : `${repeat} seeds`;
  await plotHeatMap(path, `Jobs in budget by the oracle's, load ${load}, ${seeds}`, values);
}

function textOf(
  { workload, jobs, costSays, workers, cores, repeat, seed }: LabPlan,
  comparison: Comparison,
): string {
  const columns = stdout.columns ?? DEFAULT_COLUMNS;
  const runs = repeat === 1 ? `seed ${seed}` : `seeds ${seed} to ${seed + repeat - 1}`;
  const lines = [
    `${workload.name}: ${workload.about}`,
    `${Math.round(100 * comparison.load)} % of what ${showCount(cores, "core")} can do, ${
      showCount(workers, "worker")
    }, ${showDuration(comparison.durationMs)} of virtual time, ${runs}`,
    ...(jobs === undefined ? [`costs say ${costSays}: ${COST_WORDS[costSays]}`] : []),
  ];
  return `${lines.join("\n")}\n\n${
    toCompareText(comparison, workload, styleOf(stdout), columns)
  }\n`;
}
