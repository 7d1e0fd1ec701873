// A job that arrived before it was submitted: its budget and its times run from then.
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidHintError, type JobFacts, type Policy } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createWorld, offer } from "../virtual/world.ts";

test("arrivedAtMs must be a time on the router's clock that has come", async () => {
  const world = await createWorld();
  world.clock.advance(100);
  for (const arrivedAtMs of [NaN, Infinity, -Infinity, 100.5, Date.now(), "5", null, 5n]) {
    const [error] = offer(world, "local", {}, { arrivedAtMs: arrivedAtMs as number }).refusals;
    assert.ok(error instanceof InvalidHintError, String(arrivedAtMs));
    assert.deepEqual([error.hint, error.received], ["arrivedAtMs", arrivedAtMs]);
    assert.match(
      error.message,
      /must be a time up to now on the router's clock/,
    );
  }
  for (const arrivedAtMs of [100, 0, -50, undefined]) {
    assert.equal(offer(world, "local", { ms: 0 }, { arrivedAtMs }).refusals.length, 0);
  }
});

test("a job's times and its budget run from its arrival", async () => {
  const world = await createWorld({ policy: forcedPolicy("inline") });
  world.clock.advance(100);
  const told = offer(world, "local", { ms: 10 }, { arrivedAtMs: 60, latencyBudgetMs: 49 });
  const { waitMs, runMs, totalMs, withinBudget, submittedAtMs } = told.job!;
  assert.deepEqual([waitMs, runMs, totalMs, submittedAtMs], [40, 10, 50, 100]);
  assert.equal(withinBudget, false);
  const late = offer(world, "local", {}, { arrivedAtMs: 60, latencyBudgetMs: 49 });
  assert.equal(late.story, "backpressure_drop dropped expired");
  const submitted = world.router.submit("local", { id: 1, ms: 0 }, { arrivedAtMs: 60 });
  world.clock.run();
  const outcome = await submitted;
  assert.equal(outcome.status === "completed" && outcome.timing.totalMs, 50);
});

test("a job that waits is dropped when its budget has run out since its arrival", async () => {
  for (const [arrivedAtMs, story] of [[90, "dropped expired"], [96, "completed"]] as const) {
    const world = await createWorld({ policy: forcedPolicy("spawn") });
    world.clock.advance(100);
    const told = offer(world, "local", {}, { arrivedAtMs, latencyBudgetMs: 20 });
    world.clock.occupy(15);
    world.clock.run();
    assert.equal(told.story, `spawn ${story}`);
  }
});

test("a batch closes by what is left of a job's budget since its arrival", async () => {
  const world = await createWorld({ policy: forcedPolicy("batch") });
  world.clock.advance(100);
  const told = offer(world, "local_group", {}, { arrivedAtMs: 93, latencyBudgetMs: 40 });
  world.clock.run();
  assert.equal(told.job!.waitMs, 10, "it came 7 ms late, and waited for 3");
});

test("thresholdPolicy() leaves out of a budget what had passed before the submit", async () => {
  const decisions = async (lateMs: number) => {
    const world = await createWorld({ cpuParallelism: 1, minWorkers: 1 });
    const run = (ms: number, options = {}) =>
      offer(world, "shared", { ms }, { computeCost: 1e6 * ms, ...options });
    for (const ms of [10, 30]) run(ms);
    world.clock.advance(100);
    run(30);
    run(30);
    const arrivedAtMs = world.clock.now() - lateMs;
    return run(10, { latencyBudgetMs: 51, arrivedAtMs }).story;
  };
  assert.equal(await decisions(0), "pending");
  assert.equal(await decisions(5), "backpressure_drop dropped pool_saturated");
});

test("a policy sees when a job arrived, beside when it was submitted", async () => {
  const seen: JobFacts[] = [];
  const policy: Policy = {
    name: "sees",
    decide(job) {
      seen.push({ ...job });
      return { strategy: "inline", reason: "sees" };
    },
  };
  const world = await createWorld({ policy });
  world.clock.advance(10);
  offer(world, "local", { ms: 0 }, { arrivedAtMs: 4 });
  offer(world, "local", { ms: 0 });
  const times = seen.map(({ arrivedAtMs, submittedAtMs }) => [arrivedAtMs, submittedAtMs]);
  assert.deepEqual(times, [[4, 10], [10, 10]]);
});
