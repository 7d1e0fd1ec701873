import type { Job } from "../job/job.ts";
import type { Routing } from "../job/routing.ts";
import type { LoadGauges } from "../policy/load.ts";
import type { Decision, JobFacts } from "../policy/policy.ts";
import type { Feeds } from "./events.ts";
import { type DecisionRecord, toDecisionRecord } from "./record.ts";

/** Keeps what jobs were routed on, and tells those who listen to decisions. */
export class Recorder {
  readonly #policyName: string;
  readonly #load: LoadGauges;
  readonly #feeds: Feeds;

  constructor(policyName: string, load: LoadGauges, feeds: Feeds) {
    this.#policyName = policyName;
    this.#load = load;
    this.#feeds = feeds;
  }

  /** Keeps what a job was routed on, with the prediction; returns the record of it, if anyone listens. */
  note(job: Job, decision: Decision): DecisionRecord | null {
    job.decision = this.withPrediction(job, decision);
    return this.#feeds.decision.isHeard ? this.record(job.facts, job.decision) : null;
  }

  /** Tells of a job that waited, and was decided on again. */
  moved(job: Job): void {
    const { facts, strategy, decision } = job;
    if (!this.#feeds.decision.isHeard || decision === null) return;
    const { reason } = decision;
    const again = this.record(facts, this.withPrediction(job, { strategy, reason }));
    this.#feeds.decision.tell({ ...again, moved: true });
  }

  /** A decision, and beside it what the router predicts where the policy did not. */
  withPrediction({ facts, strategy }: Job, decision: Decision): Decision {
    const { typicalMs, highMs } = this.#load.model.predict(facts.kind, facts.computeCost);
    const waitMs = this.#load.expectedWaitMs(facts, strategy, true);
    return {
      ...waitMs >= 0 ? { predictedWaitMs: waitMs } : {},
      ...typicalMs >= 0 ? { predictedRunMs: typicalMs, predictedHighMs: highMs } : {},
      ...decision,
    };
  }

  /** The record of a decision, with the load it was based on. */
  record(facts: JobFacts, decision: Decision): DecisionRecord {
    return toDecisionRecord(facts, decision, this.#policyName, this.#load.copy());
  }

  /** What a policy that observes is told at the end; copies, as the originals are the policy's and the model's. */
  routing({ kind, computeCost }: JobFacts, decision: Decision): Routing {
    const prediction = { ...this.#load.model.predict(kind, computeCost) };
    return { decision: { ...decision }, prediction, startedAtMs: NaN };
  }
}
