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
}

const ROUNDS = 3;

export const USAGE = `bench [SUITE…] [options]

suites: ${SUITE_NAMES.join(", ")}; all by default
  --rounds N         fresh processes per contestant, ${ROUNDS} by default, 1 with --quick
  --quick            short measurements
  --only NAME,NAME   these contestants
  --json FILE        writes the figures
  --markdown FILE    appends the tables`;

/** @throws {TypeError} If the command line is wrong, with what is wrong. */
export function readArguments(args: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      json: { type: "string" },
      markdown: { type: "string" },
      only: { type: "string" },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
    },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !SUITE_NAMES.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`Cannot run suite "${unknown}": there are ${SUITE_NAMES.join(", ")}`);
  }
  const quick = values.quick === true;
  const rounds = Number(values.rounds ?? (quick ? 1 : ROUNDS));
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new TypeError(`Cannot run "${values.rounds}" rounds: wanted is an integer >= 1`);
  }
  return {
    suites: SUITE_NAMES.filter((name) => positionals.length === 0 || positionals.includes(name)),
    only: values.only?.split(",") ?? [],
    rounds,
    quick,
    json: values.json,
    markdown: values.markdown,
  };
}
