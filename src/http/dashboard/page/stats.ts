import type { Distribution, Load, Strategy } from "../../../../mod.ts";

/** Figures of one distribution. */
export interface Summary {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly max: number;
}

/** What happened within the last seconds. */
export interface WindowStats {
  readonly spanMs: number;
  readonly submitted: number;
  readonly completed: number;
  readonly withinBudget: number;
  readonly dropped: number;
  readonly routed: Readonly<Record<Strategy, number>>;
  readonly dropReasons: Readonly<Record<string, number>>;
  readonly latencyMs: Readonly<Record<Strategy, Summary>>;
}

/** One kind on one strategy. */
export interface SeriesStats {
  readonly kind: string;
  readonly strategy: Strategy;
  readonly runMs: Summary;
}

/** Workers of the pool. */
export interface WorkerCounts {
  readonly starting: number;
  readonly idle: number;
  readonly busy: number;
  readonly started: number;
  readonly crashed: number;
  readonly recycled: number;
  readonly lost: number;
}

/** The part of `GET /api/stats` that the page reads. What an older router does not tell is optional. */
export interface Stats {
  readonly policy: string;
  readonly uptimeMs: number;
  readonly submitted: number;
  readonly completed: number;
  readonly withinBudget?: number;
  readonly failed: number;
  readonly dropped: number;
  readonly inFlight: number;
  readonly routed: Readonly<Record<Strategy, number>>;
  readonly dropReasons: Readonly<Record<string, number>>;
  readonly series: readonly SeriesStats[];
  readonly latencyMs?: Readonly<Record<Strategy, Summary>>;
  readonly batchSizes?: Pick<Distribution, "count" | "mean">;
  readonly windows?: { readonly last10s: WindowStats; readonly last1min: WindowStats };
  readonly load: Omit<Load, "poolWorkMs"> & { readonly poolWorkMs: number | null };
  readonly workers: WorkerCounts;
  readonly eventLoopLagMs: Summary;
}
