import type { ClassFigures, Compared } from "../../simulation/mod.ts";
import type { Style } from "../style.ts";
import { showCount } from "../table.ts";
import { wrap } from "./wrap.ts";

/** Lines that say what the jobs of each kind were lost to, a run on average. */
export function lossesText(
  contestants: readonly Compared[],
  style: Style,
  columns: number,
): string[] {
  return contestants.flatMap(({ name, runs }) =>
    runs[0].byKind.flatMap(({ name: kind }, i) => {
      const losses = lossesOf(runs.map(({ byKind }) => byKind[i]));
      if (losses === "") return [];
      const label = runs[0].byKind.length < 2 ? `lost by ${name}:` : `lost by ${name} of ${kind}:`;
      const [first, ...rest] = wrap(`${label} ${losses}`, columns);
      return [style.dim(label) + first.slice(label.length), ...rest];
    })
  );
}

/** What jobs were lost to, the most first. */
function lossesOf(runs: readonly ClassFigures[]): string {
  const losses = new Map<string, number>();
  const add = (cause: string, count: number): void => {
    losses.set(cause, (losses.get(cause) ?? 0) + count / runs.length);
  };
  for (const { dropReasons, completed, inBudget, failed, unfinished } of runs) {
    for (const [reason, count] of Object.entries(dropReasons)) add(reason, count);
    add("done too late", completed - inBudget);
    add("failed", failed);
    add("not ended", unfinished);
  }
  return [...losses].filter(([, count]) => count > 0).sort((a, b) => b[1] - a[1])
    .map(([cause, count]) => `${cause} ${showCount(Math.max(1, Math.round(count)))}`).join(", ");
}
