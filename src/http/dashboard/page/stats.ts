import type { StatsBody } from "../../api/operation.ts";

export type { Summary, WorkerCounts } from "../../../../mod.ts";

/** Figures that a router of before does not tell. */
type Later = "withinBudget" | "latencyMs" | "batchSizes" | "windows" | "kinds";

/** Answer of `GET /api/stats`; what a router of before does not tell may be missing. */
export type Stats = Omit<StatsBody, Later> & Partial<Pick<StatsBody, Later>>;
