// Which of the mutants of a room are tried.
import { createHash } from "node:crypto";

const keyOf = (mutant) =>
  [mutant.file, mutant.function, mutant.operator, mutant.before, mutant.nth].join("\n");

/**
 * `count` of the mutants, each as likely as any other: those that come first when ordered by a hash
 * of seed and mutant. A change elsewhere in the sources leaves most of a sample as it was, and a
 * larger sample begins with the smaller.
 */
export function sampleOf(mutants, seed, count) {
  const rank = (mutant) => createHash("sha256").update(`${seed}\n${keyOf(mutant)}`).digest("hex");
  return mutants.map((mutant) => ({ mutant, rank: rank(mutant) }))
    .sort((a, b) => a.rank < b.rank ? -1 : 1)
    .slice(0, count).map(({ mutant }) => mutant);
}

/**
 * The mutants without those that `equivalents` names as no change of behaviour. Each entry has to
 * name one mutant: by `file`, `function`, `operator`, `before`, and `nth` if several are so.
 */
export function withoutEquivalents(mutants, equivalents) {
  const left = new Set(mutants);
  for (const entry of equivalents) {
    const named = mutants.filter((mutant) =>
      ["file", "function", "operator", "before"].every((name) => mutant[name] === entry[name]) &&
      mutant.nth === (entry.nth ?? mutant.nth)
    );
    const { file, operator, before } = entry;
    if (named.length !== 1) {
      throw new Error(
        `An equivalent has to name one mutant, but ${named.length} are so: ` +
          `${file}, ${entry.function}, ${operator}, ${before}` +
          (named.length > 1 ? ': add "nth"' : ""),
      );
    }
    if (typeof entry.reason !== "string" || entry.reason === "") {
      throw new Error(`An equivalent needs a reason: ${file}, ${operator}, ${before}`);
    }
    left.delete(named[0]);
  }
  return [...left];
}
