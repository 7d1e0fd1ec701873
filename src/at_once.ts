import type { Clock } from "./clock.ts";
import type { Decider } from "./decision/decider.ts";
import { runKind } from "./define/job_stack.ts";
import { RunContext, type RunHost } from "./define/run_context.ts";
import { Job } from "./job/job.ts";
import { CompletedObject } from "./job/job_outcome.ts";
import type { JobOwner } from "./job/job_owner.ts";
import type { InlineLane } from "./lanes/inline.ts";
import { NO_TIME_MS } from "./model/kind_record.ts";
import type { RunTimeModel } from "./model/model.ts";
import { INLINE, type Metrics } from "./observe/metrics.ts";
import type { Outcome } from "./outcome.ts";
import type { LoadGauges } from "./policy/load.ts";
import { sharedDecision } from "./policy/policy.ts";
import { Facts } from "./submit/facts.ts";
import type { Given } from "./submit/given.ts";
import type { KindInfo } from "./submit/kind.ts";
import { isThenable } from "./thenable.ts";

/** It keeps a thread busy for less than 1 ms. */
const TINY = sharedDecision("inline", "tiny");

/** Of a job that nobody is told of: nobody hears its reports, and it has no traces. */
const NOBODY: RunHost = { report() {}, traces: () => undefined };

/**
 * Runs jobs of kinds that are known to take no time, and makes a job object only if one turns out to be something
 * else. (A job that does nothing, inline: 200 instead of 300 ns, 100 of them to read the clock twice; Node 20.)
 */
export class AtOnce {
  readonly #decider: Decider;
  readonly #load: LoadGauges;
  readonly #inline: InlineLane;
  readonly #metrics: Metrics;
  readonly #model: RunTimeModel;
  readonly #clock: Clock;
  readonly #owner: JobOwner;

  constructor(
    decider: Decider,
    load: LoadGauges,
    inline: InlineLane,
    metrics: Metrics,
    model: RunTimeModel,
    owner: JobOwner,
  ) {
    this.#decider = decider;
    this.#load = load;
    this.#inline = inline;
    this.#metrics = metrics;
    this.#model = model;
    this.#clock = decider.clock;
    this.#owner = owner;
  }

  /**
   * Runs job number `id`, if nobody has to decide on it, or to look back on it.
   *
   * @returns Its outcome; the job, if it failed, took time, or has not ended; `null` if it must be decided on.
   */
  run(
    kind: KindInfo,
    input: unknown,
    cost: number,
    given: Given,
    id: number,
  ): Outcome<unknown> | Job | null {
    const { index } = kind;
    if (!this.#decider.isAlwaysInline(kind, cost) || this.#metrics.selects(id, index)) return null;
    const startMs = this.#load.nowMs = this.#clock.now();
    if (this.#inline.objectionTo(kind, cost) !== null) return null;
    this.#metrics.begins(index, INLINE, startMs);
    this.#load.inFlight++;
    const isOuter = this.#inline.begin(startMs);
    const context = new RunContext(NOBODY);
    let ok = true;
    let isPending = false;
    let value: unknown;
    try {
      value = runKind(kind.body, false, input, context);
      isPending = isThenable(value);
    } catch (error) {
      ok = false;
      value = error;
    }
    const nowMs = this.#clock.now();
    const runMs = nowMs - startMs;
    if (!ok || isPending || runMs > NO_TIME_MS || this.#owner.isHeard) {
      const job = this.#jobOf(new Facts(id, kind, cost, given), input, given, context, startMs);
      this.#inline.resume(job, { ok, isPending, value }, isOuter, nowMs);
      return job;
    }
    this.#inline.end(isOuter, runMs);
    this.#load.inFlight--;
    const errorMs = this.#model.skips(kind, runMs)
      ? NaN
      : this.#model.learn(kind, cost, runMs, runMs, nowMs);
    const withinBudget = runMs <= (given.latencyBudgetMs ?? kind.limits.latencyBudgetMs);
    this.#metrics.ranAtOnce(index, runMs, withinBudget, errorMs);
    return new CompletedObject(value, "inline", runMs, runMs, withinBudget);
  }

  /** The job that a run turns out to be, as if it had been one from the beginning. */
  #jobOf(
    facts: Facts,
    input: unknown,
    given: Given,
    context: RunContext,
    startMs: number,
  ): Job {
    facts.submittedAtMs = facts.arrivedAtMs = startMs;
    const job = new Job(facts, this.#owner, input, given);
    job.strategy = "inline";
    job.decision = TINY;
    job.context = context;
    return job;
  }
}
