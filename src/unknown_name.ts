/** What is no option of a router, though some have a name like it. */
const OF_JOBS = /^(latencyBudgetMs|priority|runTimeoutMs)$/;
/** What other pools call the number of their workers. */
const PARALLELISM = /^(max)?(workers|poolsize|concurrency)$/;

/**
 * What is wanted in place of a name that is unknown: one of those that are known, and first the one that is most
 * like it, with more than two fifths of their letters in pairs that both have.
 */
export function wantedFor(name: string, known: readonly string[], what = "options"): string {
  const meant = name.toLowerCase().replace("thread", "worker")
    .replace(PARALLELISM, "cpuparallelism");
  const pairs = [...meant].map((_, i) => meant.slice(i, i + 2));
  const likeness = (one: string): number =>
    5 * pairs.filter((pair) => one.toLowerCase().includes(pair)).length - meant.length - one.length;
  const nearest = known.reduce((a, b) => likeness(b) > likeness(a) ? b : a, "");
  const hint = OF_JOBS.test(name)
    ? `. It goes ${
      known.includes("hints") ? "into hints" : "on a kind or a submit"
    }. The options are`
    : likeness(nearest) > 0
    ? `. Did you mean ${nearest}? They are`
    : "";
  return `one of the ${what}${hint} ${known.join(", ")}`;
}
