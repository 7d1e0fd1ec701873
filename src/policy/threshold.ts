import { isWithin, type NumberRange, ownOptions, rangeOf, wordsOf } from "../check.ts";
import { InvalidOptionError } from "../errors.ts";
import { hereOnly } from "./here_only.ts";
import type { Load } from "./load.ts";
import { isPoolFull, poolWaitMsOf } from "./pool_room.ts";
import { type Decision, type JobFacts, type Policy, sharedDecision } from "./policy.ts";

/** Options of {@linkcode thresholdPolicy}. */
export interface ThresholdOptions {
  /** Cost up to which a job is tiny, >= 0. @default {8000} */
  readonly inlineThreshold?: number;
  /** Cost above which a job is heavy, >= `inlineThreshold`. @default {60000} */
  readonly spawnThreshold?: number;
  /** Scaling from which a tiny job does not run inline, 0 to 1. @default {0.8} */
  readonly inlineScalingLimit?: number;
  /** Scaling from which a medium job is not spawned, 0 to 1. @default {0.65} */
  readonly spawnScalingLimit?: number;
  /** Scaling from which any other job is batched, 0 to 1. @default {0.7} */
  readonly batchScalingThreshold?: number;
}

/** All thresholds: the state of the policy. */
export type Thresholds = { readonly [option in keyof ThresholdOptions]-?: number };

/** The policy created by {@linkcode thresholdPolicy}. */
export interface ThresholdPolicy extends Policy<Thresholds> {
  /** Chooses a strategy; without a state, by the options the policy was created with. */
  decide(job: JobFacts, load: Load, state?: Thresholds): Decision;
}

/** Usable share of a budget: the rest is for running calls to end, and for event loop delays. */
const USABLE = 0.8;

const SCALING = rangeOf(0, 1);

const DEFAULTS: Thresholds = {
  inlineThreshold: 8_000,
  spawnThreshold: 60_000,
  inlineScalingLimit: 0.8,
  spawnScalingLimit: 0.65,
  batchScalingThreshold: 0.7,
};

/** Its cost is at most `inlineThreshold`. */
const TINY = sharedDecision("inline", "tiny");
/** Its cost is at most `spawnThreshold`. */
const MEDIUM = sharedDecision("spawn", "medium");
/** Its scaling says that a batch pays. */
const SCALES = sharedDecision("batch", "scales");
/** Its cost is above `spawnThreshold`. */
const HEAVY = sharedDecision("cpu_pool", "heavy");
/** Its cost is lower, but its scaling is high. */
const PAYS_OFF = sharedDecision("cpu_pool", "pays_off");
/** It has no cost. */
const UNKNOWN = sharedDecision("cpu_pool", "unknown_cost");
/** Runs like it were measured to block for longer than `inlineSliceMs`. */
const OCCUPIES = sharedDecision("cpu_pool", "occupies_thread");
/** It tests an estimate by which it would have been dropped. */
const PROBE: Decision = Object.freeze({ strategy: "cpu_pool", reason: "probe", isProbe: true });
/** The pool is saturated, and its cost is at most `inlineThreshold`. */
const TINY_INSTEAD = sharedDecision("inline", "tiny_pool_saturated");
/** The pool is saturated, and its cost is at most `spawnThreshold`. */
const MEDIUM_INSTEAD = sharedDecision("spawn", "medium_pool_saturated");
/** The queue of the pool is full, or too slow for its budget. */
const SATURATED = sharedDecision("backpressure_drop", "pool_saturated");
/** Too many worker threads are lost. */
const LOST = sharedDecision("backpressure_drop", "workers_lost");
/** No lane that could run it has room. */
const SPAWN_FULL = sharedDecision("backpressure_drop", "lane_full");

/**
 * A static rule: cost and scaling choose the lane, the pool's queue decides about drops.
 *
 * In order: tiny and not scaling: `inline`; medium and not scaling: `spawn`; scaling, with a
 * `runBatch`: `batch`; else `cpu_pool`. A job of unknown cost is never tiny, and one that has been
 * measured to keep its thread busy for longer than `inlineSliceMs` is neither tiny nor medium if it
 * can run in a worker. The pool is saturated if its queue is full, or if the queued work divided by
 * the parallelism, plus a slow run of the job itself, is known to exceed four fifths of the job's
 * budget; busy workers alone never saturate it. Then a tiny job runs inline, a medium one is
 * spawned, any other is dropped. If a slow run alone is the reason, and no run has confirmed for a
 * while that the kind is slow, one job is let through as a probe. Of a kind without a module, a tiny
 * job runs inline and any other is spawned, while there is room.
 *
 * @example Usage
 * ```ts
 * import { thresholdPolicy } from "helixrouter";
 * import assert from "node:assert/strict";
 *
 * assert.equal(thresholdPolicy({ inlineThreshold: 100 }).name, "threshold");
 * ```
 *
 * The thresholds are the policy's state: `router.configure({ policy: { inlineThreshold: 100 } })`
 * changes them at run time.
 *
 * @param options Additional options.
 * @returns The policy.
 * @throws {InvalidOptionError} If an option is out of its range, unknown or inherited.
 */
export function thresholdPolicy(options: ThresholdOptions = {}): ThresholdPolicy {
  const initial = resolveThresholds(DEFAULTS, options, "create policy");

  function decide(job: JobFacts, load: Load, state: Thresholds = initial): Decision {
    const cost = job.computeCost; // NaN, unknown, fails every comparison
    const scaling = job.scalingPotential;
    const { inlineThreshold, spawnThreshold } = state;
    const occupies = occupiesThread(job, load);
    if (!occupies) {
      if (cost <= inlineThreshold && scaling < state.inlineScalingLimit) return TINY;
      if (cost <= spawnThreshold && scaling < state.spawnScalingLimit) return MEDIUM;
    }
    const batches = scaling >= state.batchScalingThreshold && job.kind.batchable;
    const hasRoom = load.spawnWaiting < load.spawnCapacity;
    if (!job.kind.hasModule) {
      if (batches && hasRoom) return SCALES;
      if (cost <= inlineThreshold) return TINY;
      return hasRoom ? hereOnly(job.kind) : SPAWN_FULL;
    }
    const pool = load.poolOpen ? stateOfPool(job, load) : "closed";
    if (pool === "open") {
      if (batches) return SCALES;
      if (cost > spawnThreshold) return HEAVY;
      return occupies ? OCCUPIES : cost >= 0 ? PAYS_OFF : UNKNOWN;
    }
    if (!occupies) {
      if (cost <= inlineThreshold) return TINY_INSTEAD;
      if (cost <= spawnThreshold && hasRoom) return MEDIUM_INSTEAD;
    }
    return pool === "probe" ? PROBE : pool === "saturated" ? SATURATED : LOST;
  }
  return {
    name: "threshold",
    init: () => initial,
    decide,
    settings: (state) => ({ ...state }),
    configure: (state, change) => resolveThresholds(state, change, "configure policy"),
  };
}

/** Applies the given options to a set of thresholds. */
function resolveThresholds(
  base: Thresholds,
  options: ThresholdOptions,
  action: string,
): Thresholds {
  const refuse = (option: string, received: unknown, wanted: string): InvalidOptionError =>
    new InvalidOptionError(option, received, wanted, action);
  const thresholds: Thresholds = { ...base, ...ownOptions(options, Object.keys(base), refuse) };
  const ranges: Readonly<Record<keyof Thresholds, NumberRange>> = {
    inlineThreshold: costFrom(0),
    spawnThreshold: costFrom(thresholds.inlineThreshold),
    inlineScalingLimit: SCALING,
    spawnScalingLimit: SCALING,
    batchScalingThreshold: SCALING,
  };
  for (const [option, range] of Object.entries(ranges)) {
    const value = thresholds[option as keyof Thresholds];
    if (!isWithin(value, range)) throw refuse(option, value, wordsOf(range));
  }
  return Object.freeze(thresholds);
}

function costFrom(min: number): NumberRange {
  return rangeOf(min, Number.MAX_VALUE);
}

/** Whether a job that can run in a worker would block this thread for longer than a slice. */
function occupiesThread({ kind, computeCost }: JobFacts, load: Load): boolean {
  if (!kind.hasModule || !load.poolOpen) return false;
  return load.model.predict(kind, computeCost).busyMs > load.inlineSliceMs;
}

/** Whether the pool is open to a job, or saturated, if not for a probe. */
function stateOfPool(job: JobFacts, load: Load): "open" | "saturated" | "probe" {
  if (isPoolFull(load)) return "saturated";
  // Without a wait, a job may take as long as it takes; NaN, unknown, fails the comparison.
  if (!(load.poolWorkMs > 0)) return "open";
  const waitMs = poolWaitMsOf(load);
  const usableMs = USABLE * job.latencyBudgetMs - (job.submittedAtMs - job.arrivedAtMs);
  if (waitMs > usableMs) return "saturated";
  const { highMs, probeAtMs } = load.model.predict(job.kind, job.computeCost);
  if (!(waitMs + highMs > usableMs)) return "open";
  return load.nowMs >= probeAtMs ? "probe" : "saturated";
}
