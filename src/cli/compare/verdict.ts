import type { Compared, Comparison, RunFigures } from "../../simulation/mod.ts";

/** Drop reasons that mean that a job waited until it was too late. */
const WAITED = new Set(["expired", "late"]);

/** What a comparison says of a contestant, in a sentence. */
export function verdictOf({ name, count, runs }: Compared, comparison: Comparison): string {
  const oracle = comparison.contestants.find((other) => other.name === "oracle");
  const parts = [
    `offered ${share(comparison.load)} of capacity`,
    `${share(count.mean)} in budget`,
    ...(oracle === undefined || oracle.count.mean < count.mean
      ? []
      : [`an oracle could do ${share(oracle.count.mean)}`]),
    ...(count.mean < 0.995 ? [`lost mostly to ${lossOf(runs)}`] : []),
  ];
  return `${name}: ${parts.join("; ")}.`;
}

/** What most jobs that were not in budget were lost to. */
function lossOf(runs: readonly RunFigures[]): string {
  const losses = {
    ...{ waiting: 0, refusals: 0, "late results": 0, failures: 0 },
    "jobs that were still in line at the end": 0,
  };
  for (const { dropReasons, completed, failed, unfinished, byKind } of runs) {
    for (const [reason, count] of Object.entries(dropReasons)) {
      losses[WAITED.has(reason) ? "waiting" : "refusals"] += count;
    }
    const inBudget = byKind.reduce((sum, kind) => sum + kind.inBudget, 0);
    losses["late results"] += completed - inBudget;
    losses.failures += failed;
    losses["jobs that were still in line at the end"] += unfinished;
  }
  return Object.entries(losses).sort((a, b) => b[1] - a[1])[0][0];
}

function share(value: number): string {
  return `${Math.round(100 * value)} %`;
}
