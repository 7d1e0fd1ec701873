import type { Strategy, Timing } from "../../../mod.ts";
import type { ErrorBody } from "./error.ts";

/**
 * What a request may ask for. It can only tighten what its kind allows: the smaller budget and run time
 * count, and the lower priority. Its key is taken at its word.
 */
export interface HttpHints {
  /** Time from submit to outcome, in ms, above 0 and at most 2,147,483,647. */
  readonly latencyBudgetMs?: number;
  /** Integer from 0 to 9, 9 first. */
  readonly priority?: number;
  /** Whom the job is for, such as a tenant: 1 to 200 characters. Keys get equal shares. */
  readonly key?: string;
  /**
   * Time after which the run is aborted, in ms, above 0 and at most 2,147,483,647. A job that does not
   * stop keeps its worker until the run timeout of its kind.
   */
  readonly runTimeoutMs?: number;
}

/** Body of `POST /api/jobs/:kind`. */
export interface JobBody {
  /** Input of the job, as the kind's schema takes it; `null` if it takes none. */
  readonly input: unknown;
  /** What the request asks for. */
  readonly hints?: HttpHints;
}

/** Body of `POST /api/jobs/:kind/batch`, if it is not just the array of inputs. */
export interface BatchBody {
  /** Inputs of the jobs. */
  readonly inputs: readonly unknown[];
  /** What the request asks for, the same for each job. */
  readonly hints?: HttpHints;
}

/** Response for a job that ran. */
export interface CompletedBody {
  /** Always `"completed"`. */
  readonly status: "completed";
  /** What the job returned; a bigint as decimal string, `undefined` as `null`. */
  readonly output: unknown;
  /** How it was run. */
  readonly strategy: Strategy;
  /** Where the time went. */
  readonly timing: Timing;
  /** Whether it ended within its latency budget. */
  readonly withinBudget: boolean;
}

/** Response for a job that was dropped. */
export interface DroppedBody {
  /** Always `"dropped"`. */
  readonly status: "dropped";
  /** Always `"backpressure_drop"`. */
  readonly strategy: "backpressure_drop";
  /** Why. */
  readonly reason: string;
  /** When a retry is worthwhile, in ms; `Retry-After` has it in seconds. */
  readonly retryAfterMs: number;
}

/** Line of a batch's response for a job that ran. */
export interface CompletedLine extends CompletedBody {
  /** Index of the job in the batch, from 0. */
  readonly index: number;
  /** Bytes are encoded as base64; absent for any other output. */
  readonly encoding?: "base64";
}

/** Line of a batch's response for a job that was dropped. */
export interface DroppedLine extends DroppedBody {
  /** Index of the job in the batch, from 0. */
  readonly index: number;
}

/** Line of a batch's response for a job that was refused or has failed. */
export interface FailedLine extends ErrorBody {
  /** Index of the job in the batch, from 0. */
  readonly index: number;
  /** Always `"failed"`. */
  readonly status: "failed";
}

/** One line of a batch's response. */
export type BatchLine = CompletedLine | DroppedLine | FailedLine;

/** What `POST /api/jobs/:kind` takes. */
export interface JobRequest {
  /** The path. */
  param: {
    /** Name of the kind. */
    kind: string;
  };
  /** The body. */
  json: JobBody;
}

/** What `POST /api/jobs/:kind/batch` takes. */
export interface BatchRequest {
  /** The path. */
  param: {
    /** Name of the kind. */
    kind: string;
  };
  /** The body. */
  json: readonly unknown[] | BatchBody;
}
