import {
  Histogram,
  type SettledJob,
  type Status,
  STATUSES,
  STRATEGIES,
  type Strategy,
} from "../../mod.ts";
import type { Arrival } from "./arrival.ts";
import type { ClassReport, LatencyReport } from "./report.ts";
import { SERVICE_CLASSES, type ServiceClass, serviceClassOf } from "./service_time.ts";

/** Counts of one size class. */
class ClassTally {
  submitted = 0;
  withinBudget = 0;
  readonly statuses: Record<Status, number> = zeroOf(STATUSES);
  readonly latency = new Histogram();

  report(): ClassReport {
    return {
      submitted: this.submitted,
      ...this.statuses,
      withinBudget: this.withinBudget,
      latencyMs: toLatencyReport(this.latency),
    };
  }
}

/** Counts how the jobs of a simulation end; latencies are from the moment each was due. */
export class Tally {
  submitted = 0;
  refused = 0;
  withinBudget = 0;
  /** Total nominal service time of the jobs completed within their budget, in ms. */
  goodWorkMs = 0;
  readonly statuses: Record<Status, number> = zeroOf(STATUSES);
  readonly routed: Record<Strategy, number> = zeroOf(STRATEGIES);
  readonly dropReasons: Record<string, number> = Object.create(null);
  readonly #latency = recordOf(STRATEGIES, () => new Histogram());
  readonly #classes = recordOf(SERVICE_CLASSES, () => new ClassTally());

  /** Number of jobs that have ended. */
  get settled(): number {
    return this.submitted + this.refused;
  }

  /** A job is over; it was submitted `lateMs` after it was due. */
  add(arrival: Arrival, job: SettledJob, lateMs: number): void {
    const size = this.#count(arrival, job.status, job.strategy);
    if (job.status === "dropped") this.#drop(job.value as string);
    if (job.status !== "completed") return;
    const latencyMs = lateMs + job.totalMs;
    this.#latency[job.strategy].record(latencyMs);
    size.latency.record(latencyMs);
    // The router only knew what was left of the budget.
    if (!job.withinBudget) return;
    this.withinBudget++;
    size.withinBudget++;
    this.goodWorkMs += arrival.nominalMs;
  }

  /** Adds a job whose budget was over before it could be submitted. */
  addExpired(arrival: Arrival): void {
    this.#count(arrival, "dropped", "backpressure_drop");
    this.#drop("expired");
  }

  /** Latencies by strategy. */
  latencyReport(): Record<Strategy, LatencyReport> {
    return recordOf(STRATEGIES, (strategy) => toLatencyReport(this.#latency[strategy]));
  }

  /** Counts by size class. */
  classReport(): Record<ServiceClass, ClassReport> {
    return recordOf(SERVICE_CLASSES, (name) => this.#classes[name].report());
  }

  #count(arrival: Arrival, status: Status, strategy: Strategy): ClassTally {
    const size = this.#classes[serviceClassOf(arrival.nominalMs)];
    this.submitted++;
    this.statuses[status]++;
    this.routed[strategy]++;
    size.submitted++;
    size.statuses[status]++;
    return size;
  }

  #drop(reason: string): void {
    this.dropReasons[reason] = (this.dropReasons[reason] ?? 0) + 1;
  }
}

function toLatencyReport(histogram: Histogram): LatencyReport {
  const { count, mean, p50, p95, p99, max } = histogram.summary();
  return {
    count,
    mean: toMicroseconds(mean),
    p50: toMicroseconds(p50),
    p95: toMicroseconds(p95),
    p99: toMicroseconds(p99),
    max: toMicroseconds(max),
  };
}

/** Rounds to the resolution of the histogram. */
export function toMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function zeroOf<N extends string>(names: readonly N[]): Record<N, number> {
  return recordOf(names, () => 0);
}

function recordOf<N extends string, V>(
  names: readonly N[],
  valueOf: (name: N) => V,
): Record<N, V> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<N, V>;
}
