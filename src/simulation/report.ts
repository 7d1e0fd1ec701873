import type { RuntimeInfo, Strategy } from "../../mod.ts";
import type { ServiceClass } from "./service_time.ts";
import { type Tally, toMicroseconds } from "./tally.ts";

/** Latencies of completed jobs, in ms, from the moment each was due; all 0 if there are none. */
export interface LatencyReport {
  /** Number of jobs. */
  readonly count: number;
  /** Mean latency. */
  readonly mean: number;
  /** Half are at most this. */
  readonly p50: number;
  /** 95 % are at most this. */
  readonly p95: number;
  /** 99 % are at most this. */
  readonly p99: number;
  /** The longest latency. */
  readonly max: number;
}

/** How the jobs of a simulation, or of one class, ended. The statuses sum to `submitted`. */
export interface StatusReport {
  /** Jobs that were due. */
  readonly submitted: number;
  /** Jobs that completed. */
  readonly completed: number;
  /** Jobs that threw, or whose worker died. */
  readonly failed: number;
  /** Jobs that were dropped, and did not run. */
  readonly dropped: number;
  /** Jobs that were cancelled because the simulation was stopped. */
  readonly cancelled: number;
  /** Jobs whose run exceeded its timeout. */
  readonly timedOut: number;
  /** Jobs completed within their latency budget. */
  readonly withinBudget: number;
}

/** One size class of jobs. */
export interface ClassReport extends StatusReport {
  /** Latencies of its completed jobs. */
  readonly latencyMs: LatencyReport;
}

/** The results of a simulation. */
export interface SimulationReport extends StatusReport {
  /** The runtime it ran on. */
  readonly runtime: RuntimeInfo["name"];
  /** Name of the policy. */
  readonly policy: string;
  /** Seed of the workload. */
  readonly seed: number;
  /** Jobs by strategy; sums to `submitted`. One expired before submit is `backpressure_drop`. */
  readonly routed: Readonly<Record<Strategy, number>>;
  /** Drops by reason; sums to `dropped`. */
  readonly dropReasons: Readonly<Record<string, number>>;
  /** Submits that did not become jobs, by cause; not in `submitted`. */
  readonly rejected: Readonly<Record<string, number>>;
  /** Latencies by strategy. */
  readonly latencyMs: Readonly<Record<Strategy, LatencyReport>>;
  /** Figures by nominal service time: small below 1 ms, medium up to 5 ms, large above. */
  readonly byClass: Readonly<Record<ServiceClass, ClassReport>>;
  /** Jobs completed within their budget, per second. */
  readonly goodputPerS: number;
  /** Nominal service time of those jobs, as a share of the time of all workers. */
  readonly goodputWorkRatio: number;
  /** Event loop lag while jobs were in flight, in ms. */
  readonly eventLoopLagMs: { readonly p50: number; readonly p99: number; readonly max: number };
  /** From the start to the end of the last job, in ms. */
  readonly wallMs: number;
}

/** What {@linkcode toReport} needs besides the tally. */
export interface RunFacts
  extends Pick<SimulationReport, "runtime" | "policy" | "seed" | "rejected" | "eventLoopLagMs"> {
  /** Calls the pool runs at a time. */
  readonly workers: number;
  /** How long the run took, in ms. */
  readonly wallMs: number;
}

/** Assembles the report. */
export function toReport(tally: Tally, facts: RunFacts): SimulationReport {
  const { runtime, policy, seed, rejected, eventLoopLagMs, workers, wallMs } = facts;
  const capacityMs = workers * wallMs;
  return {
    runtime,
    policy,
    seed,
    submitted: tally.submitted,
    ...tally.statuses,
    routed: { ...tally.routed },
    dropReasons: { ...tally.dropReasons },
    rejected,
    latencyMs: tally.latencyReport(),
    byClass: tally.classReport(),
    withinBudget: tally.withinBudget,
    goodputPerS: wallMs > 0 ? toMicroseconds(tally.withinBudget * 1_000 / wallMs) : 0,
    goodputWorkRatio: capacityMs > 0 ? Math.round(tally.goodWorkMs / capacityMs * 1e6) / 1e6 : 0,
    eventLoopLagMs: {
      p50: toMicroseconds(eventLoopLagMs.p50),
      p99: toMicroseconds(eventLoopLagMs.p99),
      max: toMicroseconds(eventLoopLagMs.max),
    },
    wallMs: toMicroseconds(wallMs),
  };
}
