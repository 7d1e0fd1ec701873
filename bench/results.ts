// What `--json` writes, and what the tables and the picture are made of.

import { readFile } from "node:fs/promises";
import type { Row, Table } from "./run_suite.ts";
import type { Suite } from "./suite.ts";

/** Where a run was made. */
export interface Host {
  readonly runtime: string;
  readonly version: string;
  readonly cpu: string;
  readonly cores: number;
}

/** Where and how. */
export interface Machine extends Host {
  readonly rounds: number;
  readonly quick: boolean;
}

/** One figure. */
export interface Result {
  readonly suite: string;
  readonly contestant: string;
  /** The column, and the case if the suite has several: `256 in flight, number`. */
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
}

/** Why a contestant has no figures in a case, or lacks some rounds of them. */
export interface Failure {
  readonly suite: string;
  readonly case: string;
  readonly contestant: string;
  readonly reason: string;
}

/** One run on one runtime. */
export interface Report extends Machine {
  readonly results: readonly Result[];
  readonly failures: readonly Failure[];
}

/** The machine in a line. */
export function headOf({ cpu, cores, rounds, quick }: Machine): string {
  return `${cpu}, ${cores} cores; rounds: ${rounds}${quick ? ", quick" : ""}`;
}

/** All that was measured. */
export function reportOf(machine: Machine, tables: readonly Table[]): Report {
  const failures = tables.flatMap(({ suite, case: name, rows }) =>
    rows.filter((row) => row.note !== "")
      .map(({ contestant, note }) => ({ suite: suite.name, case: name, contestant, reason: note }))
  );
  return { ...machine, results: tables.flatMap(resultsOf), failures };
}

/** Reads what `--json` wrote, one file per runtime. */
export function readReports(files: readonly string[]): Promise<Report[]> {
  return Promise.all(
    files.map(async (file) => JSON.parse(await readFile(file, "utf8")) as Report),
  );
}

/** The tables of a suite again, without cases of which there is nothing. */
export function tablesOf({ results, failures }: Report, suite: Suite): Table[] {
  return (suite.cases ?? [""]).flatMap((name) => {
    const figures = new Map<string, Record<string, number>>();
    const notes = new Map<string, string>();
    for (const { metric } of suite.columns) {
      for (const result of results) {
        if (result.suite !== suite.name || result.metric !== fullMetric(metric, name)) continue;
        const row = figures.get(result.contestant) ?? {};
        figures.set(result.contestant, { ...row, [metric]: result.value });
      }
    }
    for (const failure of failures) {
      if (failure.suite !== suite.name || failure.case !== name) continue;
      notes.set(failure.contestant, failure.reason);
    }
    // In the order of the suite; one entry may give several rows.
    const names = new Set([...suite.entries.map((entry) => entry.name), ...figures.keys()]);
    const rows = [...names].filter((contestant) => figures.has(contestant) || notes.has(contestant))
      .map((contestant): Row => ({
        contestant,
        figures: figures.get(contestant) ?? {},
        note: notes.get(contestant) ?? "",
      }));
    return rows.length === 0 ? [] : [{ suite, case: name, rows }];
  });
}

function resultsOf({ suite, case: name, rows }: Table): Result[] {
  return rows.flatMap(({ contestant, figures }) =>
    suite.columns.flatMap(({ metric, unit }) => {
      const value = figures[metric];
      if (value === undefined) return [];
      return [{ suite: suite.name, contestant, metric: fullMetric(metric, name), value, unit }];
    })
  );
}

function fullMetric(metric: string, name: string): string {
  return name === "" ? metric : `${metric}, ${name}`;
}
