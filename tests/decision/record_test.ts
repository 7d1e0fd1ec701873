import assert from "node:assert/strict";
import { test } from "node:test";
import { toDecisionRecord } from "../../src/decision/record.ts";
import { RunTimeModel } from "../../src/model/model.ts";
import { LoadGauges } from "../../src/policy/load.ts";
import { createJob } from "../job/noted_job.ts";

test("toDecisionRecord() puts down a decision, what is known of the job, and the load", () => {
  const load = new LoadGauges(new RunTimeModel(1), 1, { free: 1 }, new Int32Array(5));
  load.poolWaiting = 7;
  const decision = { strategy: "spawn", reason: "test", predictedRunMs: 3 } as const;
  const record = (options = {}) =>
    toDecisionRecord(createJob(options).job.facts, decision, "mine", load.copy());
  const { load: figures, ...all } = record({ computeCost: 0, latencyBudgetMs: 20, priority: 9 });
  assert.deepEqual(all, {
    ...decision,
    jobId: 1,
    kind: "k",
    computeCost: 0,
    scalingPotential: 0.5,
    latencyBudgetMs: 20,
    priority: 9,
    key: undefined,
    policy: "mine",
  });
  load.poolWaiting = 8;
  assert.equal(figures.poolWaiting, 7, "the load of then");
  const { computeCost, latencyBudgetMs } = record();
  assert.deepEqual([computeCost, latencyBudgetMs], [undefined, undefined]);
  assert.equal(record({ key: "a" }).key, "a");
});
