/** What other pools call the number of their workers. */
const PARALLELISM = /^(max)?(workers|poolsize|concurrency)$/;

/**
 * What is wanted in place of an option that is unknown: one of those that are known, and first the one that is most
 * like it, with more than two fifths of their letters in pairs that both have.
 */
export function wantedFor(name: string, known: readonly string[]): string {
  const meant = name.toLowerCase().replace("thread", "worker")
    .replace(PARALLELISM, "cpuparallelism");
  let most = 0;
  let nearest = "";
  for (const one of known) {
    let likeness = -meant.length - one.length;
    for (let i = 0; i < meant.length; i++) {
      if (one.toLowerCase().includes(meant.slice(i, i + 2))) likeness += 5;
    }
    if (likeness > most) {
      most = likeness;
      nearest = `. Did you mean ${one}? They are`;
    }
  }
  return `one of the options${nearest} ${known.join(", ")}`;
}
