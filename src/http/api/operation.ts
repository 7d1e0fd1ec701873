import type {
  DecisionRecord,
  Load,
  Obstacle,
  RouterConfig,
  RouterStats,
  Strategy,
} from "../../../mod.ts";
import type { DemoLoad, DemoRun } from "../operate/demo.ts";

/** Answer of `GET /api/stats`: `router.stats()`, with `null` for what is not a finite number. */
export interface StatsBody extends Omit<RouterStats, "load"> {
  /** How busy the router is now. */
  readonly load: Omit<Load, "poolWorkMs"> & {
    /** Time the jobs in the pool's queue are expected to run, in ms; `null` when unknown. */
    readonly poolWorkMs: number | null;
  };
}

/** Answer of `GET /healthz`. */
export interface HealthBody {
  /** `"closed"` once the router refuses jobs. */
  readonly status: "ok" | "closed";
}

/** Answer of `GET /readyz`. */
export interface ReadinessBody {
  /** `"ready"`, or why jobs should not be sent here now. */
  readonly status: "ready" | Obstacle;
}

/** Answer of `GET` and `PATCH /api/config`. */
export interface ConfigBody {
  /** The configuration as it is now; `null` for ever. */
  readonly config: Omit<RouterConfig, "abortGraceMs"> & {
    /** Time an aborted job may go on before its worker is ended, in ms; `null`: for ever. */
    readonly abortGraceMs: number | null;
  };
  /** What of it can be changed. */
  readonly writable: readonly (keyof RouterConfig)[];
}

/** Body of `PATCH /api/config`: what is to change. */
export type ConfigChange = Partial<ConfigBody["config"]>;

/** Answer of `GET /api/explain/:kind`: a decision, with `null` for what is not a finite number. */
export interface ExplainBody extends Omit<DecisionRecord, "load"> {
  /** The load it was decided under. */
  readonly load: StatsBody["load"];
}

/** What `GET /api/explain/:kind` takes. */
export interface ExplainRequest {
  /** The path. */
  param: {
    /** Name of the kind. */
    kind: string;
  };
  /** The query. */
  query: {
    /** Input of the job, as JSON; `null` where it is left out. */
    input?: string;
    /** Size of the job. */
    computeCost?: string;
    /** Parallel payoff, 0 to 1. */
    scalingPotential?: string;
    /** Latency budget, in ms. */
    latencyBudgetMs?: string;
    /** 0 to 9. */
    priority?: string;
  };
}

/** What `GET /api/decisions` takes. */
export interface DecisionsRequest {
  /** The query. */
  query: {
    /** Only decisions about this kind. */
    kind?: string;
    /** Only decisions for this strategy. */
    strategy?: Strategy;
  };
}

/** What one event of the decision stream carries. */
export interface DecisionsBody {
  /** Decisions since the last event, in order; of many, a fair sample. */
  readonly decisions: readonly DecisionRecord[];
  /** Decisions since the last event that are left out. */
  readonly missed: number;
}

/** What `PATCH /api/config` takes. */
export interface ConfigRequest {
  /** The body. */
  json: ConfigChange;
}

/** Answer of `GET` and `POST /api/demo`. */
export interface DemoBody {
  /** The load that runs now. */
  readonly running: DemoLoad["running"];
}

/** What `POST /api/demo` takes. */
export interface DemoRequest {
  /** The body. */
  json: {
    /** What is to run. */
    run: DemoRun;
  };
}
