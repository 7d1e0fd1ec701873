import type {
  Calibration,
  DecisionRecord,
  KindStats,
  Load,
  Obstacle,
  Regret,
  RouterConfig,
  RouterStats,
  Strategy,
} from "../../../mod.ts";
import type { DemoLoad, DemoRun } from "../operate/demo.ts";

/** Response of `GET /api/stats`: `router.stats()`, with `null` for non-finite numbers. */
export interface StatsBody extends Omit<RouterStats, "load" | "kinds"> {
  /** How decisions have turned out, by kind; `null` for what is not known. */
  readonly kinds: readonly (Omit<KindStats, "calibration" | "regret"> & {
    /** How far predictions can be trusted. */
    readonly calibration: { readonly [Name in keyof Calibration]: Calibration[Name] | null };
    /** What decisions are estimated to have cost. */
    readonly regret: { readonly [Name in keyof Regret]: Regret[Name] | null };
  })[];
  /** How busy the router is now. */
  readonly load: Omit<Load, "poolWorkMs"> & {
    /** Expected run time of all jobs waiting for the pool, in ms; `null` if unknown. */
    readonly poolWorkMs: number | null;
  };
}

/** Response of `GET /healthz`. */
export interface HealthBody {
  /** `"closed"` once the router refuses jobs. */
  readonly status: "ok" | "closed";
}

/** Response of `GET /readyz`. */
export interface ReadinessBody {
  /** `"ready"`, or why jobs should not be sent here now. */
  readonly status: "ready" | Obstacle;
}

/** Response of `GET` and `PATCH /api/config`. */
export interface ConfigBody {
  /** The current configuration. */
  readonly config: Omit<RouterConfig, "abortGraceMs"> & {
    /** Time an aborted job may go on before its worker is terminated, in ms; `null`: no limit. */
    readonly abortGraceMs: number | null;
  };
  /** The settings that can be changed. */
  readonly writable: readonly (keyof RouterConfig)[];
}

/** Body of `PATCH /api/config`: the settings to change. */
export type ConfigChange = Partial<ConfigBody["config"]>;

/** Response of `GET /api/explain/:kind`: a decision, with `null` for non-finite numbers. */
export interface ExplainBody extends Omit<DecisionRecord, "load"> {
  /** The load it was based on. */
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
    /** Input of the job, as JSON; `null` if omitted. */
    input?: string;
    /** Latency budget, in ms. */
    latencyBudgetMs?: string;
    /** Priority, 0 to 9. */
    priority?: string;
    /** Whom the job would be for. */
    key?: string;
    /** Time after which the run would be aborted, in ms. */
    runTimeoutMs?: string;
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
  /** Decisions since the last event, in order; if there are many, a uniform sample. */
  readonly decisions: readonly DecisionRecord[];
  /** Number of decisions since the last event that were left out. */
  readonly missed: number;
}

/** What `PATCH /api/config` takes. */
export interface ConfigRequest {
  /** The body. */
  json: ConfigChange;
}

/** Response of `GET` and `POST /api/demo`. */
export interface DemoBody {
  /** The load that runs now. */
  readonly running: DemoLoad["running"];
}

/** What `POST /api/demo` takes. */
export interface DemoRequest {
  /** The body. */
  json: {
    /** What to run. */
    run: DemoRun;
  };
}
