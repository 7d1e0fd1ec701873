import type { HelixRouter, Hints, SettledJob, Sink } from "../../mod.ts";
import type { Arrival } from "./arrival.ts";
import { toSettledRecord, toUntakenRecord } from "./arrival_record.ts";
import type { DemoKinds } from "./jobs.ts";
import type { SimulateOptions } from "./options.ts";
import { Tally } from "./tally.ts";

/** Feeds jobs to a router and follows each to its end. */
export class Simulation {
  readonly tally: Tally = new Tally();
  readonly #router: HelixRouter<DemoKinds>;
  readonly #record: SimulateOptions["onRecord"];

  constructor(
    router: HelixRouter<DemoKinds>,
    { onDecision, onRecord }: Pick<SimulateOptions, "onDecision" | "onRecord">,
  ) {
    this.#router = router;
    if (onDecision !== undefined) router.onDecision(onDecision);
    this.#record = onRecord;
  }

  /** Offers a job to the router, `lateMs` after it was due: that much of its budget is gone. */
  offer(arrival: Arrival, lateMs: number): void {
    const budgetMs = arrival.hints.latencyBudgetMs;
    if (budgetMs !== undefined && lateMs >= budgetMs) {
      this.tally.addExpired(arrival);
      this.#record?.(toUntakenRecord(arrival, "dropped", "expired", lateMs));
      return;
    }
    const hints: Hints = budgetMs === undefined || lateMs === 0
      ? arrival.hints
      : { ...arrival.hints, latencyBudgetMs: budgetMs - lateMs };
    this.#router.offer(arrival.kind, arrival.input, hints, new ArrivalSink(this, arrival, lateMs));
  }

  /** A job is over. */
  settled(arrival: Arrival, job: SettledJob, lateMs: number): void {
    this.tally.add(arrival, job, lateMs);
    this.#record?.(toSettledRecord(arrival, job, lateMs));
  }

  /** The router refused a job. */
  refused(arrival: Arrival, error: unknown, lateMs: number): void {
    this.tally.refused++;
    this.#record?.(toUntakenRecord(arrival, "refused", error, lateMs));
  }
}

/** Follows one job. */
class ArrivalSink implements Sink {
  readonly #simulation: Simulation;
  readonly #arrival: Arrival;
  readonly #lateMs: number;

  constructor(simulation: Simulation, arrival: Arrival, lateMs: number) {
    this.#simulation = simulation;
    this.#arrival = arrival;
    this.#lateMs = lateMs;
  }

  settled(job: SettledJob): void {
    this.#simulation.settled(this.#arrival, job, this.#lateMs);
  }

  refused(error: unknown): void {
    this.#simulation.refused(this.#arrival, error, this.#lateMs);
  }
}
