import { runtimeInfo, type Transport } from "../../mod.ts";
import type { Arguments } from "./arguments.ts";
import type { CampaignResult } from "./campaign.ts";
import type { EndCounts } from "./findings.ts";
import { hasReturned, type MemorySample, uncheckedReason } from "./memory.ts";
import { ENDS } from "./trial.ts";

/** What `--json` writes. */
export interface Report {
  readonly runtime: string;
  readonly version: string;
  readonly seed: number;
  /** `drawn`: each round has drawn one. */
  readonly transport: Transport | "drawn";
  readonly seconds: number;
  readonly rounds: number;
  readonly jobs: number;
  readonly normal: EndCounts;
  readonly faults: Readonly<Record<string, EndCounts>>;
  readonly skipped: readonly string[];
  readonly collateral: { readonly crashed: number; readonly quarantined: number };
  readonly lost: number;
  readonly doubled: number;
  readonly hung: number;
  readonly wrong: number;
  readonly workers: { readonly started: number; readonly crashed: number; readonly lost: number };
  readonly memory: {
    readonly before: MemorySample;
    readonly after: MemorySample;
    /** `null` when it was not checked. */
    readonly hasReturned: boolean | null;
  };
  readonly problems: readonly string[];
}

/** Puts together what a campaign has found. */
export function toReport(
  { seed, transport }: Pick<Arguments, "seed" | "transport">,
  result: CampaignResult,
): Report {
  const { findings, before, after, seconds, skipped } = result;
  const { name: runtime, version } = runtimeInfo();
  const { rounds, jobs, normal, collateral, lost, doubled, hung, wrong, workers } = findings;
  const names = Object.keys(findings.faults).sort();
  return {
    runtime,
    version,
    seed,
    transport: transport ?? "drawn",
    seconds,
    rounds,
    jobs,
    normal,
    faults: Object.fromEntries(names.map((name) => [name, findings.faults[name]])),
    skipped,
    collateral,
    lost,
    doubled,
    hung,
    wrong,
    workers,
    memory: { before, after, hasReturned: hasReturned(before, after) ?? null },
    problems: findings.problems,
  };
}

/** Whether nothing is amiss. */
export function isGood({ lost, doubled, hung, wrong, memory }: Report): boolean {
  return lost + doubled + hung + wrong === 0 && memory.hasReturned !== false;
}

/** The report for people. */
export function toText(report: Report): string {
  const { collateral, workers, memory } = report;
  const faultyJobs = Object.values(report.faults).reduce((sum, ends) => sum + total(ends), 0);
  return [
    "== HelixRouter chaos ==",
    `runtime:    ${report.runtime} ${report.version}`,
    `seed:       ${report.seed}`,
    `transport:  ${report.transport}`,
    `seconds:    ${report.seconds.toFixed(1)}`,
    `rounds:     ${report.rounds}, each with a router of its own`,
    `jobs:       ${report.jobs}, of which ${faultyJobs} with a fault`,
    "",
    ...table(report),
    ...report.skipped.map((why) => `skipped: ${why}`),
    "",
    `collateral: ${collateral.crashed} crashed, ${collateral.quarantined} quarantined`,
    `lost:       ${report.lost}`,
    `doubled:    ${report.doubled}`,
    `hung:       ${report.hung}`,
    `wrong:      ${report.wrong}`,
    `workers:    ${workers.started} started, ${workers.crashed} crashed, ${workers.lost} lost`,
    `memory:     ${shown(memory.before)} -> ${shown(memory.after)}, ${verdict(report)}`,
    ...report.problems.map((problem) => `  ${problem}`),
  ].join("\n");
}

function table({ normal, faults }: Report): string[] {
  const ends = ENDS.filter((end) => end !== "other" || normal.other > 0);
  const rows = [
    ["", "jobs", ...ends],
    ...Object.entries({ normal, ...faults }).map(([name, counts]) => [
      name,
      String(total(counts)),
      ...ends.map((end) => String(counts[end] || "")),
    ]),
  ];
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[i] + 2)).join("")
      .trimEnd()
  );
}

function total(counts: EndCounts): number {
  return ENDS.reduce((sum, end) => sum + counts[end], 0);
}

function shown({ heapBytes, rssBytes }: MemorySample): string {
  const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
  return `heap ${mebibytes(heapBytes)} (rss ${mebibytes(rssBytes)}) MiB`;
}

function verdict({ memory }: Report): string {
  if (memory.hasReturned === null) return `not checked: ${uncheckedReason()}`;
  return memory.hasReturned ? "has returned" : "has NOT returned";
}
