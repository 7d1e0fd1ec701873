import type { Patience } from "./patience.ts";
import { runChild } from "./run_child.ts";
import { runtime } from "./runtime.ts";
import { median } from "./stats.ts";
import type { Column, Entry, Figures, Measured, Suite } from "./suite.ts";

/** How suites are run. */
export interface RunOptions {
  readonly rounds: number;
  readonly quick: boolean;
  /** Contestants to be run; none means all. */
  readonly only: readonly string[];
  /** Peers that are not there, and why. */
  readonly missing: ReadonlyMap<string, string>;
  /** Remembers failures from suite to suite. */
  readonly patience: Patience;
  /** Told before each child. */
  progress(text: string): void;
}

/** One contestant in one case. */
export interface Row {
  readonly contestant: string;
  /** What was measured; empty if it failed every time. */
  readonly figures: Figures;
  /** What went wrong, if anything did. */
  readonly note: string;
}

/** One case of a suite. */
export interface Table {
  readonly suite: Suite;
  readonly case: string;
  readonly rows: readonly Row[];
}

const PICKS = {
  median,
  best: (values: readonly number[]) => Math.min(...values),
  worst: (values: readonly number[]) => Math.max(...values),
};

/** A case that has failed this often without a figure is not tried again. */
const MAX_FAILURES = 2;

/** What all rounds gave for one entry in one case. */
class Findings {
  readonly entry: Entry;
  readonly measured: Measured[] = [];
  readonly reasons: string[] = [];

  constructor(entry: Entry) {
    this.entry = entry;
  }

  get isHopeless(): boolean {
    return this.measured.length === 0 && this.reasons.length >= MAX_FAILURES;
  }
}

/**
 * Runs a suite: each entry in a fresh process, the entries in turn, and that for some rounds, each
 * beginning with another one, so that a slow minute of the machine does not fall on one contestant.
 */
export async function runSuite(suite: Suite, options: RunOptions): Promise<Table[]> {
  const { rounds, quick, only, patience, progress } = options;
  const entries = suite.entries.filter(({ name }) => only.length === 0 || only.includes(name));
  if (entries.length === 0) return [];
  const prepared = await suite.prepare?.() ?? 0;
  const cases = suite.cases ?? [""];
  const findings = new Map(
    cases.map((name) => [name, entries.map((entry) => new Findings(entry))]),
  );
  for (let round = 0; round < rounds; round++) {
    for (const name of cases) {
      for (const found of rotated(findings.get(name)!, round)) {
        const { entry } = found;
        if (found.isHopeless || reasonToSkip(entry, options) !== undefined) continue;
        progress(`${suite.name} ${name} ${entry.name}, round ${round + 1} of ${rounds}`);
        const answer = await runChild(
          { suite: suite.name, test: { entry: entry.name, case: name, quick, prepared } },
          { hasPeer: entry.package !== undefined, limitS: suite.limitS },
        );
        if ("measured" in answer) {
          found.measured.push(answer.measured);
          patience.succeeded(entry.name);
        } else {
          found.reasons.push(answer.reason);
          patience.failed(entry.name, answer.reason);
        }
      }
    }
  }
  return cases.map((name) => {
    const rows = findings.get(name)!.flatMap((found) => rowsOf(found, suite.columns, options));
    return { suite, case: name, rows: derived(suite, rows) };
  });
}

/** What is wrong with our own figures in a table. */
export function problemOf({ suite, rows }: Table): string | undefined {
  return suite.problem?.(new Map(rows.map(({ contestant, figures }) => [contestant, figures])));
}

function rotated<T>(list: readonly T[], by: number): readonly T[] {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** Why an entry is not run, or not any more. */
function reasonToSkip(
  { name, package: peer, runtimes }: Entry,
  { missing, patience }: RunOptions,
): string | undefined {
  if (runtimes?.includes(runtime.name) === false) {
    return `not run: it is not made for ${runtime.name}`;
  }
  const absent = peer === undefined ? undefined : missing.get(peer);
  if (absent !== undefined) return `not run: ${absent}`;
  const failure = patience.exhausted(name);
  return failure === undefined ? undefined : noteOf(failure);
}

function rowsOf(
  { entry, measured, reasons }: Findings,
  columns: readonly Column[],
  options: RunOptions,
): readonly Row[] {
  const [reason] = reasons;
  if (measured.length === 0) {
    const note = reason === undefined ? reasonToSkip(entry, options) : noteOf(reason);
    return [{ contestant: entry.name, figures: {}, note: note ?? "not run" }];
  }
  const runs = measured.length + reasons.length;
  const note = reason === undefined ? "" : `fails in ${reasons.length} of ${runs} runs: ${reason}`;
  return Object.keys(measured[0]).map((contestant) => {
    const all = measured.map((figures) => figures[contestant]);
    return { contestant, figures: summed(all, columns), note };
  });
}

/** A contestant may say itself that it was not made for this. */
function noteOf(reason: string): string {
  return reason.startsWith("not run") ? reason : `fails: ${reason}`;
}

/** What the columns show of several rounds. */
function summed(all: readonly Figures[], columns: readonly Column[]): Figures {
  const figures: Record<string, number> = {};
  for (const { metric, from = metric, pick = "median" } of columns) {
    const values = all.map((round) => round[from]).filter((value) => value !== undefined);
    if (values.length === 0) continue;
    figures[metric] = PICKS[pick](values);
  }
  return figures;
}

function derived(suite: Suite, rows: readonly Row[]): readonly Row[] {
  if (suite.derive === undefined) return rows;
  const figures = new Map(
    rows.filter((row) => Object.keys(row.figures).length > 0)
      .map((row) => [row.contestant, { ...row.figures }]),
  );
  suite.derive(figures);
  return rows.map((row) => ({ ...row, figures: figures.get(row.contestant) ?? {} }));
}
