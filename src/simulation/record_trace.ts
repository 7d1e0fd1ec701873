import type { HelixRouter, SettledJob } from "../../mod.ts";
import { isJson } from "./json_input.ts";
import {
  type JobRecord,
  toHeaderLine,
  toRecordedDecision,
  toRecordedOutcome,
  toRecordLine,
} from "./recording.ts";
import { toMicroseconds } from "./tally.ts";

/** Options of {@linkcode recordTrace}. */
export interface RecordTraceOptions {
  /**
   * Whether inputs are recorded, too, where they can be written as JSON; bigints become decimal
   * strings. An input is written as it is when its job is over. @default {false}
   */
  readonly inputs?: boolean;
}

/**
 * Records the jobs of a router: what was asked, what was decided and what came of it, one line of
 * JSON per job, written when the job is over, after a header line. `readTrace()` and
 * `readRecording()` read them. Nothing is kept of a job.
 *
 * Recorded is every job that ends while this records, however it ends; those still in flight when
 * it stops are not: call `drain()` or `close()` first. Submits that were refused are no jobs;
 * `router.stats().rejected` counts them.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { readTrace, recordTrace } from "helixrouter/simulation";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ greet: { cost: 1, run: (name: string) => `Hello ${name}` } });
 * const router = await createRouter({ jobs });
 * const lines: string[] = [];
 * const stop = recordTrace(router, (line) => lines.push(line));
 * await router.run("greet", "world", { latencyBudgetMs: 50 });
 * stop();
 * const [request] = readTrace(lines.join("\n")).requests;
 * assert.deepEqual([request.kind, request.cost, request.latencyBudgetMs], ["greet", 1, 50]);
 * await router.close();
 * ```
 *
 * @typeParam K The router's kinds.
 * @param router The router.
 * @param sink Receives each line, without a line break; must be fast, as jobs end meanwhile. What it
 * throws is counted in `listenerErrors`, and harms no job; nor does a promise that rejects.
 * @param options Additional options.
 * @returns A function that stops the recording.
 * @throws What `sink` throws for the header; then nothing is recorded.
 */
export function recordTrace<K>(
  router: HelixRouter<K>,
  sink: (line: string) => void,
  options: RecordTraceOptions = {},
): () => void {
  const { policy, load } = router.stats();
  const header = toHeaderLine({ policy, workers: load.cpuParallelism, kinds: router.kinds });
  const answer: unknown = sink(header);
  const { inputs = false } = options;
  const stop = router.on("outcome", (job) => sink(toRecordLine(toJobRecord(job, inputs))));
  Promise.resolve(answer).then(undefined, stop); // nobody else hears an asynchronous sink
  return stop;
}

function toJobRecord(job: SettledJob, hasInput: boolean): JobRecord {
  const { computeCost, scalingPotential, latencyBudgetMs, priority, key } = job.facts;
  return {
    at_ms: toMicroseconds(job.submittedAtMs),
    id: job.id,
    kind: job.kind.name,
    cost: Number.isNaN(computeCost) ? undefined : computeCost,
    scaling: scalingPotential,
    budget_ms: latencyBudgetMs === Infinity ? undefined : latencyBudgetMs,
    priority,
    key: key === "" ? undefined : key,
    input: hasInput && isJson(job.input) ? job.input : undefined,
    decision: toRecordedDecision(job),
    outcome: toRecordedOutcome(job),
  };
}
