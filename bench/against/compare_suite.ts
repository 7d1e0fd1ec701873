import { runChild } from "../run_child.ts";
import { median } from "../stats.ts";
import type { Column, Entry, Measured, Suite } from "../suite.ts";
import type { Commit } from "./commit.ts";
import { type Pair, pairsOf, type Side } from "./pairs.ts";
import { compare, type Comparison, ratioOf } from "./verdict.ts";

/** How suites are compared. */
export interface CompareOptions {
  readonly commit: Commit;
  readonly pairs: number;
  /** Contestants to be run; none means all of ours. */
  readonly only: readonly string[];
  /** Told before each child. */
  progress(text: string): void;
}

/** One figure of one contestant in one case. */
export interface ComparedRow extends Comparison {
  readonly case: string;
  readonly contestant: string;
  readonly column: Column;
  /** The median figure of this checkout. */
  readonly value: number;
  /** The same of the commit. */
  readonly old: number;
}

/** What was found out about a suite. */
export interface ComparedSuite {
  readonly suite: Suite;
  readonly rows: readonly ComparedRow[];
  readonly failures: readonly ComparedFailure[];
}

/** Why something could not be compared, or lacks some pairs. */
export interface ComparedFailure {
  readonly case: string;
  readonly contestant: string;
  readonly reason: string;
  /** Whether the commit alone failed, and there are figures all the same. */
  readonly isMinor: boolean;
}

/** What the two processes of a pair measured. */
interface Measurements {
  readonly own: Measured;
  readonly other: Measured;
}

/** An entry that has failed this often without a pair is not tried again. */
const MAX_FAILURES = 2;

/** One entry in one case. */
class Findings {
  readonly name: string;
  readonly entry: Entry;
  readonly pairs: Readonly<Record<"old" | "twin", Measurements[]>> = { old: [], twin: [] };
  readonly failures: { readonly side: Side; readonly reason: string }[] = [];
  processes = 0;

  constructor(name: string, entry: Entry) {
    this.name = name;
    this.entry = entry;
  }

  get isHopeless(): boolean {
    return this.pairs.old.length === 0 && this.failures.length >= MAX_FAILURES;
  }
}

/** The contestants that can be compared: of the others there is nothing in a commit. */
export function ownEntries({ entries }: Suite, only: readonly string[]): readonly Entry[] {
  return entries.filter(({ name }) => isOurs(name) && (only.length === 0 || only.includes(name)));
}

/**
 * Compares a suite, each figure in a fresh process, in short measurements. The pairs of an entry are
 * spread over the whole run: a slow minute falls on one pair of each, not on all pairs of one.
 */
export async function compareSuite(suite: Suite, options: CompareOptions): Promise<ComparedSuite> {
  const prepared = await suite.prepare?.() ?? 0;
  const findings = (suite.cases ?? [""]).flatMap((name) =>
    ownEntries(suite, options.only).map((entry) => new Findings(name, entry))
  );
  for (let round = 0; round < options.pairs; round++) {
    for (const found of findings) {
      for (const pair of pairsOf(round)) {
        if (found.isHopeless) break;
        const { name, entry } = found;
        options.progress(`${suite.name} ${name} ${entry.name}, ${round + 1} of ${options.pairs}`);
        await measurePair(suite, pair, found, { prepared, commit: options.commit });
      }
    }
  }
  return {
    suite,
    rows: findings.flatMap((found) => rowsOf(found, suite.columns)),
    failures: findings.flatMap(failureOf),
  };
}

/** Runs the two processes of a pair, and notes what came of them. */
async function measurePair(
  suite: Suite,
  { other, order }: Pair,
  found: Findings,
  { prepared, commit }: { readonly prepared: number; readonly commit: Commit },
): Promise<void> {
  const test = { entry: found.entry.name, case: found.name, quick: true, prepared };
  const measured = new Map<Side, Measured>();
  for (const side of order) {
    found.processes++;
    const answer = await runChild({ suite: suite.name, test }, {
      hasPeer: false,
      limitS: suite.limitS,
      program: side === "old" ? commit.program : undefined,
    });
    if ("measured" in answer) measured.set(side, answer.measured);
    else found.failures.push({ side, reason: answer.reason });
  }
  const [own, its] = [measured.get("new"), measured.get(other)];
  if (own !== undefined && its !== undefined) found.pairs[other].push({ own, other: its });
}

function isOurs(contestant: string): boolean {
  return contestant.startsWith("helixrouter");
}

/** A column that shows another one's figures in another way is left out. */
function rowsOf({ name, pairs }: Findings, columns: readonly Column[]): readonly ComparedRow[] {
  const contestants = Object.keys(pairs.old[0]?.own ?? {}).filter(isOurs);
  return contestants.flatMap((contestant) =>
    columns.filter(({ from }) => from === undefined).flatMap((column): ComparedRow[] => {
      const figures = figuresOf(pairs.old, contestant, column.metric);
      const own = figuresOf(pairs.twin, contestant, column.metric);
      if (figures.length === 0 || own.length === 0) return [];
      const ratios = [figures, own].map((all) =>
        all.map(([value, other]) => ratioOf(value, other))
      );
      return [{
        case: name,
        contestant,
        column,
        value: median(figures.map(([value]) => value)),
        old: median(figures.map(([, other]) => other)),
        ...compare(ratios[0], ratios[1], column.largerIsBetter ?? false),
      }];
    })
  );
}

function failureOf(
  { name, entry, pairs, failures, processes }: Findings,
): readonly ComparedFailure[] {
  if (failures.length === 0) return [];
  const [{ side, reason }] = failures;
  const where = side === "old" ? "the commit" : "this checkout";
  return [{
    case: name,
    contestant: entry.name,
    reason: `fails in ${failures.length} of ${processes} processes, first in ${where}: ${reason}`,
    isMinor: failures.every(({ side }) => side === "old") && pairs.old.length > 0,
  }];
}

/** What both sides of each pair have of a figure. */
function figuresOf(
  pairs: readonly Measurements[],
  contestant: string,
  metric: string,
): readonly (readonly [value: number, other: number])[] {
  return pairs.flatMap(({ own, other }) => {
    const pair = [own[contestant]?.[metric], other[contestant]?.[metric]] as const;
    return pair.every(Number.isFinite) ? [pair] : [];
  });
}
