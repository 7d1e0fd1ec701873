import type { Stats } from "./stats.ts";

/** What happened per second between two snapshots. */
export interface Rates {
  readonly submitted: number;
  readonly completed: number;
  /** Jobs completed within their budget; `null` where the router does not tell. */
  readonly goodput: number | null;
  readonly dropped: number;
  readonly routed: Readonly<Record<string, number>>;
  readonly dropReasons: Readonly<Record<string, number>>;
}

/** The counters of a snapshot, and the server's time they were read at. */
export type Counters = Pick<
  Stats,
  "uptimeMs" | "submitted" | "completed" | "withinBudget" | "dropped" | "routed" | "dropReasons"
>;

/**
 * Rates between two snapshots, by the server's own clock: a late answer does not bend them.
 *
 * @returns The rates; `undefined` when no time has passed, or the server has started anew.
 */
export function ratesBetween(before: Counters, after: Counters): Rates | undefined {
  const seconds = (after.uptimeMs - before.uptimeMs) / 1_000;
  if (!(seconds > 0) || after.submitted < before.submitted) return undefined;
  const rate = (from: number | undefined, to: number) => Math.max(0, to - (from ?? 0)) / seconds;
  const goodput = after.withinBudget === undefined
    ? null
    : rate(before.withinBudget, after.withinBudget);
  return {
    submitted: rate(before.submitted, after.submitted),
    completed: rate(before.completed, after.completed),
    goodput,
    dropped: rate(before.dropped, after.dropped),
    routed: ratesOf(before.routed, after.routed, rate),
    dropReasons: ratesOf(before.dropReasons, after.dropReasons, rate),
  };
}

function ratesOf(
  before: Readonly<Record<string, number>>,
  after: Readonly<Record<string, number>>,
  rate: (from: number | undefined, to: number) => number,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(after).map(([name, count]) => [name, rate(before[name], count)]),
  );
}
