import type { Prediction } from "../model/prediction.ts";
import type { DropReason, Status, Strategy } from "../outcome.ts";
import type { Load } from "./load.ts";
import type { ShadowStats } from "./shadow.ts";

/** What a policy sees of a kind. */
export interface KindFacts {
  /** Its name. */
  readonly name: string;
  /** Its index among the router's kinds, from 0. */
  readonly index: number;
  /** Whether it has a `runBatch`. */
  readonly batchable: boolean;
  /** Whether it can run in a worker: it was defined with a module URL, and there are workers. */
  readonly hasModule: boolean;
  /** Whether it cannot only because there are no workers, as in a service worker of a page. */
  readonly lacksWorkers?: boolean;
}

/**
 * What a policy sees of a job. Plain fields, so that a copy such as `{ ...job, computeCost: 1 }`
 * keeps them all.
 */
export interface JobFacts {
  /** Number of the job, from 1, in order of submission. */
  readonly id: number;
  /** Its kind. */
  readonly kind: KindFacts;
  /** Cost, >= 0, in the unit that the router's kinds use; `NaN` if unknown. */
  readonly computeCost: number;
  /** Parallel payoff, 0 to 1. */
  readonly scalingPotential: number;
  /** Latency budget, from arrival to outcome, in ms; `Infinity` if there is none. */
  readonly latencyBudgetMs: number;
  /** Priority, 0 to 9, 9 first. */
  readonly priority: number;
  /** Whom it is for; empty if its submit did not say. */
  readonly key: string;
  /** When it was submitted, on the router's clock, in ms. */
  readonly submittedAtMs: number;
  /** When it arrived, on the router's clock, in ms: at its submit, or earlier if that said so. */
  readonly arrivedAtMs: number;
}

/** A policy's decision for a job, and the prediction it was based on. */
export interface Decision {
  /** The strategy. */
  readonly strategy: Strategy;
  /**
   * Why, as a short snake_case code. A router counts up to 64 drop reasons of its policy, of up to
   * 64 characters each; jobs dropped for any further one are dropped as `other`.
   */
  readonly reason: string;
  /**
   * Whether the job runs to test an estimate by which it would have been refused. Until it is over,
   * `probeAtMs` of its kind's prediction is `Infinity`; it is not dropped because of the estimate.
   */
  readonly isProbe?: boolean;
  /**
   * With `batch`: how long the job may wait for others of its kind before it is queued, in ms, `batchMaxDelayMs`
   * at most. With 0, and after that time, those of its kind that wait when a worker gets free go with it. Default:
   * `batchMaxDelayMs`, at most a quarter of its budget; no others join the batch after that.
   */
  readonly gatherMs?: number;
  /**
   * Expected wait time, in ms, if the policy predicts it. Where the policy does not, records and listeners get
   * what the router predicts, if it can; so it is with the next two.
   */
  readonly predictedWaitMs?: number;
  /** Expected run time, in ms, if the policy predicts it. */
  readonly predictedRunMs?: number;
  /** Run time that 94 % of the runs are expected not to exceed, in ms. */
  readonly predictedHighMs?: number;
  /**
   * With a drop: when a retry is worthwhile, in ms from now, above 0 and at most 2,147,483,647; rounded
   * up. Default, and for any other value: what the router estimates.
   */
  readonly retryAfterMs?: number;
}

/** Creates a decision to be shared by many jobs: deciding is on the hot path. */
export function sharedDecision(strategy: Strategy, reason: string): Decision {
  return Object.freeze({ strategy, reason });
}

/** The drop of a waiting job. */
export interface Drop {
  /** Why: see {@linkcode Decision.reason}. */
  readonly reason: DropReason;
  /** When a retry is worthwhile: see {@linkcode Decision.retryAfterMs}. */
  readonly retryAfterMs?: number;
}

/** A waiting job that gives way to a new one, and why it is dropped. */
export interface Waiting extends Drop {
  /** The job, as the policy was given it by an event or the load; no copy. */
  readonly job: JobFacts;
}

/** An event of a job, for policies that learn. */
export interface PolicyEvent {
  /** `enqueue`: it waits; `start`: it starts to run; `settle`: it is over. */
  readonly type: "enqueue" | "start" | "settle";
  /** The job. */
  readonly job: JobFacts;
  /** The lane it is on. */
  readonly strategy: Strategy;
  /** When, on the router's clock, in ms. */
  readonly nowMs: number;
  /** With `settle`: how it ended. */
  readonly status?: Status;
  /** With `settle`: the decision it was routed on, as it was then; a lane's, if that named another. */
  readonly decision?: Decision;
  /** With `settle`: what the model predicted when it was routed. */
  readonly prediction?: Prediction;
  /** With `settle`, if it began to run: wait time, in ms. */
  readonly waitMs?: number;
  /**
   * With `settle`, if it began to run: run time, in ms; for a job of a batch, that of the whole call. Of
   * a run that was stopped (`cancelled`, `timedOut`) or lost with its worker: how long it had run by
   * then, on the router's clock.
   */
  readonly runMs?: number;
  /** With `settle`, if its run ended by itself: how long that kept its thread busy, in ms; or `NaN`. */
  readonly busyMs?: number;
  /** With `settle`: number of jobs in the call it ran in. */
  readonly batchSize?: number;
}

/** Settings of a policy that can change at run time, by name. */
export type PolicySettings = Readonly<Record<string, string | number | boolean>>;

/**
 * Decides how a job runs. All functions except `observe` are pure: time is `load.nowMs`, randomness
 * is `load.draw(job)`.
 *
 * @example A custom policy
 * ```ts
 * import type { Policy } from "helixrouter";
 * import assert from "node:assert/strict";
 *
 * const nightly: Policy = {
 *   name: "nightly",
 *   decide: (job) =>
 *     job.kind.hasModule
 *       ? { strategy: "cpu_pool", reason: "has_module" }
 *       : { strategy: "spawn", reason: "no_module" },
 * };
 * assert.equal(nightly.name, "nightly");
 * ```
 *
 * @typeParam S State of the policy.
 */
export interface Policy<S = void> {
  /** Name, shown in reports. */
  readonly name: string;
  /**
   * What the pool's queue makes the best of when more comes than can be done in time, unless the policy has an
   * `order`: `"fair"`: equal shares for kinds and, within each, for classes of budget; `"count"`: the most
   * jobs. @default {"fair"}
   */
  readonly objective?: "fair" | "count";
  /**
   * Whether the first jobs are likely to go to workers: then one is started by `createRouter()`, and boots while
   * the router is built; where there is no work for it, it ends as any that is idle. Pages start none. @default {false}
   */
  readonly startsWorker?: boolean;
  /** Creates the state for one router. */
  init?(): S;
  /** Chooses a strategy. Called once per job, at submit: return shared objects on this hot path. */
  decide(job: JobFacts, load: Load, state: S): Decision;
  /**
   * Whether each job of a kind at a cost would run inline, whatever its hints are: the router may then run one
   * without asking again, for the reason `tiny`. Asked only for kinds without a `runBatch`, and before `load.nowMs` is set. Default: none
   * would.
   */
  isAlwaysInline?(kind: KindFacts, computeCost: number, load: Load, state: S): boolean;
  /** Decides whether a waiting job that is about to start is run or dropped. */
  admit?(job: JobFacts, load: Load, state: S): "run" | Drop;
  /**
   * Tells people why a job would run where it would, and why not elsewhere, a sentence each. Asked by
   * `router.explain()` only, after `decide`.
   */
  explain?(job: JobFacts, load: Load, state: S): readonly string[];
  /**
   * Another strategy for a waiting job that is about to start, if more is known of its kind by now than when
   * it was decided on: `"inline"`, or, of a spawned job, `"cpu_pool"`. `undefined` if it stays. A job moves
   * at most twice, and stays where it is if the other lane cannot take it. While few runs of a kind were seen, also
   * asked about one that has just ended on a worker, to know whether those like it belong elsewhere.
   */
  reconsider?(job: JobFacts, load: Load, state: S): Strategy | undefined;
  /**
   * The place of a job in its queue: the least number is the first to start, ties by arrival. Asked once
   * the job is queued, after its `enqueue` event, and by `load.aheadMs()`; of
   * a batch, for its most urgent job. Default: priority with ageing, then the earliest deadline, as long as
   * all are expected to be in time; of others the largest step back.
   */
  order?(job: JobFacts, load: Load, state: S): number;
  /**
   * Which waiting job is dropped so that the new one can wait in its place; `undefined` if none. Asked for
   * each job that `decide` sends to a lane with a queue, full or not, and by `explain()`, which drops none.
   * It must be queued for the same threads as the new one: one that gathers for a batch, or was handed to a worker,
   * stays, and so does any if the new job is not accepted.
   */
  evict?(job: JobFacts, load: Load, state: S): Waiting | undefined;
  /** Updates the state, from an event of a job. The only function that may change it. */
  observe?(state: S, event: PolicyEvent): void;
  /** The settings in the state, for a policy that has `configure`. */
  settings?(state: S): PolicySettings;
  /**
   * Returns a state with changed settings, and leaves the given one unchanged: the router decides
   * by the new one from the next job on.
   *
   * @throws {InvalidOptionError} If a setting is out of its range, or unknown.
   */
  configure?(state: S, change: Partial<PolicySettings>): S;
  /** What a candidate would have done, for `stats()`: see `shadowPolicy()` of `helixrouter/shadow`. */
  shadow?(state: S): ShadowStats;
  /** Saves the state as JSON, with a version of its own. */
  save?(state: S): unknown;
  /** Restores a state from what `save` returned. */
  load?(saved: unknown): S;
}

/** A policy with any state. */
// deno-lint-ignore no-explicit-any
export type AnyPolicy = Policy<any>;
