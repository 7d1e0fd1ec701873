import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { JobFacts, JobTelemetry, Telemetry } from "../../mod.ts";
import type { Job } from "../../src/job/job.ts";
import { JobTrace } from "../../src/observe/job_trace.ts";
import { guarded } from "../fixtures/until.ts";
import { scenarios } from "../virtual/drawn_scenarios.ts";
import { HeardTelemetry } from "../virtual/heard_telemetry.ts";
import { Play } from "../virtual/play.ts";
import { runs } from "../fixtures/property.ts";
import { createWorld, offer } from "../virtual/world.ts";

const small = { computeCost: 1, scalingPotential: 0.1 };
const medium = { computeCost: 20_000, scalingPotential: 0.1 };
const heavy = { computeCost: 1e6, scalingPotential: 0.1 };
const wide = { computeCost: 1e6, scalingPotential: 1 };

test("whatever happens each job is told of in order, and of its end once", guarded, async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async (scenario) => {
      const heard = new HeardTelemetry(Infinity);
      const seen = await Play.run(scenario, heard);
      for (const { id, told } of heard.jobs) {
        const ends = told.filter((what) => what.startsWith("settled"));
        assert.equal(ends.length, 1, `job ${id}: ${told}`);
        const after = told.slice(told.indexOf(ends[0]) + 1);
        const strays = after.filter((what) => what !== "context" && what !== "run");
        assert.deepEqual(strays, [], `job ${id}: ${told}`);
        const isRun = told.some((what) => what.startsWith("starts"));
        if (ends[0] === "settled completed") assert.ok(isRun, `job ${id}: ${told}`);
      }
      assert.deepEqual(seen.trace, (await Play.run(scenario)).trace, "telemetry changes nothing");
    }),
    runs(16),
  );
});

test("telemetry that throws, or runs a job twice, changes nothing either", guarded, async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, fc.integer({ min: 1, max: 5 }), async (scenario, every) => {
      const seen = await Play.run(scenario, new HeardTelemetry(every));
      assert.deepEqual(seen.trace, (await Play.run(scenario)).trace);
    }),
    runs(12),
  );
});

test("each step of a job is told on every lane", async () => {
  const telemetry = new HeardTelemetry(Infinity);
  const world = await createWorld({ telemetry, batchMaxSize: 2 });
  offer(world, "shared", {}, small);
  offer(world, "shared", {}, medium);
  offer(world, "shared", {}, heavy);
  offer(world, "group", {}, wide);
  offer(world, "group", {}, wide);
  offer(world, "local_group", {}, { ...wide, latencyBudgetMs: 8 });
  world.clock.run();
  assert.deepEqual(telemetry.jobs.map(({ told }) => told.join(", ")), [
    "submitted inline, starts 1, run, settled completed",
    "submitted spawn, waits, starts 1, run, settled completed",
    "submitted cpu_pool, waits, starts 1, context, settled completed",
    "submitted batch, waits, starts 2, context, settled completed",
    "submitted batch, waits, starts 2, context, settled completed",
    "submitted batch, waits, starts 1, run, settled completed",
  ]);
});

test("a call that is taken back from a worker, or whose worker dies, waits again", async () => {
  const telemetry = new HeardTelemetry(Infinity);
  const world = await createWorld({ telemetry, cpuParallelism: 1 });
  const learn = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.advance(100);
  assert.equal(learn.status, "completed");
  offer(world, "shared", { ms: 1 }, heavy);
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.ports.all.at(-1)!.die(new Error("model: killed"));
  world.clock.run();
  assert.equal(second.status, "completed");
  const { told } = telemetry.jobs[2];
  assert.deepEqual(told.filter((what) => what === "waits").length, 2, String(told));
  assert.deepEqual(told.slice(-3), ["starts 1", "context", "settled completed"]);
});

test("a settled job of a batch that waits again is not told of", () => {
  const job = new HeardTelemetry(Infinity).submitted({ id: 1 } as JobFacts, {
    strategy: "batch",
    reason: "x",
  });
  const told: string[] = [];
  const waits = (): void => void told.push("waits");
  const settled = (): void => void told.push("settled");
  const trace = new JobTrace({ ...job, waits, settled }, undefined, () => assert.fail());
  trace.waits();
  trace.settled({} as Job);
  trace.waits();
  assert.deepEqual(told, ["waits", "settled"]);
});

test("what telemetry throws is counted, and the job goes on", async () => {
  const failing = (): never => {
    throw new Error("telemetry");
  };
  const job = { waits: failing, starts: failing, context: failing, run: failing, settled: failing };
  const telemetry: Telemetry = { submitted: () => job, observe: () => failing };
  const world = await createWorld({ telemetry });
  const told = [small, medium, heavy].map((hints) => offer(world, "shared", {}, hints));
  world.clock.run();
  assert.deepEqual(told.map(({ story }) => story), [
    "inline completed",
    "spawn completed",
    "cpu_pool completed",
  ]);
  // inline: starts, run, settled; spawn: waits, too; pool: waits, starts, context, settled
  assert.equal(world.router.stats().listenerErrors, 3 + 4 + 4);
  const closing = world.router.close();
  world.clock.run();
  await closing;
  assert.equal(world.router.stats().listenerErrors, 3 + 4 + 4 + 1);
});

test("telemetry that fails from the start leaves a router that works", async () => {
  const failing = (): never => {
    throw new Error("telemetry");
  };
  const world = await createWorld({ telemetry: { submitted: failing, observe: failing } });
  assert.equal(offer(world, "shared", {}, small).story, "inline completed");
  assert.equal(world.router.stats().listenerErrors, 2);
});

test("telemetry may pass over jobs, and sees a job's own error", async () => {
  const values: unknown[] = [];
  const quiet: Omit<JobTelemetry, "settled"> = {
    waits() {},
    starts() {},
    context: () => undefined,
    run: (fn) => fn(),
  };
  const telemetry: Telemetry = {
    submitted: ({ id }) =>
      id % 2 === 0 ? null : { ...quiet, settled: (job) => void values.push(job.value) },
  };
  const world = await createWorld({ telemetry });
  for (let i = 0; i < 4; i++) offer(world, "shared", { id: 7, end: "throw" }, small);
  const told = 'JobFailedError: Job of kind "shared" failed: Error: task 7';
  assert.deepEqual(values.map(String), [told, told]);
});
