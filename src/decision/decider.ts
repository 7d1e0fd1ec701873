import type { Clock } from "../clock.ts";
import type { Configuration } from "../options/configuration.ts";
import { PolicyError, shown } from "../errors.ts";
import type { Job } from "../job/job.ts";
import type { Lanes } from "../lanes/lanes.ts";
import type { LoadGauges } from "../policy/load.ts";
import { OwnReasons } from "../policy/own_reasons.ts";
import {
  type AnyPolicy,
  type Decision,
  type PolicyEvent,
  sharedDecision,
} from "../policy/policy.ts";
import { toPolicyEvent } from "../policy/policy_event.ts";

const EXPIRED = sharedDecision("backpressure_drop", "expired");

/** Asks the policy, on the load and the state of the moment. */
export class Decider {
  readonly #policy: AnyPolicy;
  readonly #configuration: Configuration;
  readonly #lanes: Lanes;
  readonly #load: LoadGauges;
  readonly #clock: Clock;
  readonly #failed: () => void;
  readonly #reasons = new OwnReasons();

  /** `failed` hears of a policy that throws where it must not. */
  constructor(
    policy: AnyPolicy,
    configuration: Configuration,
    lanes: Lanes,
    load: LoadGauges,
    clock: Clock,
    failed: () => void,
  ) {
    this.#policy = policy;
    this.#configuration = configuration;
    this.#lanes = lanes;
    this.#load = load;
    this.#clock = clock;
    this.#failed = failed;
  }

  /** Asks the policy, then the lanes: one that cannot take the job names the next. */
  decide(job: Job, enteredAtMs: number | undefined): Decision {
    const nowMs = this.#clock.now();
    job.submittedAtMs = enteredAtMs ?? nowMs;
    this.#load.nowMs = nowMs;
    if (nowMs > job.deadlineMs) return EXPIRED;
    let decision: Decision;
    try {
      decision = this.#policy.decide(job, this.#load, this.#configuration.state);
    } catch (cause) {
      throw new PolicyError(this.#policy.name, "threw while deciding", { cause });
    }
    if (decision?.strategy === "backpressure_drop") return this.#boundDrop(decision);
    for (;;) {
      const lane = this.#lanes[decision?.strategy];
      if (lane !== null && typeof lane?.refuse !== "function") {
        throw new PolicyError(this.#policy.name, `decided for no strategy: ${shown(decision)}`);
      }
      const instead = lane === null ? null : lane.refuse(job);
      if (instead === null) return decision;
      decision = instead;
    }
  }

  #boundDrop(decision: Decision): Decision {
    const reason = this.#reasons.bound(decision.reason);
    return reason === decision.reason ? decision : { ...decision, reason };
  }

  /** The policy's last word before a waiting job starts: `null`, or why it is dropped. */
  objection(job: Job): string | null {
    if (this.#policy.admit === undefined) return null;
    this.#load.nowMs = this.#clock.now();
    try {
      const word = this.#policy.admit(job, this.#load, this.#configuration.state);
      return word === "run" ? null : this.#reasons.bound(word.reason);
    } catch {
      this.#failed();
      return null;
    }
  }

  /** Tells the policy what becomes of a job. */
  observe(type: PolicyEvent["type"], job: Job): void {
    if (this.#policy.observe === undefined) return;
    try {
      const event = toPolicyEvent(type, job, this.#clock.now());
      this.#policy.observe(this.#configuration.state, event);
    } catch {
      this.#failed();
    }
  }
}
