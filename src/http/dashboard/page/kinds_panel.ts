/// <reference lib="dom" />
import { byId, fillRows, make } from "./elements.ts";
import { showCount, showMs, showShare, UNKNOWN } from "./format.ts";
import type { Stats } from "./stats.ts";
import type { Panel } from "./view.ts";

/** What the figures of a column tell; shown with its heading. */
const COLUMNS: readonly (readonly [heading: string, meaning: string, className?: string])[] = [
  ["kind", "Name of the kind."],
  ["jobs", "Jobs decided on since the start; of short ones an estimate.", "wide"],
  ["mostly because", "The reasons of most of these decisions.", "wide"],
  [
    "under bound",
    "Share of the last runs that took no longer than the router said they would at most. It aims at 94 %: " +
    "below that it promises too much.",
  ],
  [
    "bound ÷ run",
    "How many times as long as the run that bound was. 1 is exact; the more the run times of a kind vary, " +
    "the more it has to be.",
  ],
  [
    "wait as told",
    "Share of the last jobs that waited no longer than predicted, to a millisecond.",
    "wide",
  ],
  [
    "regret",
    "Time that the last jobs would have saved on average, each alone, in the other place: on a worker, or on the " +
    "router's thread. An estimate.",
  ],
  [
    "wrongly refused",
    "Of the last jobs that ran as a test though they would have been refused, the share that would have been in time.",
  ],
];

const MAX_ROWS = 50;
const MAX_REASONS = 2;

/** How far predictions can be trusted, and what decisions have cost, by kind. */
export function createKinds(): Panel {
  const head = byId("kinds-head", HTMLTableRowElement);
  const body = byId("kinds-body", HTMLTableSectionElement);
  const empty = byId("kinds-empty");
  for (const [heading, meaning, className = ""] of COLUMNS) {
    const cell = make("th", className, heading);
    cell.scope = "col";
    cell.title = meaning;
    head.append(cell);
  }
  const names = byId("kinds-meanings");
  for (const [heading, meaning] of COLUMNS.slice(3)) {
    names.append(make("div", "", [make("dt", "", heading), make("dd", "", meaning)]));
  }
  return {
    draw({ stats }) {
      const used = (stats.kinds ?? []).filter(({ reasons }) => sumOf(reasons) > 0);
      const all = [...used].sort((a, b) => sumOf(b.reasons) - sumOf(a.reasons)).slice(0, MAX_ROWS);
      fillRows(body, all.map(toRow));
      for (const row of body.rows) {
        for (const [i, [, , className = ""]] of COLUMNS.entries()) {
          row.cells[i].className = className;
        }
      }
      empty.hidden = all.length > 0;
    },
  };
}

function toRow(
  { kind, reasons, calibration, regret }: NonNullable<Stats["kinds"]>[number],
): string[] {
  const all = sumOf(reasons);
  const most = Object.entries(reasons).sort(([, a], [, b]) => b - a).slice(0, MAX_REASONS);
  return [
    kind,
    showCount(all),
    most.map(([reason, count]) => `${reason.replaceAll("_", " ")} ${showShare(count, all)}`)
      .join(", "),
    showShare(calibration.underBound, 1),
    showTimes(calibration.sharpness),
    showShare(calibration.underWait, 1),
    regret.jobs === 0 ? UNKNOWN : showMs(regret.meanMs),
    regret.probes === 0
      ? UNKNOWN
      : `${showShare(regret.wronglyRefused, 1)} of ${showCount(regret.probes)}`,
  ];
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function showTimes(factor: number | null): string {
  if (factor === null || !Number.isFinite(factor)) return UNKNOWN;
  return `${factor.toFixed(factor < 9.95 ? 2 : 0)}×`;
}
