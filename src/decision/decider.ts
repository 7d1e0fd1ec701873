import { isWithin, TIMER_MS } from "../check.ts";
import type { Clock } from "../clock.ts";
import { PolicyError, shown } from "../errors.ts";
import type { Admission } from "../job/admission.ts";
import type { Deadlines } from "../job/deadlines.ts";
import type { Job } from "../job/job.ts";
import type { Lanes } from "../lanes/lanes.ts";
import type { Configuration } from "../options/configuration.ts";
import { STRATEGIES, type Strategy } from "../outcome.ts";
import { LEAST_CHANCE, type LoadGauges } from "../policy/load.ts";
import { OwnReasons } from "../policy/own_reasons.ts";
import {
  type AnyPolicy,
  type Decision,
  type Drop,
  type JobFacts,
  type KindFacts,
  type PolicyEvent,
  sharedDecision,
  type Waiting,
} from "../policy/policy.ts";
import { hearRejection } from "../thenable.ts";
import { toPolicyEvent } from "./policy_event.ts";

/** A waiting job that gives way, and why. */
export interface Eviction {
  readonly job: Job;
  readonly reason: string;
  /** When a retry is worthwhile, in ms; 0 if the policy does not say. */
  readonly retryAfterMs: number;
}

/** Sentences of a policy that are told at most. */
const MAX_SENTENCES = 20;
/** Lanes that are asked whether they take a job, at most. */
const MAX_ASKED = STRATEGIES.length;
/** How often a waiting job is moved at most. */
const MAX_MOVES = 2;

/** Its budget ran out while it waited, or too little of it was left for the run. */
const EXPIRED = sharedDecision("backpressure_drop", "expired");
/** No lane that could run it has room. */
const FULL = sharedDecision("backpressure_drop", "lane_full");

/** Why a job is dropped though there may be room: it would not help to wait for that. */
const HOPELESS: readonly string[] = [
  "expired",
  "budget_too_short",
  "workers_lost",
  "kind_quarantined",
];

/** Asks the policy, with the current load and state. */
export class Decider implements Admission {
  declare readonly clock: Clock;
  readonly #policy: AnyPolicy;
  readonly #configuration: Configuration;
  readonly #load: LoadGauges;
  readonly #deadlines: Deadlines;
  readonly #failed: (error: unknown) => void;
  readonly #reasons = new OwnReasons();
  /** Waiting jobs by their facts, for a policy that evicts. */
  readonly #waiting = new WeakMap<object, Job>();
  /** Who gives way to the job that was decided on last. */
  eviction: Eviction | null = null;
  /** The first lane that could not take the job that was decided on last. */
  #refusedBy: Strategy | null = null;
  /** If it is to be dropped: whether that is for want of room, so that it might be taken later. */
  lacksRoom = false;

  /** `failed` is called with what the policy throws in anything but `decide`, or gives as an answer that is none. */
  constructor(
    policy: AnyPolicy,
    configuration: Configuration,
    load: LoadGauges,
    deadlines: Deadlines,
    clock: Clock,
    failed: (error: unknown) => void,
  ) {
    this.#policy = policy;
    this.#configuration = configuration;
    this.#load = load;
    this.#deadlines = deadlines;
    this.clock = clock;
    this.#failed = failed;
  }

  /**
   * Asks the policy, then the lanes: a lane that cannot take the job names the next one.
   *
   * @param enteredAtMs When the job was submitted, if that was earlier.
   * @throws {PolicyError} If the policy throws, or does not choose a known strategy.
   */
  decide(job: Job, lanes: Lanes, enteredAtMs: number | undefined): Decision {
    const { facts, given: { arrivedAtMs = enteredAtMs } } = job;
    const nowMs = this.clock.now();
    this.eviction = this.#refusedBy = null;
    this.#load.nowMs = facts.submittedAtMs = facts.arrivedAtMs = nowMs;
    if (arrivedAtMs !== undefined) { // only such a job's budget can be over
      facts.submittedAtMs = enteredAtMs ?? nowMs;
      facts.arrivedAtMs = arrivedAtMs;
      if (nowMs > arrivedAtMs + facts.latencyBudgetMs) {
        this.lacksRoom = false;
        return EXPIRED;
      }
    }
    let decision: Decision;
    let strategy: Strategy;
    try {
      decision = this.#policy.decide(facts, this.#load, this.#configuration.state);
      strategy = decision?.strategy; // read once: it may be a getter
    } catch (cause) {
      throw new PolicyError(this.#policy.name, "threw while deciding", { cause });
    }
    if (strategy === "backpressure_drop") return this.#boundDrop(job, decision);
    const mayEvict = this.#policy.evict !== undefined && strategy !== "inline";
    const eviction = mayEvict ? this.#askForEviction(facts) : null;
    for (let asked = 0; asked < MAX_ASKED; asked++) {
      const lane = typeof strategy === "string" ? lanes[strategy] : undefined;
      if (lane !== null && lane?.refuse === undefined) throw this.#notADecision(decision);
      const makesRoom = eviction !== null && strategy !== "inline" &&
        isPooled(strategy, facts.kind) === isPooled(eviction.job.strategy, eviction.job.kind);
      const instead = lane === null ? null : lane.refuse(job, makesRoom ? 1 : 0);
      job.strategy = strategy;
      if (instead === null) {
        if (makesRoom) this.eviction = eviction;
        if (lane === null) this.lacksRoom = !HOPELESS.includes(decision.reason);
        return decision;
      }
      this.#refusedBy ??= strategy;
      decision = instead;
      ({ strategy } = decision);
    }
    job.strategy = "backpressure_drop";
    this.lacksRoom = true;
    return FULL; // guards against lanes that name each other in a cycle
  }

  /** Whether each job of a kind at a cost would run inline. */
  isAlwaysInline(kind: KindFacts, computeCost: number): boolean {
    const { isAlwaysInline } = this.#policy;
    let answer: unknown;
    try {
      answer = isAlwaysInline!(kind, computeCost, this.#load, this.#configuration.state);
      if (typeof answer === "boolean") return answer;
    } catch (error) {
      answer = error;
    }
    hearRejection(answer);
    this.#failed(answer);
    return false;
  }

  #notADecision(received: unknown): PolicyError {
    hearRejection(received);
    return new PolicyError(
      this.#policy.name,
      `did not choose a known strategy: received ${shown(received)}; "decide" must return ` +
        `{ strategy, reason }, no promise, with one of these strategies: ${STRATEGIES.join(", ")}`,
    );
  }

  /** The error of a decision with a getter that has thrown `cause`. */
  unreadable(cause: unknown): PolicyError {
    return new PolicyError(this.#policy.name, "gave a decision that cannot be read", { cause });
  }

  /** The waiting job that the policy names, if it is one that can leave its queue. */
  #askForEviction(facts: JobFacts): Eviction | null {
    let answer: Waiting | undefined;
    try {
      answer = this.#policy.evict!(facts, this.#load, this.#configuration.state);
      if (answer === undefined) return null;
      const job = this.#waiting.get(answer.job);
      if (job !== undefined) {
        const isQueued = job.state === "waiting" && !job.isOver && job.call.ticket.isQueued;
        return isQueued ? { job, ...this.#bound(answer) } : null;
      }
    } catch (error) {
      answer = error as Waiting;
    }
    hearRejection(answer);
    this.#failed(answer);
    return null;
  }

  /** What a policy says of a drop, within bounds. */
  #bound({ reason, retryAfterMs }: Drop): Required<Drop> {
    const ms = isWithin(retryAfterMs, TIMER_MS) ? Math.ceil(retryAfterMs) : 0;
    return { reason: this.#reasons.bound(reason), retryAfterMs: ms };
  }

  #boundDrop(job: Job, decision: Decision): Decision {
    let reason: string;
    try {
      ({ reason, retryAfterMs: job.retryAfterMs } = this.#bound(decision));
    } catch (cause) {
      throw this.unreadable(cause);
    }
    this.lacksRoom = !HOPELESS.includes(reason);
    return reason === decision.reason ? decision : { ...decision, reason };
  }

  watch(job: Job): void {
    if (job.facts.latencyBudgetMs !== Infinity) this.#deadlines.add(job);
    if (this.#policy.evict !== undefined) this.#waiting.set(job.facts, job);
  }

  /** One that cannot be had is 0, and counted. */
  orderOf(job: JobFacts): number {
    let order: unknown;
    try {
      order = this.#policy.order!(job, this.#load, this.#configuration.state);
      if (typeof order === "number" && order === order) return order;
    } catch (error) {
      order = error;
    }
    hearRejection(order);
    this.#failed(order);
    return 0;
  }

  /** What the policy says of the job that was decided on last, and what the lanes do; `undefined` if it says nothing. */
  why(job: Job, { reason }: Decision): readonly string[] | undefined {
    const words = this.#wordsOf(job);
    if (words === undefined || this.#refusedBy === null) return words;
    const instead = `But ${this.#refusedBy} cannot take it now (${reason}): it is ${job.strategy}.`;
    return [...words, instead];
  }

  #wordsOf(job: Job): readonly string[] | undefined {
    if (this.#policy.explain === undefined) return undefined;
    let words: unknown;
    try {
      words = this.#policy.explain(job.facts, this.#load, this.#configuration.state);
      if (Array.isArray(words)) return words.slice(0, MAX_SENTENCES).map(String);
    } catch (error) {
      words = error;
    }
    hearRejection(words);
    this.#failed(words);
    return undefined;
  }

  reconsider(job: Job): "inline" | "cpu_pool" | null {
    if (this.#policy.reconsider === undefined || job.moves >= MAX_MOVES) return null;
    let strategy: unknown;
    try {
      strategy = this.#policy.reconsider(job.facts, this.#load, this.#configuration.state);
      if (strategy === undefined || strategy === job.strategy) return null;
      if (strategy === "inline" || strategy === "cpu_pool") return strategy;
    } catch (error) {
      strategy = error;
    }
    hearRejection(strategy);
    this.#failed(strategy);
    return null;
  }

  admit(job: Job): string | null {
    if (job.facts.latencyBudgetMs !== Infinity && this.#isLate(job)) return "expired";
    if (job.call.ticket.isShed === true) return "too_late";
    if (this.#policy.admit === undefined) return null;
    this.#load.nowMs = this.clock.now();
    let word: "run" | Drop | undefined;
    try {
      word = this.#policy.admit(job.facts, this.#load, this.#configuration.state);
      if (word === "run") return null;
      if (typeof word.reason === "string") {
        const { reason, retryAfterMs } = this.#bound(word);
        job.retryAfterMs = retryAfterMs;
        return reason;
      }
    } catch (error) {
      word = error as Drop;
    }
    hearRejection(word);
    this.#failed(word);
    return null;
  }

  /**
   * Whether a job's budget is over, or it has waited so long that its run is unlikely to end within
   * it, as far as that is known: a job that has hardly waited runs anyway, and one runs as a probe if
   * no run has confirmed the estimate for a while.
   */
  #isLate(job: Job): boolean {
    const { kind, computeCost, submittedAtMs } = job.facts;
    if (this.#load.nowMs === submittedAtMs) return false; // it was decided on just now
    const nowMs = this.clock.now();
    const { deadlineMs } = job;
    if (nowMs > deadlineMs) return true;
    if (job.isProbe) return false;
    const { model } = this.#load;
    const { typicalMs, probeAtMs } = model.predict(kind, computeCost);
    const isLate = nowMs - submittedAtMs > typicalMs / 2 &&
      model.shareWithin(kind, computeCost, deadlineMs - nowMs) < LEAST_CHANCE;
    if (!isLate || nowMs < probeAtMs) return isLate;
    job.isProbe = true;
    model.startProbe(kind);
    return false;
  }

  /** Reports an event of a job to the policy. */
  observe(type: PolicyEvent["type"], job: Job): void {
    if (this.#policy.observe === undefined) return;
    try {
      const event = toPolicyEvent(type, job, this.clock.now());
      const answer: unknown = this.#policy.observe(this.#configuration.state, event);
      if (answer !== undefined) hearRejection(answer, this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }
}

/** Whether a job of a kind, on a strategy with a queue, waits in that of the pool. */
function isPooled(strategy: Strategy, kind: KindFacts): boolean {
  return strategy === "cpu_pool" || (strategy === "batch" && kind.hasModule);
}
