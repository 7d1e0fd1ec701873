import { STRATEGIES } from "../../mod.ts";
import type { LatencyReport, SimulationReport } from "../simulation/mod.ts";
import type { Style } from "./style.ts";
import { showCount, showDuration, showMs, showShare, toTable } from "./table.ts";

const LATENCY_HEADING = ["p50 ms", "p95 ms", "p99 ms", "max ms"];
const CLASSES = {
  small: "small  (< 1 ms)",
  medium: "medium (1-5 ms)",
  large: "large  (> 5 ms)",
} as const;

/**
 * Formats a report for people: figures by strategy and size, drop reasons, goodput, and finally the
 * summary.
 *
 * @param report The report.
 * @param style Colours.
 * @returns The text, with a trailing line break.
 */
export function toReportText(report: SimulationReport, style: Style): string {
  const parts = [
    strategyLines(report, style),
    classLines(report, style),
    factLines(report, style),
    summaryLines(report, style),
  ];
  return parts.filter((lines) => lines.length > 0).map((lines) => lines.join("\n") + "\n")
    .join("\n");
}

function strategyLines(report: SimulationReport, style: Style): string[] {
  const used = STRATEGIES.filter((name) => report.routed[name] > 0);
  const [heading, ...rows] = toTable([
    ["strategy", "jobs", "completed", ...LATENCY_HEADING],
    ...used.map((name) => [
      name,
      showCount(report.routed[name]),
      showCount(report.latencyMs[name].count),
      ...latencyCells(report.latencyMs[name]),
    ]),
  ]);
  return [style.bold(heading), ...rows];
}

/** Only if the jobs differ in size. */
function classLines({ byClass }: SimulationReport, style: Style): string[] {
  const names = (["small", "medium", "large"] as const).filter((name) =>
    byClass[name].submitted > 0
  );
  if (names.length < 2) return [];
  const [heading, ...rows] = toTable([
    ["size", "jobs", "completed", "in budget", ...LATENCY_HEADING],
    ...names.map((name) => [
      CLASSES[name],
      showCount(byClass[name].submitted),
      showCount(byClass[name].completed),
      showShare(byClass[name].withinBudget, byClass[name].submitted),
      ...latencyCells(byClass[name].latencyMs),
    ]),
  ]);
  return [style.bold(heading), ...rows];
}

function latencyCells({ count, p50, p95, p99, max }: LatencyReport): string[] {
  return [p50, p95, p99, max].map((ms) => count === 0 ? "-" : showMs(ms));
}

function factLines(report: SimulationReport, style: Style): string[] {
  const { submitted, withinBudget, goodputPerS, goodputWorkRatio, eventLoopLagMs } = report;
  const facts: [string, string][] = [
    ["drop reasons", toList(report.dropReasons)],
    ["rejected", toList(report.rejected)],
    [
      "goodput",
      `${showCount(withinBudget)} jobs in budget (${showShare(withinBudget, submitted)}), ${
        showCount(Math.round(goodputPerS))
      } a second, ${showShare(goodputWorkRatio, 1)} of the workers' time`,
    ],
    [
      "event loop lag",
      `p50 ${showMs(eventLoopLagMs.p50)} ms, p99 ${showMs(eventLoopLagMs.p99)} ms, max ${
        showMs(eventLoopLagMs.max)
      } ms`,
    ],
    ["wall time", showDuration(report.wallMs)],
  ];
  return facts.filter(([, value]) => value !== "")
    .map(([name, value]) => `${style.dim(name.padEnd(14))}  ${value}`);
}

function toList(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts).sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${showCount(count)}`).join(", ");
}

/** The block that other programs parse. */
function summaryLines(report: SimulationReport, style: Style): string[] {
  const { completed, dropped, failed, cancelled, timedOut } = report;
  const rare = Object.entries({ failed, cancelled, timedOut }).filter(([, count]) => count > 0);
  return [
    style.bold("== HelixRouter summary =="),
    `completed: ${style.good(String(completed))}`,
    `dropped:   ${dropped > 0 ? style.bad(String(dropped)) : dropped}`,
    ...rare.map(([name, count]) => `${`${name}:`.padEnd(10)} ${style.bad(String(count))}`),
    ...STRATEGIES.map((name) => `routed[${name}]: ${report.routed[name]}`),
  ];
}
