// How decisions turn out: whether what was predicted comes true, and what another one would have saved.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, type KindStats, type SettledJob } from "../../mod.ts";
import { RandomStream } from "../../src/simulation/workload/random_stream.ts";
import { createWorld, offer, type World, type WorldOptions } from "../virtual/world.ts";

const settings = { policy: adaptivePolicy(), cpuParallelism: 2, minWorkers: 2 };

function kindOf({ router }: World, name: string): KindStats {
  return router.stats().kinds.find(({ kind }) => kind === name)!;
}

/** Run times of `n` jobs, one after the other, around 20 ms. */
async function runSpread(sigma: number, n: number, options: WorldOptions = {}) {
  const world = await createWorld({ ...settings, ...options });
  const random = new RandomStream(7, 1);
  for (let i = 0; i < n; i++) {
    offer(world, "shared", { ms: 20 * Math.exp(sigma * random.normal()) });
    world.clock.run();
  }
  return world;
}

for (const [sigma, sharpest, bluntest] of [[0.2, 1.1, 1.7], [0.5, 1.8, 2.9], [1, 3, 7]]) {
  test(`nine in ten runs and more are under the bound, which is no wider than it has to be, at σ ${sigma}`, async () => {
    const { calibration } = kindOf(await runSpread(sigma, 1_500), "shared");
    assert.ok(
      calibration.underBound > 0.9 && calibration.underBound < 0.99,
      `${calibration.underBound}`,
    );
    assert.ok(calibration.sharpness > sharpest && calibration.sharpness < bluntest);
    assert.ok(calibration.runs > 200 && calibration.runs <= 256, `${calibration.runs}`);
    assert.equal(calibration.underWait, 1);
  });
}

test("runs that are all alike are under the bound", async () => {
  for (const sigma of [0, 0.02]) {
    const { calibration } = kindOf(await runSpread(sigma, 300), "shared");
    assert.ok(calibration.underBound > 0.95, `${calibration.underBound}`);
    assert.ok(Math.abs(calibration.sharpness - 1) < 0.05);
  }
});

test("a kind that gets slower is not under its bound until that is known", async () => {
  const world = await runSpread(0.2, 300);
  const { underBound } = kindOf(world, "shared").calibration;
  for (let i = 0; i < 6; i++) {
    offer(world, "shared", { ms: 200 });
    world.clock.run();
  }
  const later = kindOf(world, "shared").calibration;
  assert.ok(later.underBound < underBound - 0.015);
  for (let i = 0; i < 1_000; i++) {
    offer(world, "shared", { ms: 200 });
    world.clock.run();
  }
  assert.ok(kindOf(world, "shared").calibration.underBound > 0.95, "it has faded");
});

test("nothing is known of a kind that has not run, nor without metrics", async () => {
  const world = await createWorld(settings);
  const { calibration, regret, reasons } = kindOf(world, "shared");
  assert.deepEqual(calibration, {
    runs: 0,
    underBound: NaN,
    sharpness: NaN,
    waits: 0,
    underWait: NaN,
  });
  assert.deepEqual(regret, { jobs: 0, meanMs: NaN, probes: 0, wronglyRefused: NaN });
  assert.deepEqual(reasons, {});
  const silent = await runSpread(0.2, 50, { metrics: false });
  assert.equal(kindOf(silent, "shared").calibration.runs, 0);
});

test("waiting for a worker is regretted where this thread would have been quicker", async () => {
  const world = await createWorld({ ...settings, cpuParallelism: 1, minWorkers: 1 });
  for (let i = 0; i < 4; i++) offer(world, "shared", { ms: 2 });
  world.clock.run();
  const { regret } = kindOf(world, "shared");
  assert.equal(regret.jobs, 4);
  // They waited for 0, 2, 4 and 6 ms, as nothing was known of them.
  assert.ok(Math.abs(regret.meanMs - 3) < 0.1, `${regret.meanMs}`);
});

test("a run that would have blocked this thread for longer than its slice is not regretted", async () => {
  const world = await createWorld({ ...settings, cpuParallelism: 1, minWorkers: 1 });
  for (let i = 0; i < 4; i++) offer(world, "shared", { ms: 20 });
  world.clock.run();
  assert.deepEqual(kindOf(world, "shared").regret, {
    jobs: 4,
    meanMs: 0,
    probes: 0,
    wronglyRefused: NaN,
  });
});

test("a kind that has only this thread has no other place to regret", async () => {
  const world = await createWorld(settings);
  for (let i = 0; i < 20; i++) {
    offer(world, "local", { ms: 3 });
    world.clock.run();
  }
  assert.equal(kindOf(world, "local").regret.jobs, 0);
  assert.ok(kindOf(world, "local").calibration.runs > 0);
});

for (const ms of [300, 5]) {
  test(`a probe of ${ms} ms tells whether a refusal would have been wrong`, async () => {
    const world = await createWorld(settings);
    for (let i = 0; i < 20; i++) {
      offer(world, "shared", { ms: 300 });
      world.clock.run();
    }
    world.clock.setTimer(500, () => {}, undefined);
    world.clock.run();
    const told = offer(world, "shared", { ms }, { latencyBudgetMs: 50 });
    assert.equal(told.job?.decision.isProbe ?? true, true);
    world.clock.run();
    const { regret, reasons } = kindOf(world, "shared");
    assert.equal(regret.probes, 1);
    assert.equal(regret.wronglyRefused, ms === 5 ? 1 : 0);
    assert.equal(reasons.probe, 1);
  });
}

test("reasons are counted, each by its kind: those of long jobs all, of short ones by a sample", async () => {
  const world = await createWorld(settings);
  for (let i = 0; i < 1_000; i++) {
    offer(world, "shared", { ms: 0.02 });
    offer(world, "local", { ms: 2 });
    world.clock.run();
  }
  assert.deepEqual(kindOf(world, "local").reasons, { no_module: 1_000 });
  const { tiny, unknown_time } = kindOf(world, "shared").reasons;
  assert.ok(unknown_time >= 1 && unknown_time < 50);
  assert.ok(tiny > 800 && tiny < 1_200, `${tiny}`);
});

test("a policy that invents reasons does not fill the memory", async () => {
  const decide = ({ id }: { id: number }) => ({ strategy: "cpu_pool", reason: `r${id}` }) as const;
  const world = await createWorld({ policy: { name: "chatty", decide } });
  for (let i = 0; i < 200; i++) offer(world, "shared", { ms: 2 });
  world.clock.run();
  const { reasons } = kindOf(world, "shared");
  assert.equal(Object.keys(reasons).length, 65);
  assert.equal(reasons.other, 136);
});

test("listeners get what was predicted beside what came of it", async () => {
  const world = await runSpread(0.2, 30);
  const jobs: SettledJob[] = [];
  const records: { predictedRunMs?: number }[] = [];
  world.router.on("decision", (record) => records.push(record));
  world.router.on("outcome", (job) => jobs.push(job));
  offer(world, "shared", { ms: 20 });
  offer(world, "local", { ms: 20 });
  world.clock.run();
  const [known, unknown] = jobs.sort((a, b) => a.id - b.id).map(({ decision }) => decision);
  assert.ok(Math.abs(known.predictedRunMs! - 20) < 2);
  assert.ok(known.predictedHighMs! > known.predictedRunMs!);
  assert.equal(known.predictedWaitMs, 0);
  assert.equal(records[0].predictedRunMs, known.predictedRunMs);
  assert.deepEqual([unknown.predictedRunMs, unknown.predictedHighMs], [undefined, undefined]);
  assert.equal("predictedRunMs" in unknown, false);
});
