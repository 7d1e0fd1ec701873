import { writeFile } from "node:fs/promises";
import type { Host } from "../results.ts";
import type { Suite } from "../suite.ts";
import { openCommit } from "./commit.ts";
import { type ComparedSuite, compareSuite, ownEntries } from "./compare_suite.ts";
import { type CompareReport, compareResults, compareText, legendOf } from "./report.ts";

/** What is to be compared, and how. */
export interface CompareAllOptions {
  readonly host: Host;
  /** The full hash of the commit. */
  readonly hash: string;
  readonly pairs: number;
  /** Contestants to be run; none means all of ours. */
  readonly only: readonly string[];
  /** The file for the figures. */
  readonly json: string | undefined;
  /** Told before each child. */
  progress(text: string): void;
}

/**
 * Compares suites with those of another commit, prints the tables, and tells whether all is well:
 * nothing is slower, and everything that was asked for could be compared.
 */
export async function compareAll(
  suites: readonly Suite[],
  { host, hash, pairs, only, json, progress }: CompareAllOptions,
): Promise<boolean> {
  console.log(`${host.runtime} ${host.version}, ${host.cpu}, ${host.cores} cores`);
  console.log(legendOf(hash, pairs));
  progress(`making ${hash} ready`);
  const commit = await openCommit(hash);
  const compared: ComparedSuite[] = [];
  for (const suite of suites) {
    console.log(`\n== ${suite.name}: ${suite.about}`);
    if (ownEntries(suite, only).length === 0) {
      console.log("not compared: no contestant of ours is in it");
      continue;
    }
    const found = await compareSuite(suite, { commit, pairs, only, progress });
    progress("");
    console.log(`\n${compareText(found, hash)}`);
    compared.push(found);
  }
  if (json !== undefined) {
    const report: CompareReport = {
      ...host,
      against: hash,
      pairs,
      results: compared.flatMap(compareResults),
      failures: compared.flatMap(({ suite, failures }) =>
        failures.map((failure) => ({ suite: suite.name, ...failure }))
      ),
    };
    await writeFile(json, JSON.stringify(report, null, 2) + "\n");
  }
  return compared.length > 0 && compared.every(isWell);
}

function isWell({ rows, failures }: ComparedSuite): boolean {
  return rows.length > 0 && rows.every(({ verdict }) => verdict !== "slower") &&
    failures.every(({ isMinor }) => isMinor);
}
