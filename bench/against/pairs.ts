/** What a process measures: this checkout, the commit, or this checkout once more. */
export type Side = "new" | "old" | "twin";

/** Two processes, one right after the other, so that they find the machine in the same mood. */
export interface Pair {
  /** What this checkout is compared with. */
  readonly other: Exclude<Side, "new">;
  readonly order: readonly [Side, Side];
}

/**
 * The pairs of a round: one with the commit, and one of this checkout with itself. Who goes first
 * changes from round to round: new old, old new.
 */
export function pairsOf(round: number): readonly Pair[] {
  return (["old", "twin"] as const).map((other) => (
    { other, order: round % 2 === 0 ? ["new", other] : [other, "new"] }
  ));
}
