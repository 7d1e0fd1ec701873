import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, CONTESTANTS, WORKLOADS } from "../../../src/simulation/mod.ts";
import { ToldModel } from "../../../src/simulation/oracle/told_model.ts";
import type { LabJob } from "../../../src/simulation/workload/lab_job.ts";

const workloadOf = (name: string) => WORKLOADS.find((workload) => workload.name === name)!;

const job: LabJob = {
  ...{ id: 0, kind: 0, atMs: 0, beforeMs: 4, waitMs: 0, afterMs: 0 },
  ...{ cost: 7, budgetMs: 50, priority: 5, crashes: false },
};

test("ToldModel knows each job that it was told of, by its cost", () => {
  const workload = workloadOf("exp50");
  const model = new ToldModel({
    ...{ workload, word: "right", durationMs: 1_000, seed: 1, load: 1, cores: 2, workers: 2 },
  });
  const kind = { index: 0 };
  assert.ok(Number.isNaN(model.typicalMs(kind, NaN)));
  const cost = model.costOf(job);
  assert.equal(model.typicalMs(kind, cost), 4);
  assert.equal(model.predict(kind, cost).highMs, 4);
  assert.equal(model.leftMs(kind, cost, 3), 1);
  assert.equal(model.shareWithin(kind, cost, 3.9), 0);
  assert.equal(model.variance(kind, cost), 0);
  assert.equal(model.isNew(), false, "though no run of it was seen");
  model.costOf({ ...job, id: 1, beforeMs: 40 });
  assert.equal(model.typicalMs(kind, NaN) > 4, true, "of the kind, the mean");
});

test("ToldModel learns how much longer runs take on cores that are shared", () => {
  const workload = workloadOf("io");
  const model = new ToldModel({
    ...{ workload, word: "right", durationMs: 1_000, seed: 1, load: 1, cores: 2, workers: 2 },
  });
  const [fetch, render] = [{ index: 0 }, { index: 1 }];
  const waiting = model.costOf({ ...job, waitMs: 10 });
  const waitsMs = model.typicalMs(fetch, waiting);
  for (let id = 1; id <= 500; id++) {
    const cost = model.costOf({ ...job, id, kind: 1 });
    assert.ok(Number.isNaN(model.learn(render, cost, id < 250 ? 5 : 6)));
    model.learn(fetch, waiting, 1_000); // it waited, or had to wait: that says nothing of the cores
  }
  const next = model.costOf({ ...job, id: 501, kind: 1, beforeMs: 8 });
  const near = (ms: number) => assert.ok(Math.abs(ms - 12) < 0.1, `${ms}`);
  near(model.typicalMs(render, next));
  near(model.predict(render, next).highMs);
  near(model.leftMs(render, next, 0));
  near(model.needsMs(render, next, 100));
  assert.deepEqual([11, 13].map((ms) => model.shareWithin(render, next, ms)), [0, 1]);
  assert.equal(model.predict(render, next).busyMs, 8);
  assert.equal(model.typicalMs(fetch, waiting), waitsMs);
});

test("ToldModel is not told for how long a job will wait, but how long its kind does", () => {
  const workload = workloadOf("late");
  const model = new ToldModel({
    ...{ workload, word: "right", durationMs: 1_000, seed: 1, load: 1, cores: 2, workers: 2 },
  });
  const kind = { index: 0 };
  const [a, b] = [3, 30].map((waitMs, id) => model.costOf({ ...job, id, waitMs }));
  assert.equal(model.typicalMs(kind, a), model.typicalMs(kind, b));
  assert.ok(model.typicalMs(kind, a) > 4 + 5, `${model.typicalMs(kind, a)}`);
  assert.ok(model.predict(kind, a).highMs > model.typicalMs(kind, a));
  assert.equal(model.predict(kind, a).busyTypicalMs, 4);
});

test("policy-oracle needs no time to learn", async () => {
  const names = ["adaptive", "policy-oracle", "oracle"];
  const contestants = new Map(names.map((name) => [name, CONTESTANTS[name].run]));
  const cell = {
    ...{ workload: workloadOf("exp50"), costSays: "right" as const, load: 2, repeat: 1, seed: 3 },
    durationMs: 1_000,
  };
  const { contestants: compared } = await compare(contestants, cell);
  const scoreOf = (name: string) => compared.find((one) => one.name === name)!.score!.count;
  assert.ok(scoreOf("policy-oracle") >= 0.97, `${scoreOf("policy-oracle")}`);
  assert.ok(scoreOf("policy-oracle") >= scoreOf("adaptive") - 0.02, `${scoreOf("adaptive")}`);
});
