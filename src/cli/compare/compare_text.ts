import type { Compared, Comparison, RunFigures, WorkloadSpec } from "../../simulation/mod.ts";
import type { Style } from "../style.ts";
import { type Rows, showCount, showMs, toTable } from "../table.ts";
import { lossesText } from "./losses_text.ts";
import { verdictOf } from "./verdict.ts";
import { wrap } from "./wrap.ts";

const WIDE = 100;
const BAR = 20;

/** Formats a comparison for people, at most `columns` wide where that is possible. */
export function toCompareText(
  comparison: Comparison,
  { kinds }: WorkloadSpec,
  style: Style,
  columns: number,
): string {
  const isWide = columns >= WIDE;
  const ranked = [...comparison.contestants].sort((a, b) => b.count.mean - a.count.mean);
  const parts = [
    headed(rankingOf(ranked, isWide), style),
    headed(classesOf(ranked, "byKind", "kind", isWide), style),
    // Else they are the kinds again.
    kinds.some(({ budgets = [] }) => budgets.length > 1)
      ? headed(classesOf(ranked, "byBudget", "budget", isWide), style)
      : [],
    lossesText(ranked, style, columns),
    ranked.flatMap((contestant) => settingsOf(contestant, style, columns)),
    ranked.filter(({ name }) => !name.startsWith("oracle"))
      .flatMap((contestant) => wrap(verdictOf(contestant, comparison), columns)),
  ];
  return parts.filter((lines) => lines.length > 0).map((lines) => lines.join("\n") + "\n")
    .join("\n");
}

function headed(rows: Rows, style: Style): string[] {
  if (rows.length < 2) return [];
  const [heading, ...lines] = toTable(rows);
  return [style.bold(heading), ...lines];
}

function rankingOf(contestants: readonly Compared[], isWide: boolean): Rows {
  const isScored = contestants.some(({ score }) => score !== undefined);
  return [
    [
      ...["contestant", "in budget", "work"],
      ...(isWide ? ["delay", "p50 ms", "p99 ms", "max ms", "lag p99 ms"] : ["p99 ms"]),
      ...(isScored ? [isWide ? "count, work, delay by oracle's" : "by oracle's"] : []),
      ...(isWide ? [""] : []),
    ],
    ...contestants.map(({ name, count, work, delay, score, runs }) => {
      const total = (pick: "p50" | "p99" | "max") =>
        showMs(meanOf(runs, ({ totalMs }) => totalMs[pick]));
      return [
        name,
        spread(count),
        spread(work),
        ...(isWide
          ? [delay.mean.toFixed(2), total("p50"), total("p99"), total("max")]
          : [total("p99")]),
        ...(isWide ? [showMs(meanOf(runs, ({ lagMs }) => lagMs.p99))] : []),
        ...(isScored ? [scoreText(score, isWide)] : []),
        ...(isWide ? [barOf(count.mean)] : []),
      ];
    }),
  ];
}

function scoreText(score: Compared["score"], isWide: boolean): string {
  if (score === undefined) return "-";
  const { count, work, delay } = score;
  return isWide
    ? [count, work, delay].map((value) => value.toFixed(2)).join("  ")
    : count.toFixed(2);
}

function barOf(share: number): string {
  const filled = Math.round(share * BAR);
  return "#".repeat(filled) + ".".repeat(BAR - filled);
}

/** Figures of each contestant by kind, or by budget; left out if there is only one. */
function classesOf(
  contestants: readonly Compared[],
  group: "byKind" | "byBudget",
  title: string,
  isWide: boolean,
): Rows {
  // A budget that is drawn seldom may not be in each run.
  const names = [
    ...new Set(contestants[0].runs.flatMap((run) => run[group].map(({ name }) => name))),
  ];
  if (names.length < 2) return [];
  const rows = contestants.flatMap(({ name, runs }) =>
    names.map((className, i) => {
      const figures = runs.flatMap((run) => run[group].filter(({ name }) => name === className));
      const submitted = sumOf(figures, ({ submitted }) => submitted);
      const inBudget = sumOf(figures, ({ inBudget }) => inBudget);
      const ended = sumOf(figures, ({ totalMs }) => totalMs.max);
      const ms = (of: "waitMs" | "runMs" | "totalMs", pick: "p50" | "p99") =>
        ended === 0 ? "-" : showMs(sumOf(figures, (one) => one[of][pick]) / figures.length);
      return [
        i === 0 ? name : "",
        group === "byBudget" ? budgetName(className) : className,
        showCount(Math.round(submitted / runs.length)),
        percent(submitted === 0 ? 0 : inBudget / submitted),
        percent(sumOf(figures, ({ share }) => share) / Math.max(1, figures.length)),
        ...(isWide
          ? [ms("waitMs", "p50"), ms("waitMs", "p99"), ms("runMs", "p50"), ms("runMs", "p99")]
          : []),
        ms("totalMs", "p99"),
      ];
    })
  );
  const times = isWide ? ["wait p50", "wait p99", "run p50", "run p99"] : [];
  return [["contestant", title, "jobs", "in budget", "share", ...times, "p99 ms"], ...rows];
}

function budgetName(ms: string): string {
  return ms === "Infinity" ? "none" : `${ms} ms`;
}

/** The settings that were found for a contestant, and with how many of the seeds. */
function settingsOf({ name, runs }: Compared, style: Style, columns: number): string[] {
  const found = new Map<string, number>();
  for (const { settings } of runs) {
    const text = settings?.join("; ");
    if (text !== undefined) found.set(text, (found.get(text) ?? 0) + 1);
  }
  return [...found].sort((a, b) => b[1] - a[1]).flatMap(([text, seeds]) => {
    const label = `${name} chose${runs.length === 1 ? "" : ` in ${seeds} of ${runs.length} runs`}:`;
    const [first, ...rest] = wrap(`${label} ${text}`, columns);
    return [style.dim(label) + first.slice(label.length), ...rest];
  });
}

function spread({ mean, spread }: Compared["count"]): string {
  return spread > 0 ? `${percent(mean)} ±${(100 * spread).toFixed(1)}` : percent(mean);
}

/** A share as a percentage. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function meanOf(runs: readonly RunFigures[], of: (run: RunFigures) => number): number {
  return sumOf(runs, of) / runs.length;
}

function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
