import type { DropReason, Status, Strategy } from "../outcome.ts";
import type { Load } from "./load.ts";

/** What a policy may know of a kind. */
export interface KindFacts {
  /** Its name. */
  readonly name: string;
  /** Its place among the router's kinds, from 0. */
  readonly index: number;
  /** Whether it has a `runBatch`. */
  readonly batchable: boolean;
  /** Whether it can run in a worker: it was defined with a module URL. */
  readonly hasModule: boolean;
}

/**
 * What a policy may know of a job. Plain fields, so that a copy such as `{ ...job, computeCost: 1 }`
 * keeps them all.
 */
export interface JobFacts {
  /** Number of the job, from 1, in order of submission. */
  readonly id: number;
  /** Its kind. */
  readonly kind: KindFacts;
  /** Size, in whatever unit the kinds count theirs; `NaN` when unknown. */
  readonly computeCost: number;
  /** Parallel payoff, 0 to 1. */
  readonly scalingPotential: number;
  /** Time from submit to outcome that the caller allows, in ms; `Infinity` when there is none. */
  readonly latencyBudgetMs: number;
  /** 0 to 9, 9 first. */
  readonly priority: number;
  /** When it was submitted, on the router's clock, in ms. */
  readonly submittedAtMs: number;
}

/** What a policy decided for a job, and on what prediction. */
export interface Decision {
  /** The strategy. */
  readonly strategy: Strategy;
  /**
   * Why, as a short lower-snake code. A router counts 64 reasons for which its policy drops jobs, of up
   * to 64 characters; jobs dropped for any other one are dropped as `other`.
   */
  readonly reason: string;
  /** Time the job is expected to wait, in ms, if the policy predicts it. */
  readonly predictedWaitMs?: number;
  /** Time the job is expected to run, in ms, if the policy predicts it. */
  readonly predictedRunMs?: number;
}

/** A decision to be shared by many jobs: decisions are made on a hot path. */
export function sharedDecision(strategy: Strategy, reason: string): Decision {
  return Object.freeze({ strategy, reason });
}

/** A job refused at the moment it would have started. */
export interface Drop {
  /** Why: see {@linkcode Decision.reason}. */
  readonly reason: DropReason;
}

/** Something that happened to a job, for a policy that learns. */
export interface PolicyEvent {
  /** `enqueue`: it waits; `start`: it runs; `settle`: it is over. */
  readonly type: "enqueue" | "start" | "settle";
  /** The job. */
  readonly job: JobFacts;
  /** The lane it is on. */
  readonly strategy: Strategy;
  /** When, on the router's clock, in ms. */
  readonly nowMs: number;
  /** With `settle`: how it ended. */
  readonly status?: Status;
  /** With `settle`, if it ran: time it waited, in ms. */
  readonly waitMs?: number;
  /** With `settle`, if it ran: time it ran, in ms; the whole call's for a job of a batch. */
  readonly runMs?: number;
  /** With `settle`: jobs in the call it ran in. */
  readonly batchSize?: number;
}

/** Settings of a policy that may be changed while a router runs, by name. */
export type PolicySettings = Readonly<Record<string, string | number | boolean>>;

/**
 * Decides what is done with a job. All functions but `observe` are pure: time is `load.nowMs`,
 * randomness is `load.draw(job)`.
 *
 * @example A policy of one's own
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
  /** Makes the state of one router. */
  init?(): S;
  /** Chooses a strategy. Called once a job, at submit. Return shared objects: it is a hot path. */
  decide(job: JobFacts, load: Load, state: S): Decision;
  /** Asked when a waiting job would start: run it or drop it. */
  admit?(job: JobFacts, load: Load, state: S): "run" | Drop;
  /** Order of waiting jobs: negative when `a` starts first. Default: priority with ageing, then age. */
  order?(a: JobFacts, b: JobFacts): number;
  /** The only place where the state changes. */
  observe?(state: S, event: PolicyEvent): void;
  /** Settings in the state, for a policy that has `configure`. */
  settings?(state: S): PolicySettings;
  /**
   * Gives a state with changed settings, and leaves the one it got as it is: a router whose
   * configuration changes decides by the new one from the next job on.
   *
   * @throws {InvalidOptionError} If a setting is out of its range, or unknown.
   */
  configure?(state: S, change: Partial<PolicySettings>): S;
  /** The state as JSON, with a version of its own. */
  save?(state: S): unknown;
  /** A state from what `save` gave. */
  load?(saved: unknown): S;
}

/** A policy of any state. */
// deno-lint-ignore no-explicit-any
export type AnyPolicy = Policy<any>;
