import { type DecisionRecord, toDecisionRecord } from "./record.ts";
import type { LoadGauges } from "../policy/load.ts";
import type { Decision, JobFacts } from "../policy/policy.ts";
import { hearRejection } from "../thenable.ts";

/** Passes decisions to listeners. Costs nothing while there are none. */
export class DecisionFeed {
  readonly #policy: string;
  readonly #load: LoadGauges;
  readonly #listenerFailed: () => void;
  /** Whether anyone listens. */
  isHeard = false;
  readonly #listeners = new Set<(record: DecisionRecord) => void>();

  constructor(policy: string, load: LoadGauges, listenerFailed: () => void) {
    this.#policy = policy;
    this.#load = load;
    this.#listenerFailed = listenerFailed;
  }

  /** Adds a listener; returns a function that removes it. */
  add(listener: (record: DecisionRecord) => void): () => void {
    this.#listeners.add(listener);
    this.isHeard = true;
    return () => {
      this.#listeners.delete(listener);
      this.isHeard = this.#listeners.size > 0;
    };
  }

  tell(record: DecisionRecord): void {
    for (const listener of this.#listeners) {
      try {
        const answer: unknown = listener(record);
        if (answer !== undefined) hearRejection(answer, this.#listenerFailed);
      } catch {
        this.#listenerFailed();
      }
    }
  }

  /** Records a decision and the load it was based on. */
  record(job: JobFacts, decision: Decision): DecisionRecord {
    return toDecisionRecord(job, decision, this.#policy, this.#load.copy());
  }
}
