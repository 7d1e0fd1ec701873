import type { DemoKinds } from "../jobs.ts";
import { nominalServiceMs } from "../service_time.ts";
import type { TraceRequest } from "../trace.ts";
import type { LabJob } from "./lab_job.ts";
import { limitMsOf } from "./lab_job.ts";
import type { WorkloadSpec } from "./spec.ts";

/** A trace for the laboratory. */
export interface TraceWorkload {
  /** Its kinds. */
  readonly workload: WorkloadSpec;
  /** Its jobs. */
  readonly jobs: readonly LabJob[];
  /** When the last of them must be done, in ms. */
  readonly durationMs: number;
}

/** Kinds whose time is known without a run: those of the simulation. */
const NOMINAL: readonly (keyof DemoKinds)[] = [
  "hash_mix",
  "prime_count",
  "monte_carlo_risk",
  "llm_request",
];

/**
 * Turns a trace into jobs of the laboratory. A job needs a core for as long as its run took; one that did
 * not run, for as long as runs of its kind took for its cost.
 *
 * @param requests The trace.
 * @param speed Factor by which it is sped up.
 * @param name Its name. @default {"trace"}
 * @returns The jobs.
 * @throws {RangeError} If no run of a kind was recorded.
 */
export function toTraceWorkload(
  requests: readonly TraceRequest[],
  speed: number,
  name: string = "trace",
): TraceWorkload {
  const names = [...new Set(requests.map(({ kind }) => kind))];
  const runs = names.map((name) => new KindRuns(name, requests));
  const jobs = requests.map((request, id): LabJob => {
    const kind = names.indexOf(request.kind);
    const { atMs, cost, latencyBudgetMs = Infinity, priority = 5, key } = request;
    return {
      id,
      kind,
      atMs: atMs / speed,
      beforeMs: runs[kind].busyMsOf(request),
      waitMs: 0,
      afterMs: 0,
      cost: cost >= 0 ? cost : undefined,
      budgetMs: latencyBudgetMs,
      priority,
      ...key === undefined ? {} : { key },
      crashes: false,
    };
  });
  const durationMs = jobs.reduce((endMs, job) => Math.max(endMs, job.atMs + limitMsOf(job)), 1);
  const kinds = names.map((name) => ({
    name,
    share: 1,
    size: { type: "fixed", value: 1 },
    perSizeMs: 1,
  } as const));
  return { workload: { name, about: "a trace", kinds }, jobs, durationMs };
}

/** What the runs of a kind took. */
class KindRuns {
  readonly #name: string;
  /** Mean time of a run, and of a unit of cost; `NaN` if unknown. */
  readonly #meanMs: number;
  readonly #unitMs: number;

  constructor(name: string, requests: readonly TraceRequest[]) {
    this.#name = name;
    const ran = requests.filter(({ kind, serviceMs }) => kind === name && serviceMs !== undefined);
    const sumMs = ran.reduce((sum, { serviceMs }) => sum + serviceMs!, 0);
    const costs = ran.reduce((sum, { cost }) => sum + cost, 0);
    this.#meanMs = sumMs / ran.length;
    this.#unitMs = sumMs / costs;
  }

  busyMsOf({ cost, serviceMs }: TraceRequest): number {
    if (serviceMs !== undefined) return serviceMs;
    if (cost * this.#unitMs >= 0) return cost * this.#unitMs;
    if (this.#meanMs >= 0) return this.#meanMs;
    const nominal = NOMINAL.find((name) => name === this.#name);
    if (nominal !== undefined && cost >= 0) return nominalServiceMs(nominal, cost);
    throw new RangeError(
      `Cannot replay kind ${
        JSON.stringify(this.#name)
      } in virtual time as the trace has no run of it: \
nobody knows how long one takes`,
    );
  }
}
