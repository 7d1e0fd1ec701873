import type { Prediction } from "../../model/prediction.ts";
import { STRATEGIES, type Strategy } from "../../outcome.ts";
import { costsOf, type StrategyCost } from "../costs.ts";
import { deadlineOf } from "../deadline.ts";
import { whyHere } from "../here_only.ts";
import { type Load, MOST_TINY_MS, type Outlook } from "../load.ts";
import type { Decision, JobFacts } from "../policy.ts";
import { mostTinyMs, TRUSTED } from "./tiny.ts";

/** What sentences are made of. */
interface Case {
  readonly job: JobFacts;
  readonly load: Load;
  readonly prediction: Prediction;
  readonly outlook: Outlook;
  readonly decision: Decision;
}

/**
 * What is known of a job, and for each strategy, the chosen one first, what it would cost the job and why it is
 * to have it, or not: a sentence each.
 */
export function wordsOf(job: JobFacts, load: Load, decision: Decision): string[] {
  const prediction = { ...load.model.predict(job.kind, job.computeCost) };
  const outlook = { ...load.outlook("cpu_pool", job) };
  const costs = costsOf(job, load, outlook.waitMs);
  const all: Case = { job, load, prediction, outlook, decision };
  const line = (strategy: Strategy): string => {
    const isChosen = strategy === decision.strategy;
    const cost = costs.find((one) => one.strategy === strategy);
    const head = cost === undefined ? strategy : `${strategy}, ${timeOf(cost)}`;
    return `${head}: ${isChosen ? "yes" : "no"}, ${WORDS[strategy](all)}.`;
  };
  const chosenFirst = new Set([decision.strategy, ...STRATEGIES]);
  return [knownOf(job, prediction), ...[...chosenFirst].map(line)];
}

const WORDS: Readonly<Record<Strategy, (all: Case) => string>> = {
  inline: inlineOf,
  spawn: spawnOf,
  cpu_pool: poolOf,
  batch: batchOf,
  backpressure_drop: dropOf,
};

function knownOf({ kind, computeCost }: JobFacts, prediction: Prediction): string {
  const { typicalMs, highMs, samples, ageMs, busyTypicalMs, busyMs, isAsync } = prediction;
  const what = `"${kind.name}"${computeCost >= 0 ? ` at a cost of ${computeCost}` : ""}`;
  if (!(typicalMs >= 0)) return `Nothing is known yet of how long a job of kind ${what} takes.`;
  const by = samples > 0 ? `${samples} ${samples === 1 ? "run" : "runs"} like it` : "other costs";
  const alike = computeCost >= 0 ? "" : " (jobs without a cost count as alike)";
  const few = typicalMs > highMs ? ", far longer in a few" : "";
  const thread = isAsync
    ? `, and keeps its thread busy for ${ms(Math.min(busyTypicalMs, typicalMs))} of that, ${
      ms(Math.max(busyMs, busyTypicalMs))
    } at worst`
    : "";
  return `A job of kind ${what}${alike} takes at most ${ms(highMs)} in 94 % of the runs${few}, ${
    ms(typicalMs)
  } on average${thread}: so say ${by}, the last one ${ms(ageMs)} ago.`;
}

function inlineOf({ job: { kind }, prediction, load, decision }: Case): string {
  const { samples, typicalMs, busyMedianMs, busyTypicalMs, busyMs, isAsync } = prediction;
  const mostMs = mostTinyMs(prediction);
  const blocksMs = Math.max(busyMedianMs, busyTypicalMs);
  if (samples < TRUSTED) {
    return `as a job runs inside submit() only after ${TRUSTED} runs like it, and there were ${samples}`;
  }
  const waits = `as it mostly waits: it works for ${ms(busyTypicalMs)} of ${ms(typicalMs)}`;
  const mostBusyMs = Math.max(busyMs, busyTypicalMs);
  if (kind.hasModule && mostBusyMs > load.inlineSliceMs) {
    if (decision.strategy === "inline") return `${waits}, and no worker is free`;
    return `as some of the last runs blocked their thread for ${
      ms(mostBusyMs)
    }, and jobs may block this one for ${ms(load.inlineSliceMs)} at a time`;
  }
  if (blocksMs > mostMs) {
    return `as it would block this thread for ${ms(blocksMs)}, and no more than ${
      ms(mostMs)
    } is short`;
  }
  if (decision.reason === "loop_late") return `as this thread has more to do than it can`;
  if (decision.reason === "loop_busy") return "as this thread is busy";
  if (decision.strategy === "batch") return `as it goes together with others`;
  return isAsync && mostMs > MOST_TINY_MS ? waits : "as it is short";
}

function spawnOf({ job: { kind }, decision, prediction: { busyTypicalMs } }: Case): string {
  if (decision.strategy === "spawn") {
    return "as only this thread can run it, and it is not known to be short";
  }
  if (decision.strategy === "inline") return "as there is no reason to put it off";
  if (decision.reason === "loop_late") return "as this thread has more to do than it can";
  if (!kind.hasModule) return "as it goes together with others";
  return busyTypicalMs >= 0
    ? `as it would block this thread for ${ms(busyTypicalMs)}, and workers are there for that`
    : "as it might block this thread, and workers are there for that";
}

function poolOf(all: Case): string {
  const { job, load, decision, outlook, prediction: { typicalMs } } = all;
  if (!job.kind.hasModule) return whyHere(job.kind);
  if (!load.poolOpen) return "as too many workers are lost";
  if (decision.strategy === "inline") return "as the way to a worker and back would only add to it";
  if (decision.strategy === "batch") return "as it goes together with others";
  if (decision.reason === "loop_late") {
    return "as this thread is too late to hear of its end in time";
  }
  const needs = needsOf(all);
  if (decision.strategy === "backpressure_drop") return `as that is too late${needs}`;
  if (decision.isProbe === true) {
    const waits = outlook.place === "late" ? "too late" : "too late if others come";
    return `though that looks ${waits}${needs}: as no run has confirmed it for a while, this one tests it`;
  }
  if (decision.reason === "loop_busy") return "as this thread is busy";
  if (!(typicalMs >= 0)) return "as workers are the safe place for what is unknown";
  if (outlook.place === "doubtful") return `but only if no other job waits by then${needs}`;
  return job.latencyBudgetMs === Infinity
    ? "as workers do what would block this thread"
    : `as that is in time${needs}`;
}

function batchOf({ job, load, decision }: Case): string {
  if (!job.kind.batchable) return "as its kind has no runBatch";
  const { size, eachMs, aloneMs, pays, isUnknown } = load.batchOf(job);
  const times = `it takes ${ms(eachMs)} in a batch of ${size}, and ${ms(aloneMs)} alone`;
  if (decision.strategy === "batch") {
    if (decision.reason === "batch_tried") {
      return "as it waits anyway, and it is tried whether that pays";
    }
    return isUnknown
      ? `as it waits anyway, and its scaling of ${job.scalingPotential} says that it pays`
      : `as it waits anyway, and ${times}`;
  }
  if (isUnknown) return "as nobody knows yet whether that pays";
  return pays ? `as nobody has to wait now; ${times}` : `as that does not pay: ${times}`;
}

function dropOf({ job, load, decision }: Case): string {
  const { latencyBudgetMs } = job;
  if (decision.reason === "loop_late") {
    return `as this thread is ${ms(load.loopLagMeanMs)} late on average, too much for a budget of ${
      ms(latencyBudgetMs)
    }`;
  }
  if (decision.reason === "budget_too_short") {
    return `as runs like it take longer than the ${ms(latencyBudgetMs)} that it has`;
  }
  if (decision.strategy === "backpressure_drop") {
    return latencyBudgetMs === Infinity
      ? "as more comes than can be done: the queue has grown for a second"
      : "as it would take time from others, and be too late itself";
  }
  if (decision.isProbe === true) return "as it tests what is known of its kind";
  return latencyBudgetMs === Infinity ? "as it has no budget" : "as it can still be in time";
}

/** How long it would take on a strategy, and what that is made of. */
function timeOf({ waitMs, runMs }: StrategyCost): string {
  if (runMs === undefined) return waitMs! > 0 ? `${ms(waitMs!)} waiting and more` : "time unknown";
  if (waitMs === undefined) return `${ms(runMs)} and an unknown wait`;
  return waitMs < 0.001 * runMs
    ? ms(runMs)
    : `${ms(waitMs + runMs)} (${ms(waitMs)} waiting, ${ms(runMs)} running)`;
}

/** What it has, and is likely to need of that. */
function needsOf({ job, load }: Case): string {
  const leftMs = deadlineOf(job) - load.nowMs;
  if (leftMs === Infinity) return "";
  const needsMs = load.model.needsMs(job.kind, job.computeCost, leftMs);
  const needs = needsMs >= 0 ? `, and is likely to need ${ms(needsMs)} to run` : "";
  return ` (it has ${ms(leftMs)}${needs})`;
}

/** A time as people write it. */
function ms(value: number): string {
  if (!(value >= 0)) return "an unknown time";
  if (value === Infinity) return "for ever";
  if (value >= 10_000) return `${Math.round(value / 1_000)} s`;
  if (value > 0 && value < 1e-4) return "0.0001 ms";
  return `${Number(value.toPrecision(value >= 100 ? 3 : 2))} ms`;
}
