// The scripts of .ci/mutate, which are JavaScript and not part of the build.
import { root } from "../structure/source_tree.ts";

export interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly operator: string;
  /** The function around it. */
  readonly function: string;
  readonly before: string;
  readonly after: string;
  /** Which it is of those that are alike in all the above but the line. */
  readonly nth: number;
  /** Where the body of the function around it begins. */
  readonly body: number;
  /** The whole text with the change. */
  readonly text: string;
}

/** An entry of equivalent.json: a mutant that behaves as the original does. */
export interface Equivalent {
  readonly file: string;
  readonly function: string;
  readonly operator: string;
  readonly before: string;
  readonly nth?: number;
  readonly reason: string;
}

interface Mutator {
  readonly operatorNames: readonly string[];
  mutantsOf(file: string, text: string): Mutant[];
  withReports(file: string, text: string, report: (body: number) => string): string;
  emit(file: string, text: string): string;
  sampleOf(mutants: readonly Mutant[], seed: string, count: number): Mutant[];
  withoutEquivalents(mutants: readonly Mutant[], equivalents: readonly Equivalent[]): Mutant[];
  sourcesOf(room: string): string[];
  testsOf(room: string): string[];
}

const load = (name: string) => import(new URL(`.ci/mutate/${name}.mjs`, root).href);

export const {
  operatorNames,
  mutantsOf,
  withReports,
  emit,
  sampleOf,
  withoutEquivalents,
  sourcesOf,
  testsOf,
}: Mutator = {
  ...await load("operators"),
  ...await load("sample"),
  ...await load("rooms"),
};
