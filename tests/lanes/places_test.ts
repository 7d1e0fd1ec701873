// `concurrency` and `concurrencyPerKey`: how many jobs of a kind, and of a key of it, run at a time.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, defineJobs, type Policy } from "../../mod.ts";
import { workersHere } from "../../src/testing/mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { guarded } from "../fixtures/until.ts";
import { offer, type Task } from "../virtual/world.ts";
import { LANES, Limited } from "./limited_world.ts";

test("a job that an inline decision sends to a kind at its limit waits, and runs later", async () => {
  const limited = await Limited.create({ concurrency: 2 });
  const jobs = [1, 2, 3].map((id) => limited.offer(0, { id, ms: 10, later: true }));
  assert.equal(limited.running.length, 2);
  assert.equal(limited.world.router.load.spawnWaiting, 1);
  limited.run(30);
  assert.deepEqual(jobs.map(({ story }) => story), [
    "inline completed",
    "inline completed",
    "spawn completed",
  ]);
});

for (const [lane, name] of LANES.entries()) {
  test(`what waits for a place of its kind, on ${name}, counts as waiting and holds back no other kind`, async () => {
    const limited = await Limited.create({ concurrency: 1 }, { batchMaxSize: 1 });
    const { world } = limited;
    const jobs = Array.from(
      { length: 5 },
      (_, id) => limited.offer(lane, { id, ms: 10, later: true }),
    );
    limited.run(2);
    const { poolWaiting, spawnWaiting, poolWorkMs } = world.router.load;
    assert.deepEqual([poolWaiting + spawnWaiting, poolWorkMs], [4, 0]);
    const other = offer(world, "other", { ms: 1, later: true }, {
      computeCost: lane === 3 ? 2 : lane,
    });
    limited.run(3);
    assert.equal(other.status, "completed");
    assert.ok(jobs.some(({ status }) => status === "pending"));
    limited.run(60);
    assert.deepEqual(jobs.map(({ status }) => status), new Array(5).fill("completed"));
    assert.equal(limited.most, 1);
  });
}

test("keys run beside each other, each up to its limit", async () => {
  const limited = await Limited.create({ concurrencyPerKey: 2 }, { cpuParallelism: 4 });
  for (let id = 0; id < 20; id++) limited.offer(2, { id, key: "a", ms: 10 });
  limited.run(5);
  assert.deepEqual(limited.running, ["a", "a"]);
  for (let id = 0; id < 2; id++) limited.offer(2, { id, key: "b", ms: 10 });
  limited.run(5);
  assert.deepEqual(limited.running.toSorted(), ["a", "a", "b", "b"]);
});

test("those that wait for a place are served by priority, and keys take turns", async () => {
  const limited = await Limited.create({ concurrency: 1 });
  limited.offer(1, { id: 0, ms: 10, later: true });
  for (let id = 1; id <= 10; id++) limited.offer(1, { id, key: "a", ms: 10, later: true });
  limited.offer(1, { id: 11, key: "b", ms: 10, later: true });
  limited.offer(1, { id: 12, key: "b", ms: 10, later: true }, { priority: 9 });
  limited.run(200);
  assert.deepEqual(limited.order.slice(0, 4), [0, 12, 1, 11]);
});

test("what has waited for a place runs where the policy sent it, though it blocks this thread", async () => {
  const limited = await Limited.create({ concurrency: 1 }, { inlineSliceMs: 8 });
  const slow = (id: number) => limited.offer(1, { id, ms: 20 });
  for (let id = 0; id < 9; id++) {
    slow(id);
    limited.run(30);
  }
  const jobs = [slow(10), slow(11)];
  limited.run(100);
  assert.deepEqual(jobs.map(({ story }) => story), ["spawn completed", "spawn completed"]);
});

test("of those that wait for a place, the one with the smaller budget is first, and both have their share", async () => {
  const limited = await Limited.create({ concurrency: 2 });
  const jobs: Record<number, ReturnType<typeof limited.offer>[]> = { 60: [], 900: [] };
  for (let id = 0; id < 900; id++) { // twice what can be done
    const latencyBudgetMs = id % 4 < 2 ? 60 : 900;
    const told = limited.offer(0, { id, ms: 10, later: true }, { latencyBudgetMs });
    jobs[latencyBudgetMs].push(told);
    limited.run(2.5);
  }
  limited.run(1_000);
  for (const [budgetMs, ofClass] of Object.entries(jobs)) {
    const done = ofClass.filter(({ status }) => status === "completed").length;
    assert.ok(done > 0.4 * ofClass.length, `${budgetMs} ms: ${done} of ${ofClass.length}`);
  }
});

test("a job that would have a place too late is dropped at once, as far as that is known", async () => {
  for (const lane of [0, 1, 2]) {
    const limited = await Limited.create({ concurrency: 1 });
    for (let id = 0; id < 9; id++) {
      limited.offer(lane, { id, ms: 10, later: true });
      limited.run(15);
    }
    const hints = { latencyBudgetMs: 60 };
    const crowd = Array.from(
      { length: 10 },
      (_, id) => limited.offer(lane, { id, ms: 10, later: true }, hints),
    );
    assert.match(crowd.at(-1)!.story, /^backpressure_drop dropped (too_late|spawn_saturated)$/);
    const calm = limited.offer(lane, { ms: 10, later: true }, { latencyBudgetMs: 500 });
    limited.run(300);
    assert.equal(calm.status, "completed");
  }
});

for (const limits of [{ concurrency: 2 }, { concurrencyPerKey: 2 }]) {
  const name = Object.keys(limits)[0];
  test(`those who find no place are told to come back one after the other: ${name}`, async () => {
    for (const lane of [1, 2]) {
      const limited = await Limited.create(limits, { cpuParallelism: 4 });
      for (let id = 0; id < 9; id++) {
        limited.offer(lane, { id, ms: 10, later: true });
        limited.run(15);
      }
      const { router } = limited.world;
      const hints = { computeCost: lane, latencyBudgetMs: 60 };
      const crowd = Array.from(
        { length: 30 },
        (_, id) => router.submit("kind", { id, ms: 10, later: true, key: "" }, hints),
      );
      limited.run(300);
      const outcomes = await Promise.all(crowd);
      const advice = outcomes.flatMap((outcome) =>
        outcome.status === "dropped" && outcome.reason !== "expired" ? outcome.retryAfterMs : []
      );
      assert.ok(advice.length >= 10, `${advice.length} were dropped`);
      assert.ok(advice[0] > 10, String(advice));
      assert.ok(advice.every((ms, i) => i === 0 || ms > advice[i - 1]), String(advice));
    }
  });
}

test("what waits for a place can expire and be aborted, which frees none", async () => {
  const limited = await Limited.create({ concurrency: 1 });
  const controller = new AbortController();
  limited.offer(2, { ms: 100 });
  limited.run(2);
  const hasty = limited.offer(2, { ms: 1 }, { latencyBudgetMs: 20 });
  const aborted = limited.offer(1, { ms: 1 }, { signal: controller.signal });
  const calm = limited.offer(2, { id: 7, ms: 1 });
  limited.run(30);
  controller.abort();
  assert.deepEqual([hasty.story, aborted.status], ["cpu_pool dropped expired", "cancelled"]);
  assert.equal(limited.running.length, 1);
  limited.run(100);
  assert.equal(calm.status, "completed");
});

test("close() runs what waits for a place while it drains, and cancels the rest", async () => {
  for (const [drainMs, status] of [[1_000, "completed"], [15, "cancelled"]] as const) {
    const limited = await Limited.create({ concurrency: 1 });
    const jobs = [0, 1, 2, 2].map((lane) => limited.offer(lane, { ms: 40, later: true }));
    limited.run(5);
    const closing = limited.world.router.close({ drainMs });
    limited.world.clock.runUntil(10_000);
    await closing;
    assert.deepEqual(jobs.map((job) => job.status), new Array(4).fill(status));
  }
});

test("explain() says when a job would wait for its kind or its key", async () => {
  const limited = await Limited.create({ concurrency: 3, concurrencyPerKey: 1 });
  const { router } = limited.world;
  const why = (key?: string) => router.explain("kind", {}, { computeCost: 2, key }).why;
  assert.equal(why("a"), undefined);
  limited.offer(1, { key: "a", ms: 100, later: true });
  limited.offer(1, { key: "a", ms: 100, later: true });
  assert.deepEqual(why("a"), [
    'It would wait until fewer jobs of its key of kind "kind" run than 1, its "concurrencyPerKey", behind 1 that wait already.',
  ]);
  assert.equal(why("b"), undefined);
  limited.offer(1, { key: "b", ms: 100, later: true });
  limited.offer(1, { ms: 100, later: true });
  assert.deepEqual(why("c"), [
    'It would wait until fewer jobs of kind "kind" run than 3, its "concurrency".',
  ]);
  assert.match(why()![0], /jobs of its key, which is none, of kind/);
  assert.equal(router.explain("other", {}).why, undefined);
});

test("a batch counts as one run, and is of one key where keys are counted", async () => {
  const limited = await Limited.create({ concurrencyPerKey: 1 }, { batchMaxSize: 4 });
  const jobs = Array.from(
    { length: 16 },
    (_, id) => limited.offer(3, { id, key: id % 2 === 0 ? "a" : "b", ms: 5 }),
  );
  limited.run(100);
  assert.deepEqual(jobs.map(({ job }) => job!.batchSize), new Array(16).fill(4));
  assert.equal(limited.most, 2);
});

test("jobs of a limited kind that are to gather in the queue gather before it, and keep to the limits", async () => {
  const policy: Policy = {
    name: "gathers",
    decide: () => ({ strategy: "batch", reason: "test", gatherMs: 0 }),
  };
  const options = { batchMaxSize: 4, policy, cpuParallelism: 3 };
  const limited = await Limited.create({ concurrencyPerKey: 1, concurrency: 2 }, options);
  const jobs = Array.from(
    { length: 24 },
    (_, id) => limited.offer(3, { id, key: "abc"[id % 3], ms: 5 }),
  );
  limited.run(200);
  assert.deepEqual(jobs.map(({ status }) => status), new Array(24).fill("completed"));
  assert.ok(jobs.every(({ job }) => job!.batchSize === 4));
  assert.equal(limited.most, 2);
});

test("defineJobs() takes a number of jobs, and nothing else", () => {
  for (const key of ["concurrency", "concurrencyPerKey"] as const) {
    for (const value of [0, -1, 1.5, NaN, Infinity, "2", null, 1_000_001]) {
      assert.throws(
        () => defineJobs({ k: { run: () => 1, [key]: value as number } }),
        {
          name: "TypeError",
          message: new RegExp(`"${key}" of kind "k" must be an integer from 1 to 1000000`),
        },
      );
    }
  }
});

test("on workers of the test's thread, too, no more run than may", guarded, async () => {
  let running = 0;
  let most = 0;
  const jobs = defineJobs(import.meta.url, {
    wait: {
      concurrency: 2,
      run: async (ms: number) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, ms));
        running--;
        return ms;
      },
    },
  });
  const policy = forcedPolicy("cpu_pool");
  const router = await createRouter({
    jobs,
    policy,
    cpuParallelism: 6,
    createPort: workersHere(jobs),
  });
  await Promise.all(Array.from({ length: 12 }, () => router.run("wait", 3)));
  await router.close();
  assert.deepEqual([most, running], [2, 0]);
});

for (const limits of [{ concurrency: 1 }, { concurrencyPerKey: 1 }]) {
  test(`a new kind with ${Object.keys(limits)[0]} is not held up by others that wait`, async () => {
    const options = { policy: forcedPolicy("cpu_pool"), cpuParallelism: 1, minWorkers: 1 };
    const { world } = await Limited.create(limits, options);
    const { clock } = world;
    const other = (ms: number) => offer(world, "other", { id: 0, ms });
    for (let i = 0; i < 10; i++) {
      other(10);
      clock.advance(20);
    }
    for (let i = 0; i < 20; i++) other(10);
    const hints = { priority: 9, latencyBudgetMs: 500, key: "k" };
    const fresh = [1, 2].map((id) => offer(world, "kind", { id, ms: 4, key: "k" } as Task, hints));
    for (let i = 0; i < 60; i++) {
      other(10);
      clock.advance(10);
    }
    assert.deepEqual(fresh.map(({ story }) => story), Array(2).fill("cpu_pool completed"));
  });
}
