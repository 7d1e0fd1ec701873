import type { Prediction } from "../../model/prediction.ts";
import type { Load } from "../load.ts";
import type { JobFacts } from "../policy.ts";
import { batchFor, SCALES } from "./batches.ts";
import { MOST_TINY_MS, mostTinyMs, TRUSTED } from "./tiny.ts";

/** Why a job would run where it would, and why not elsewhere, a sentence each. */
export function wordsOf(job: JobFacts, load: Load): string[] {
  const { kind, computeCost } = job;
  const prediction = { ...load.model.predict(kind, computeCost) };
  return [
    knownOf(job, prediction),
    `inline: ${inlineOf(job, prediction, load)}`,
    `cpu_pool: ${poolOf(job, prediction, load)}`,
    ...kind.batchable ? [`batch: ${batchWords(job, load)}`] : [],
  ];
}

function knownOf({ kind, computeCost }: JobFacts, prediction: Prediction): string {
  const { typicalMs, highMs, samples, ageMs, busyTypicalMs, busyMs, isAsync } = prediction;
  const what = computeCost >= 0
    ? `a "${kind.name}" at a cost of ${computeCost}`
    : `a "${kind.name}"`;
  if (!(typicalMs >= 0)) return `Nothing is known yet of how long ${what} takes.`;
  const by = samples > 0
    ? `by ${samples} ${samples === 1 ? "run" : "runs"} at such a cost`
    : "by runs at other costs";
  const thread = isAsync
    ? `, of which it keeps its thread busy for ${ms(busyTypicalMs)}, ${ms(busyMs)} at worst`
    : "";
  return `${what[0].toUpperCase()}${what.slice(1)} takes ${
    ms(typicalMs)
  }${thread}; 94 % of them take ` +
    `${ms(highMs)} at most, ${by}, the last one ${ms(ageMs)} ago.`;
}

function inlineOf({ kind }: JobFacts, prediction: Prediction, load: Load): string {
  const { samples, typicalMs, busyMedianMs, busyTypicalMs, busyMs, isAsync } = prediction;
  const mostMs = mostTinyMs(prediction);
  if (samples < TRUSTED) {
    return `no, as ${TRUSTED} runs at such a cost are wanted first, of ${samples}.`;
  }
  if (kind.hasModule && busyMs > load.inlineSliceMs) {
    return `no, as some of the last runs blocked their thread for ${
      ms(busyMs)
    }, over the slice of ` +
      `${ms(load.inlineSliceMs)}.`;
  }
  if (Math.max(busyMedianMs, busyTypicalMs) > mostMs) {
    return `no, as it blocks its thread for ${ms(Math.max(busyMedianMs, busyTypicalMs))}, over ${
      ms(mostMs)
    }.`;
  }
  if (isAsync && mostMs > MOST_TINY_MS) {
    return `yes, as it mostly waits: ${ms(busyTypicalMs)} of ${ms(typicalMs)} on its thread.`;
  }
  return `yes, as it is short, while this thread has time: it is ${
    ms(load.loopLagMeanMs)
  } late on average.`;
}

function poolOf(job: JobFacts, { probeAtMs }: Prediction, load: Load): string {
  const { kind, latencyBudgetMs, arrivedAtMs, computeCost } = job;
  if (!kind.hasModule) {
    return "no, as it was defined without a module: give defineJobs() import.meta.url.";
  }
  if (!load.poolOpen) return "no, as too many workers are lost.";
  const { waitMs, place } = load.outlook("cpu_pool", job);
  const wait = waitMs >= 0
    ? `it would wait for ${ms(waitMs)}`
    : "nobody knows for how long it would wait";
  if (latencyBudgetMs === Infinity) {
    return place === "late"
      ? `no, as ${wait}, and more comes than can be done.`
      : `possible: ${wait}; it has no budget.`;
  }
  const leftMs = arrivedAtMs + latencyBudgetMs - load.nowMs;
  const needsMs = load.model.needsMs(kind, computeCost, leftMs);
  const needs = needsMs >= 0 ? `, and is likely to need ${ms(needsMs)}` : "";
  const all = `${wait}${needs}, of ${ms(leftMs)} that it has`;
  if (place === "in_time") return `possible: ${all}.`;
  const probe = load.nowMs >= probeAtMs
    ? " As nothing has confirmed that for a while, it would test it."
    : "";
  return place === "doubtful"
    ? `in doubt: ${all}; others would go first.${probe}`
    : `no, as ${all}: too late.${probe}`;
}

function batchWords(job: JobFacts, load: Load): string {
  const { size, eachMs, aloneMs, pays, isUnknown, mayTry } = load.batchOf(job);
  const decision = batchFor(job, load);
  const when = decision === null
    ? "now it would go alone, as nobody has to wait"
    : "gathers while it waits for its turn";
  if (isUnknown) {
    const hint = job.scalingPotential >= SCALES ? `, but it has a "scalingPotential"` : "";
    return `nobody knows yet what a batch of it takes${hint}; ${
      decision === null ? "it would go alone" : when
    }.`;
  }
  const each = `as a batch of ${size} it would take ${ms(eachMs)} each instead of ${ms(aloneMs)}`;
  if (pays) return `${each}; ${when}.`;
  return `no, ${each}${mayTry ? "; as the last try was a while ago, it may be tried again" : ""}.`;
}

/** A time as people write it. */
function ms(value: number): string {
  if (!(value >= 0)) return "an unknown time";
  if (value === Infinity) return "for ever";
  if (value >= 10_000) return `${Math.round(value / 1_000)} s`;
  return `${Number(value.toPrecision(value >= 100 ? 3 : 2))} ms`;
}
