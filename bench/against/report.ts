import { PAIRS } from "../arguments.ts";
import { alignColumns, shown } from "../report.ts";
import type { Host } from "../results.ts";
import type { ComparedFailure, ComparedRow, ComparedSuite } from "./compare_suite.ts";
import { TOLERANCE } from "./verdict.ts";

const SHORT_HASH = 9;

/** What `--json` writes. */
export interface CompareReport extends Host {
  /** The full hash of the commit. */
  readonly against: string;
  readonly pairs: number;
  readonly results: readonly CompareResult[];
  readonly failures: readonly (ComparedFailure & { readonly suite: string })[];
}

/** A row, as it is written. */
export interface CompareResult extends Omit<ComparedRow, "column"> {
  readonly suite: string;
  readonly metric: string;
  readonly unit: string;
  readonly largerIsBetter: boolean;
}

/** Tells how the tables are to be read. */
export function legendOf(hash: string, pairs: number): string {
  const lines = [
    `This checkout against ${hash}: ${pairs} pairs of processes, and ${pairs} of this checkout with itself.`,
    "ratio: this checkout divided by the commit, the median of the pairs; `worse` says on which side of 1.",
    "itself: the ratios of this checkout with itself, taken both ways round, 10th to 90th percentile.",
    `slower, faster: by more than ${
      TOLERANCE * 100
    } % and outside of that; unclear: by more, but inside.`,
  ];
  if (pairs < PAIRS) {
    lines.push(`With fewer than ${PAIRS} pairs, chance alone may make a row slower or faster.`);
  }
  return lines.join("\n");
}

/** The tables of a suite, for a terminal. */
export function compareText({ suite, rows, failures }: ComparedSuite, hash: string): string {
  const head = [
    "contestant",
    "metric",
    "this",
    hash.slice(0, SHORT_HASH),
    "ratio",
    "worse",
    "itself",
    "verdict",
  ];
  const tables = (suite.cases ?? [""]).map((name) => {
    const lines = rows.filter((row) => row.case === name).map(cellsOf);
    const failed = failures.filter((failure) => failure.case === name)
      .map(({ contestant, reason }) => `${contestant}: ${reason}`);
    const title = name === "" ? suite.name : `${suite.name}: ${name}`;
    const table = lines.length === 0 ? [] : alignColumns([head, ...lines], 2);
    return [title, ...table, ...failed].join("\n");
  });
  return tables.join("\n\n");
}

/** The rows of a suite, for a file. */
export function compareResults({ suite, rows }: ComparedSuite): readonly CompareResult[] {
  return rows.map(({ column: { metric, unit, largerIsBetter = false }, ...row }) => (
    { suite: suite.name, metric, unit, largerIsBetter, ...row }
  ));
}

function cellsOf(
  { contestant, column, value, old, ratio, spread, verdict }: ComparedRow,
): string[] {
  const { metric, unit, largerIsBetter } = column;
  return [
    contestant,
    `${metric}, ${unit}`,
    shown(value),
    shown(old),
    ratio.toFixed(3),
    largerIsBetter ? "below" : "above",
    spread.map((bound) => bound.toFixed(3)).join(" … "),
    verdict,
  ];
}
