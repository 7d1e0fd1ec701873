import type { DecisionRecord, SettledJob } from "../../mod.ts";
import type { Arrival } from "./arrival.ts";
import { type JobRecord, toSettledRecord } from "./recording.ts";

/** A job that is over, and its arrival. */
interface Ended {
  readonly arrival: Arrival;
  readonly job: SettledJob;
  readonly lateMs: number;
}

/** Joins the decision about a job and its result: a tiny job may be over before it is reported. */
export class Recorder {
  readonly #write: (record: JobRecord) => void;
  readonly #decisions = new Map<number, DecisionRecord>();
  readonly #ended = new Map<number, Ended>();

  /** @param write Receives the records. */
  constructor(write: (record: JobRecord) => void) {
    this.#write = write;
  }

  /** A decision was made. */
  decided(decision: DecisionRecord): void {
    const ended = this.#ended.get(decision.jobId);
    if (ended === undefined) this.#decisions.set(decision.jobId, decision);
    else this.#join(decision, ended);
  }

  /** A job is over. */
  ended(arrival: Arrival, job: SettledJob, lateMs: number): void {
    const decision = this.#decisions.get(job.id);
    const ended = { arrival, job, lateMs };
    if (decision === undefined) this.#ended.set(job.id, ended);
    else this.#join(decision, ended);
  }

  /** Writes the record of a job without a decision. */
  write(record: JobRecord): void {
    this.#write(record);
  }

  #join(decision: DecisionRecord, { arrival, job, lateMs }: Ended): void {
    this.#decisions.delete(decision.jobId);
    this.#ended.delete(decision.jobId);
    this.#write(toSettledRecord(arrival, decision, job, lateMs));
  }
}
