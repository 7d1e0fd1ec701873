import { parseArgs } from "node:util";
import { SUITE_NAMES } from "./suites/all.ts";

/** What the command line asks for. */
export interface Arguments {
  readonly suites: readonly string[];
  readonly only: readonly string[];
  readonly rounds: number;
  readonly quick: boolean;
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  /** The commit to compare with. */
  readonly against: string | undefined;
  /** Pairs of processes per contestant and case, and as many of this checkout with itself. */
  readonly pairs: number;
}

const ROUNDS = 3;
/** Pairs of a comparison by default: with fewer, little can be said. */
export const PAIRS = 9;
const MIN_PAIRS = 2;

export const USAGE = `bench [SUITE…] [options]

suites: ${SUITE_NAMES.join(", ")}; all by default
  --rounds N         fresh processes per contestant, ${ROUNDS} by default, 1 with --quick
  --quick            short measurements
  --only NAME,NAME   these contestants
  --json FILE        writes the figures
  --markdown FILE    appends the tables
  --against COMMIT   compares our own contestants with those of another commit, in short
                     measurements; exit code 1 if one is slower
  --pairs N          with --against: pairs of processes, ${PAIRS} by default`;

/** @throws {TypeError} If the command line is wrong, with what is wrong. */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      against: { type: "string" },
      json: { type: "string" },
      markdown: { type: "string" },
      only: { type: "string" },
      pairs: { type: "string" },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
    },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !SUITE_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot run suite "${unknown}": there are ${SUITE_NAMES.join(", ")}`);
  }
  const { against } = values;
  const foreign = against === undefined ? ["pairs"] as const : ["rounds", "markdown"] as const;
  const misplaced = foreign.find((name) => values[name] !== undefined);
  if (misplaced !== undefined) {
    throw new TypeError(
      `Cannot use --${misplaced} ${against === undefined ? "without" : "with"} --against`,
    );
  }
  const quick = values.quick || against !== undefined;
  const rounds = countOf("rounds", values.rounds ?? (quick ? 1 : ROUNDS), 1);
  const pairs = countOf("pairs", values.pairs ?? PAIRS, MIN_PAIRS);
  return {
    suites: SUITE_NAMES.filter((name) => positionals.length === 0 || positionals.includes(name)),
    only: values.only?.split(",") ?? [],
    rounds,
    quick,
    json: values.json,
    markdown: values.markdown,
    against,
    pairs,
  };
}

function countOf(what: string, value: string | number, least: number): number {
  const count = Number(value);
  if (Number.isInteger(count) && count >= least) return count;
  throw new TypeError(`Cannot run "${value}" ${what}: wanted is an integer >= ${least}`);
}
