import { ownOptions } from "../../check.ts";
import { InvalidOptionError } from "../../errors.ts";
import type { Strategy } from "../../outcome.ts";
import { hereOnly } from "../here_only.ts";
import type { Load } from "../load.ts";
import {
  type Decision,
  type JobFacts,
  type KindFacts,
  type Policy,
  sharedDecision,
} from "../policy.ts";
import { batchFor } from "./batches.ts";
import { wordsOf } from "./words.ts";
import { isBetterHere, isLoopLate, isOverAtOnce, isTiny, isWorthSending, TRUSTED } from "./tiny.ts";

/** Options of {@linkcode adaptivePolicy}. */
export interface AdaptiveOptions {
  /**
   * What more jobs than can be done in time are to make the best of. `"fair"`: kinds have equal shares of the
   * workers' time, and so have, within a kind, classes of budget; `"count"`: as many jobs as can be, so the
   * short ones. @default {"fair"}
   */
  readonly objective?: "fair" | "count";
}

/** It keeps a thread busy for less than 1 ms. */
const TINY = sharedDecision("inline", "tiny");
/** It is asynchronous, and busy for less than a fourth of its time. */
const WAITS = sharedDecision("inline", "mostly_waits");
/** No run has told how long it takes. */
const UNKNOWN = sharedDecision("cpu_pool", "unknown_time");
/** It is not short, and is expected to end in time on a worker. */
const IN_TIME = sharedDecision("cpu_pool", "in_time");
/** It is in time only if no other job waits by then. */
const DOUBTFUL = sharedDecision("cpu_pool", "doubtful");
/** It is short, but this thread is busy, and workers have time, or this thread is late. */
const LOOP_BUSY = sharedDecision("cpu_pool", "loop_busy");
/** It tests an estimate by which it would have been dropped. */
const PROBE: Decision = Object.freeze({ strategy: "cpu_pool", reason: "probe", isProbe: true });
/** It has hardly a chance to end in its budget, or more comes than can be done. */
const TOO_LATE = sharedDecision("backpressure_drop", "too_late");
/** Its kind takes longer than its budget, as far as is known, even with nothing before it. */
const BUDGET_TOO_SHORT = sharedDecision("backpressure_drop", "budget_too_short");
/** This thread is too late for its budget. */
const LOOP_LATE = sharedDecision("backpressure_drop", "loop_late");

/**
 * Decides by what was learned of each kind, at the job's cost: it needs no thresholds, and a cost may be
 * any figure that grows with the work, or be left out.
 *
 * - What has kept its thread busy for less than 1 ms, over 8 runs at least, runs `inline`; so does what mostly
 *   waits, as for I/O. If it can run in a worker, and more than one or two of its recent runs, or 6 % of asynchronous
 *   ones, took longer than `inlineSliceMs`, it does not, unless it mostly waits and no worker is free. While this
 *   thread is busy, what takes more than 0.1 ms goes to workers that have time; while it is late by more than 1 ms,
 *   too, such jobs wait for workers, if they are in time there, and no later than here if they have a budget.
 * - All else goes to the pool, or is spawned if its kind has no module.
 * - While all workers are busy, jobs of a kind with a `runBatch` wait to go together as a batch, if that is
 *   known to take less for each of them. Until it is known, they do if their `scalingPotential` is 0.7 or more,
 *   and else a few times; batches that do not pay are tried again at ever rarer times. A new kind that could run in
 *   a worker runs alone until 8 runs have told, or its runs are known to take longer than 1 ms.
 * - A job that has hardly a chance to end within its budget, less than one in five, is dropped at once:
 *   `budget_too_short` if none like it has ever taken so little, `too_late` if it would have to wait too long for a
 *   worker (without a budget, only if the queue grows and grows),
 *   `loop_late` if it takes 0.1 ms or more and this thread is late by more than half of the budget, or 15 % of it
 *   for what mostly waits.
 *   `doubtful` is what would start only if no other waits.
 * - A job that would be dropped runs as a `probe` if no run has confirmed for a while what is known of its
 *   kind.
 *
 * @example Usage
 * ```ts
 * import { adaptivePolicy } from "helixrouter";
 * import assert from "node:assert/strict";
 *
 * assert.equal(adaptivePolicy().name, "adaptive");
 * ```
 *
 * @param options Additional options.
 * @returns The policy.
 * @throws {InvalidOptionError} If an option is wrong, unknown or inherited.
 */
export function adaptivePolicy(options: AdaptiveOptions = {}): Policy {
  const refuse = (option: string, received: unknown, wanted: string): InvalidOptionError =>
    new InvalidOptionError(option, received, wanted, "create policy");
  const { objective = "fair" } = ownOptions(options, ["objective"], refuse);
  if (objective !== "fair" && objective !== "count") {
    throw refuse("objective", objective, '"fair" or "count"');
  }
  const explain = (job: JobFacts, load: Load): readonly string[] =>
    wordsOf(job, load, decide(job, load));
  return {
    name: "adaptive",
    objective,
    startsWorker: true,
    decide,
    isAlwaysInline,
    reconsider,
    explain,
  };
}

/** It takes this thread less than to send it away, or to say that it does not run. */
function isAlwaysInline(kind: KindFacts, computeCost: number, load: Load): boolean {
  const prediction = load.model.predict(kind, computeCost);
  return isOverAtOnce(prediction) && isTiny(kind, prediction, load);
}

/** A kind is known to be tiny now; or it is known not to be, and a worker can have it. */
function reconsider(
  job: JobFacts,
  load: Load,
): Strategy | undefined {
  const { kind, computeCost } = job;
  if (!kind.hasModule && batchFor(job, load) !== null) return undefined;
  const prediction = load.model.predict(kind, computeCost);
  if (isTiny(kind, prediction, load)) {
    return kind.hasModule && isWorthSending(job, prediction, load) ? "cpu_pool" : "inline";
  }
  if (!kind.hasModule || !(prediction.typicalMs >= 0)) return undefined;
  // None waits before it.
  const isHere = prediction.isAsync && isBetterHere(job, prediction, load, 0) &&
    batchFor(job, load) === null;
  return isHere ? "inline" : "cpu_pool";
}

function decide(job: JobFacts, load: Load): Decision {
  const { kind } = job;
  const prediction = load.model.predict(kind, job.computeCost);
  const { isAsync, typicalMs, probeAtMs } = prediction;
  const batch = batchFor(job, load);
  if (batch !== null && !kind.hasModule) return batch;
  if (isTiny(kind, prediction, load)) {
    if (kind.hasModule && isWorthSending(job, prediction, load)) return batch ?? LOOP_BUSY;
    return isLoopLate(job, prediction, load) ? LOOP_LATE : isAsync ? WAITS : TINY;
  }
  if (!kind.hasModule) return hereOnly(kind);
  if (isAsync && batch === null && isBetterHere(job, prediction, load)) return WAITS;
  if (!(typicalMs >= 0)) return batch ?? UNKNOWN;
  const { place } = load.outlook("cpu_pool", job);
  if (place === "in_time") return batch ?? IN_TIME;
  // The first runs, at other costs, are no reason to refuse anything.
  if (prediction.runs < TRUSTED && prediction.samples === 0) return batch ?? UNKNOWN;
  if (load.nowMs >= probeAtMs) return PROBE;
  if (place === "doubtful") return batch ?? DOUBTFUL;
  const { latencyBudgetMs } = job;
  if (!(load.model.needsMs(kind, job.computeCost, latencyBudgetMs) > latencyBudgetMs)) {
    return TOO_LATE;
  }
  // By then the next one would be a probe; while there is one already, by when that is likely to end.
  const retryAfterMs = probeAtMs < Infinity ? probeAtMs - load.nowMs : typicalMs;
  return { ...BUDGET_TOO_SHORT, retryAfterMs };
}
