// What becomes of kinds by the adaptive policy, in whole routers on a virtual clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, type RouterState, type SubmitOptions } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createRandom } from "../virtual/random.ts";
import {
  createWorld,
  offer,
  type Task,
  Told,
  type World,
  type WorldOptions,
} from "../virtual/world.ts";

function createAdaptive(options: WorldOptions = {}): Promise<World> {
  return createWorld({ policy: adaptivePolicy(), cpuParallelism: 2, minWorkers: 2, ...options });
}

/** Runs jobs one after the other; where each has run. */
function runAll(world: World, kind: string, times: readonly number[], task: Partial<Task> = {}) {
  return times.map((ms) => {
    const told = offer(world, kind, { ms, ...task });
    world.clock.advance(ms + 5);
    assert.equal(told.status, "completed");
    return told.job!.strategy;
  });
}

const times = (count: number, ms: number) => new Array<number>(count).fill(ms);

/** What was decided of each job. */
function reasonsOf(world: World): string[] {
  const reasons: string[] = [];
  world.router.onDecision(({ strategy, reason }) => void reasons.push(`${strategy} ${reason}`));
  return reasons;
}

/** Keeps all workers busy with jobs of another kind, for so long. */
function occupy(world: World, ms: number): void {
  for (let i = 0; i < 2; i++) offer(world, "steady_group", { ms });
}

test("a kind runs on workers until 8 runs have shown that it is tiny", async () => {
  const world = await createAdaptive();
  const reasons = reasonsOf(world);
  const strategies = runAll(world, "shared", times(20, 0.4));
  assert.deepEqual(strategies, [...Array(8).fill("cpu_pool"), ...Array(12).fill("inline")]);
  assert.deepEqual([...new Set(reasons)], [
    "cpu_pool unknown_time",
    "cpu_pool in_time",
    "inline tiny",
  ]);
});

test("nothing is refused by a first run that was slow, at a cost far below", async () => {
  const world = await createAdaptive();
  const first = offer(world, "shared", { ms: 15 }, { computeCost: 12 });
  world.clock.advance(20);
  const told = [1, 2, 3].map((id) =>
    offer(world, "shared", { id, ms: 167 }, { computeCost: 24_000, latencyBudgetMs: 2_000 })
  );
  world.clock.run();
  assert.deepEqual([first, ...told].map(({ story }) => story), Array(4).fill("cpu_pool completed"));
});

test("a kind without a module runs later on this thread until it is known to be tiny", async () => {
  const world = await createAdaptive();
  const strategies = runAll(world, "local", times(20, 0.4));
  assert.deepEqual(strategies, [...Array(8).fill("spawn"), ...Array(12).fill("inline")]);
  assert.deepEqual(new Set(runAll(world, "local_group", times(20, 3))), new Set(["spawn"]));
});

test("a kind that takes longer than tiny jobs do stays on workers", async () => {
  const world = await createAdaptive();
  assert.deepEqual(new Set(runAll(world, "shared", times(50, 1.2))), new Set(["cpu_pool"]));
});

test("a kind of which one run in ten blocks for 20 ms is not run on this thread", async () => {
  for (const seed of [1, 2, 3, 4]) {
    const random = createRandom(seed);
    const world = await createAdaptive();
    const draw = (count: number) => Array.from({ length: count }, () => random() < 0.1 ? 20 : 0.2);
    runAll(world, "shared", draw(200));
    assert.deepEqual(new Set(runAll(world, "shared", draw(400))), new Set(["cpu_pool"]));
  }
});

test("a kind that mostly waits runs on this thread, however long it takes", async () => {
  const world = await createAdaptive();
  const reasons = reasonsOf(world);
  const strategies = runAll(world, "local", times(20, 40), { later: true });
  assert.deepEqual(strategies, [...Array(8).fill("spawn"), ...Array(12).fill("inline")]);
  assert.equal(reasons.at(-1), "inline mostly_waits");
});

test("a kind that gets ten times slower leaves this thread within some ten runs", async () => {
  for (const kind of ["shared", "local"]) {
    const world = await createAdaptive();
    runAll(world, kind, times(200, 0.3));
    const strategies = runAll(world, kind, times(20, 3));
    const instead = kind === "local" ? "spawn" : "cpu_pool";
    assert.ok(strategies.lastIndexOf("inline") <= 10, strategies.join(" "));
    assert.equal(strategies.at(-1), instead);
  }
});

test("a kind that gets ten times quicker comes to this thread within some twenty runs", async () => {
  const world = await createAdaptive();
  runAll(world, "shared", times(200, 5));
  assert.ok(runAll(world, "shared", times(25, 0.5)).indexOf("inline") <= 20);
});

test("what runs on this thread for its cost does so at the costs for which that holds", async () => {
  const world = await createAdaptive();
  const run = (computeCost: number) => {
    const told = offer(world, "shared", { ms: computeCost / 1_000 }, { computeCost });
    world.clock.advance(200);
    return told.job!.strategy;
  };
  for (let i = 0; i < 40; i++) for (const cost of [100, 1_000, 10_000, 100_000]) run(cost);
  const costs = [90, 130, 700, 6_000, 12_000, 90_000];
  const [inline, pool] = ["inline", "cpu_pool"];
  assert.deepEqual(costs.map(run), [inline, inline, inline, pool, pool, pool]);
});

const hasty = { latencyBudgetMs: 30 };

/** A world in which jobs of 10 ms are known, and all workers are busy for 15 ms more. */
async function createBusy(options: WorldOptions = {}) {
  const world = await createAdaptive(options);
  runAll(world, "shared", times(20, 10));
  runAll(world, "steady_group", times(20, 15));
  runAll(world, "shared", [10]);
  const reasons = reasonsOf(world);
  occupy(world, 15);
  reasons.length = 0;
  const submit = (budget: SubmitOptions = hasty, ms = 10): Told =>
    offer(world, "shared", { ms }, budget);
  return { world, reasons, submit };
}

test("jobs that cannot be in time are dropped as they come, others wait", async () => {
  const { world, reasons, submit } = await createBusy();
  const jobs = Array.from({ length: 2 }, () => submit());
  jobs.push(...Array.from({ length: 3 }, () => submit({ latencyBudgetMs: 24 })));
  assert.deepEqual(reasons.slice(2), Array(3).fill("backpressure_drop too_late"));
  assert.equal(reasons[0], "cpu_pool in_time");
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.status), [
    ...Array(2).fill("completed"),
    ...Array(3).fill("dropped"),
  ]);
});

test("a job that may be in time waits until no other does", async () => {
  const { world, reasons, submit } = await createBusy();
  const jobs = Array.from({ length: 3 }, () => submit());
  const other = submit({ latencyBudgetMs: 200 });
  assert.deepEqual(reasons, [
    "cpu_pool in_time",
    "cpu_pool doubtful",
    "backpressure_drop too_late", // one waits for that already
    "cpu_pool in_time",
  ]);
  world.clock.run();
  assert.deepEqual(jobs.map(({ story }) => story), [
    "cpu_pool completed",
    "cpu_pool dropped expired",
    "backpressure_drop dropped too_late",
  ]);
  assert.equal(other.status, "completed");
});

test("jobs without budgets wait, however many come at a time", async () => {
  const { world, reasons, submit } = await createBusy();
  const jobs = Array.from({ length: 500 }, () => submit({}));
  assert.deepEqual(new Set(reasons), new Set(["cpu_pool in_time"]));
  world.clock.run();
  assert.ok(jobs.every((job) => job.status === "completed"));
});

test("jobs without budgets are refused once more and more have come for a second", async () => {
  const { world, reasons, submit } = await createBusy();
  const jobs: Told[] = [];
  for (let ms = 0; ms < 4_000; ms += 2) {
    jobs.push(submit({})); // ten in 20 ms, of which four can be done
    world.clock.advance(2);
    if (ms < 950) assert.ok(!reasons.includes("backpressure_drop too_late"), `${ms}`);
  }
  assert.ok(reasons.includes("backpressure_drop too_late"));
  world.clock.run();
  const waits = jobs.flatMap(({ job }) => job!.status === "completed" ? [job!.waitMs] : []);
  assert.ok(
    waits.length > 700 && Math.max(...waits) < 2_500,
    `${waits.length}: ${Math.max(...waits)}`,
  );
});

test("a tiny job is refused while this thread is late by more than it may be", async () => {
  const world = await createAdaptive();
  runAll(world, "local", times(20, 0.2));
  const told = () => offer(world, "local", { ms: 0.2 }, { latencyBudgetMs: 20 });
  const busy = offer(world, "local_group", { ms: 10_000, later: true });
  assert.equal(told().story, "inline completed");
  for (let i = 0; i < 30; i++) {
    world.clock.occupy(40);
    world.clock.advance(1);
  }
  assert.equal(told().story, "backpressure_drop dropped loop_late");
  world.clock.run();
  assert.equal(busy.status, "completed");
  assert.equal(told().story, "inline completed");
});

test("what was learned goes on in the next router, and decides as before", async () => {
  const world = await createAdaptive();
  runAll(world, "shared", times(50, 0.4));
  runAll(world, "group", times(50, 12));
  runAll(world, "local", times(50, 40), { later: true });
  const state: RouterState = JSON.parse(JSON.stringify(world.router.exportState()));
  const next = await createAdaptive({ state });
  for (const [kind, ms] of [["shared", 0.4], ["group", 12], ["local", 40]] as const) {
    const [before, after] = [world, next].map(({ router }) => router.explain(kind, { id: 1, ms }));
    assert.deepEqual([after.strategy, after.reason], [before.strategy, before.reason]);
    const [old, restored] = [world, next].map(({ router }) => {
      const index = ["local", "local_group", "shared", "group"].indexOf(kind);
      const { typicalMs, highMs, busyMs, isAsync } = router.load.model.predict(
        { index },
        NaN,
      );
      return [typicalMs, highMs, busyMs, Number(isAsync)].map((value) => value.toFixed(6));
    });
    assert.deepEqual(restored, old);
  }
});

/** What is known of kinds that mostly wait, of which one run in so many blocks for 20 ms. */
async function learnWhatWaits(oneIn: number): Promise<RouterState> {
  const { clock, router } = await createWorld({ policy: forcedPolicy("inline") });
  for (let i = 1; i <= 80; i++) {
    const onRun = () => i % oneIn === 0 && clock.occupy(20);
    for (const kind of ["shared", "group"]) offer({ router }, kind, { ms: 50, later: true, onRun });
    clock.advance(100);
  }
  return router.exportState();
}

test("what mostly waits does not go on to workers that are taken once some runs were long", async () => {
  const world = await createAdaptive({ state: await learnWhatWaits(Infinity) });
  for (let i = 0; i < 4; i++) occupy(world, 2_000);
  const jobs = Array.from({ length: 60 }, (_, i) => {
    const onRun = () => i % 8 === 0 && world.clock.occupy(20);
    return offer(world, "shared", { ms: 50, later: true, onRun }, { latencyBudgetMs: 1_000 });
  });
  world.clock.advance(500);
  for (const { story } of jobs) assert.match(story, /^(inline|spawn) completed$/);
});

test("what mostly waits, and pays as a batch, waits for the workers as one", async () => {
  const world = await createAdaptive({ state: await learnWhatWaits(8) });
  occupy(world, 200);
  const options = { scalingPotential: 0.9 };
  const jobs = [1, 2, 3].map((id) => offer(world, "group", { id, ms: 50, later: true }, options));
  world.clock.run();
  assert.deepEqual(jobs.map(({ story }) => story), new Array(3).fill("batch completed"));
});

test("a new kind gets to run beside others that always wait, though its first job was too late", async () => {
  const world = await createAdaptive();
  const { clock, router } = world;
  const loop = (): void =>
    router.offer("steady_group", { id: 1, ms: 300 }, undefined, new Told(() => loop()));
  for (let i = 0; i < 5; i++) loop();
  const jobs: Told[] = [];
  for (let i = 0; i < 200; i++) {
    jobs.push(offer(world, "shared", { ms: 5 }, { latencyBudgetMs: 250 }));
    clock.advance(20);
  }
  assert.equal(jobs[0].story, "cpu_pool dropped expired");
  assert.ok(jobs.some(({ status }) => status === "completed"));
});
