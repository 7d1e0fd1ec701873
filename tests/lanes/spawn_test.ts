import assert from "node:assert/strict";
import { test } from "node:test";
import { createRandom } from "../virtual/random.ts";
import { createWorld, offer, type WorldOptions } from "../virtual/world.ts";

const medium = { computeCost: 10_000 };

async function spawning(options: WorldOptions = {}) {
  const world = await createWorld(options);
  return { ...world, spawn: offer.bind(null, world, "local") };
}

/** Draws numbers that are exponentially distributed, by their mean. */
function exponentials(random: () => number): (mean: number) => number {
  return (mean) => -mean * Math.log(1 - random());
}

test("SpawnLane runs a job later, never inside submit()", async () => {
  const { clock, spawn } = await spawning();
  const told = spawn({ ms: 3 }, medium);
  assert.equal(told.status, "pending");
  clock.run();
  assert.equal(told.story, "spawn completed");
  assert.equal(told.job?.value, 2);
  assert.deepEqual([told.job?.waitMs, told.job?.runMs], [0, 3]);
});

test("SpawnLane refuses a job that will not end within its budget", async () => {
  const { clock, spawn } = await spawning({ spawnConcurrency: 1 });
  for (let i = 0; i < 2; i++) spawn({ ms: 10 }, medium);
  clock.run(); // such a job is known to take 10 ms
  const hasty = { ...medium, latencyBudgetMs: 25 };
  const jobs = [1, 2, 3].map(() => spawn({ ms: 10 }, hasty));
  clock.run();
  assert.deepEqual(jobs.map(({ story }) => story), [
    "spawn completed",
    "spawn completed",
    "backpressure_drop dropped spawn_saturated",
  ]);
  assert.equal(jobs[2].job!.totalMs, 0, "it is refused at once");
});

test("SpawnLane refuses by what those ahead take on average, where sizes differ", async () => {
  const { clock, spawn } = await spawning();
  const exponential = exponentials(createRandom(7));
  const jobs: ReturnType<typeof spawn>[] = [];
  // 70 % of the time is taken: in order of arrival, one in 200 would have to wait for longer than 50 ms.
  for (let atMs = 0; atMs < 10_000; atMs += exponential(3 / 0.7)) {
    const ms = exponential(3);
    clock.at(atMs, () => jobs.push(spawn({ ms }, { ...medium, latencyBudgetMs: 50 })), undefined);
  }
  clock.run();
  const completed = jobs.filter(({ story }) => story === "spawn completed").length;
  assert.ok(completed > 0.98 * jobs.length, `${completed} of ${jobs.length}`);
});

test("SpawnLane has the one with the smaller budget go first, and both classes get their share", async () => {
  const { clock, spawn } = await spawning();
  const random = createRandom(7);
  const exponential = exponentials(random);
  const jobs: Record<number, ReturnType<typeof spawn>[]> = { 20: [], 500: [] };
  for (let atMs = 0; atMs < 10_000; atMs += exponential(3 / 2)) { // twice what can be done
    const ms = exponential(3);
    const latencyBudgetMs = random() < 0.5 ? 20 : 500;
    const hints = { ...medium, latencyBudgetMs };
    clock.at(atMs, () => jobs[latencyBudgetMs].push(spawn({ ms }, hints)), undefined);
  }
  clock.run();
  for (const [budgetMs, ofClass] of Object.entries(jobs)) {
    const done = ofClass.filter(({ story }) => story === "spawn completed").length;
    assert.ok(done > 0.4 * ofClass.length, `${budgetMs} ms: ${done} of ${ofClass.length}`);
  }
});

test("SpawnLane does not have jobs without a budget wait for long for those with one", async () => {
  const world = await createWorld();
  const random = createRandom(7);
  const jobs: Record<string, ReturnType<typeof offer>[]> = { hasty: [], patient: [] };
  for (let atMs = 0; atMs < 10_000; atMs += 4.5) { // 67 % of the time
    const hasty = () => jobs.hasty.push(offer(world, "local", { ms: 3 }, { latencyBudgetMs: 50 }));
    world.clock.at(atMs, hasty, undefined);
  }
  for (let atMs = 0; atMs < 10_000; atMs += 45) { // and as much again
    const ms = 25 + 10 * random();
    world.clock.at(atMs, () => jobs.patient.push(offer(world, "local_group", { ms })), undefined);
  }
  world.clock.run();
  assert.ok(jobs.patient.every(({ status }) => status === "completed"));
  const longestMs = Math.max(...jobs.patient.map(({ job }) => job!.waitMs));
  assert.ok(longestMs < 1_500, `${longestMs} ms`);
  const done = jobs.hasty.filter(({ status }) => status === "completed").length;
  assert.ok(done > 0.4 * jobs.hasty.length, `${done} of ${jobs.hasty.length}`);
});

test("SpawnLane gives up no job without a budget, however many come", async () => {
  const { clock, spawn } = await spawning();
  const jobs: ReturnType<typeof spawn>[] = [];
  for (let atMs = 0; atMs < 6_000; atMs += 1.5) {
    clock.at(atMs, () => jobs.push(spawn({ ms: 3 }, medium)), undefined);
  }
  clock.run();
  assert.ok(jobs.every(({ story }) => story === "spawn completed"));
});

test("SpawnLane does not start a job that will not end within its budget", async () => {
  const { clock, spawn } = await spawning({ spawnConcurrency: 1 });
  for (let i = 0; i < 2; i++) spawn({ ms: 10 }, medium);
  clock.run(); // such a job is known to take 10 ms
  const hasty = { ...medium, latencyBudgetMs: 25 };
  const jobs = [18, 10].map((ms) => spawn({ ms }, hasty));
  clock.run();
  assert.deepEqual(jobs.map(({ story }) => story), ["spawn completed", "spawn dropped expired"]);
  assert.equal(jobs[1].job!.totalMs, 18, "it is dropped when its turn comes, with 7 ms left");
});

test("SpawnLane tests an estimate by which it would refuse, one job at a time", async () => {
  const world = await spawning({ spawnConcurrency: 1 });
  const { clock, router, spawn } = world;
  for (let i = 0; i < 2; i++) {
    spawn({ ms: 40 }, medium); // slow at first
    offer(world, "local_group", { ms: 25 }, medium);
  }
  clock.run();
  const hasty = { ...medium, latencyBudgetMs: 60 };
  const play = (firstMs: number) => {
    const ahead = offer(world, "local_group", { ms: 25 }, { ...medium, priority: 9 });
    const jobs = [firstMs, 2].map((ms) => spawn({ ms }, hasty));
    clock.run();
    assert.equal(ahead.story, "spawn completed");
    return jobs.map(({ story }) => story);
  };
  const refused = "backpressure_drop dropped spawn_saturated";
  assert.deepEqual(play(2), [refused, refused], "confirmed just now");
  clock.advance(100);
  const tested = ["spawn completed", "spawn dropped expired"];
  assert.deepEqual(play(40), tested, "the first of them tests it, alone");
  assert.deepEqual(play(2), [refused, refused], "it was right");
  clock.advance(200);
  assert.deepEqual(play(2), ["spawn completed", "spawn completed"], "it was wrong");
  assert.ok(router.load.model.predict({ index: 0 }, medium.computeCost).highMs < 60);
});

test("SpawnLane sends to the pool what would wait for longer than a slice", async () => {
  const world = await createWorld({ cpuParallelism: 1, minWorkers: 1, inlineSliceMs: 8 });
  for (let i = 0; i < 2; i++) offer(world, "shared", { ms: 3 }, medium);
  world.clock.run(); // such a job is known to take 3 ms
  const jobs = Array.from({ length: 8 }, () => offer(world, "shared", { ms: 3 }, medium));
  // 3 wait here, and no more until the pool has as much to do.
  assert.equal(Math.round(world.router.stats().load.spawnWorkMs), 12);
  world.clock.run();
  const lanes = jobs.map(({ story }) => story.split(" ")[0]);
  assert.deepEqual(lanes, [...Array(3).fill("spawn"), ...Array(4).fill("cpu_pool"), "spawn"]);
  assert.equal(world.router.stats().load.spawnWorkMs, 0);
});

test("SpawnLane counts the work of batches, and of what nobody knows", async () => {
  const world = await createWorld({ batchMaxSize: 2 });
  const { load } = world.router;
  const scaling = { computeCost: 100_000, scalingPotential: 1 };
  const group = () => [1, 2].map((id) => offer(world, "local_group", { id, ms: 4 }, scaling));
  group();
  assert.ok(Number.isNaN(load.spawnWorkMs));
  world.clock.run();
  group();
  assert.equal(load.spawnWorkMs, 8);
  world.clock.run();
  assert.equal(load.spawnWorkMs, 0);
});

test("SpawnLane starts one job in each turn of the loop", async () => {
  const { clock, spawn } = await spawning();
  const startedIn: number[] = [];
  for (let i = 0; i < 5; i++) spawn({ onRun: () => startedIn.push(clock.turns) }, medium);
  let other = 0;
  const beat = (): void => void (++other < 10 && clock.post(beat, undefined));
  clock.post(beat, undefined);
  clock.run();
  assert.equal(new Set(startedIn).size, 5);
  startedIn.slice(1).forEach((turn, i) => assert.ok(turn >= startedIn[i] + 2, "others get turns"));
});

test("SpawnLane keeps at most spawnConcurrency runs unsettled", async () => {
  const { clock, router, spawn } = await spawning({ spawnConcurrency: 3 });
  let [running, most] = [0, 0];
  const jobs = Array.from({ length: 10 }, () =>
    spawn({
      ms: 20,
      later: true,
      onRun: () => {
        running = router.stats().load.spawnRunning;
        most = Math.max(most, running);
      },
    }, medium));
  clock.advance(5);
  assert.deepEqual([router.stats().load.spawnRunning, router.stats().load.spawnWaiting], [3, 7]);
  clock.run();
  assert.equal(most, 3);
  assert.ok(jobs.every((job) => job.status === "completed"));
  assert.equal(router.stats().load.spawnRunning, 0);
});

test("SpawnLane keeps to its concurrency when a dropped job's sink submits", async () => {
  const { clock, router, spawn } = await spawning({
    spawnConcurrency: 1,
    policy: {
      name: "sheds the first",
      decide: () => ({ strategy: "spawn", reason: "test" }),
      admit: (job) => job.id === 1 ? { reason: "shed" } : "run",
    },
  });
  const inside: number[] = [];
  const task = { ms: 5, later: true, onRun: () => inside.push(router.stats().load.spawnRunning) };
  router.offer("local", { id: 0, ms: 1 }, undefined, {
    settled: () => void spawn(task),
    refused: assert.fail,
  });
  spawn(task);
  clock.run();
  assert.deepEqual(inside, [1, 1]);
});

test("SpawnLane lets the pool have what it has no place for", async () => {
  const world = await createWorld({ spawnQueueCapacity: 2 });
  offer(world, "shared", {}, medium);
  world.clock.run(); // known to be short
  const jobs = Array.from({ length: 4 }, () => offer(world, "shared", {}, medium));
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.story), [
    ...["spawn completed", "spawn completed", "cpu_pool completed", "cpu_pool completed"],
  ]);
});

test("SpawnLane drops what it has no place for if there is no module", async () => {
  const { clock, router, spawn } = await spawning({ spawnQueueCapacity: 2 });
  const jobs = Array.from({ length: 3 }, () => spawn({}, medium));
  assert.equal(jobs[2].story, "backpressure_drop dropped lane_full");
  assert.equal(router.stats().routed.backpressure_drop, 1);
  clock.run();
  assert.deepEqual(jobs.map((job) => job.status), ["completed", "completed", "dropped"]);
});

test("SpawnLane frees the place of a cancelled job at once", async () => {
  const { clock, router, spawn } = await spawning({ spawnQueueCapacity: 1 });
  const controller = new AbortController();
  const first = spawn({}, { ...medium, signal: controller.signal });
  assert.equal(spawn({}, medium).status, "dropped");
  controller.abort("enough");
  assert.deepEqual([first.status, first.job?.value], ["cancelled", "enough"]);
  assert.equal(router.stats().load.spawnWaiting, 0);
  const third = spawn({}, medium);
  clock.run();
  assert.equal(third.status, "completed");
});

test("SpawnLane holds the place of a running job that was cancelled until it ends", async () => {
  const { clock, router, spawn } = await spawning({ spawnConcurrency: 1 });
  const controller = new AbortController();
  const first = spawn({ ms: 30, later: true }, { ...medium, signal: controller.signal });
  const second = spawn({ ms: 1 }, medium);
  clock.advance(10);
  controller.abort();
  assert.equal(first.status, "cancelled");
  assert.equal(router.stats().load.spawnRunning, 1);
  clock.advance(10);
  assert.equal(second.status, "pending");
  clock.run();
  assert.equal(second.status, "completed");
  assert.equal(second.job?.totalMs, 31);
});

test("SpawnLane drops a job whose budget has run out, at that moment, and runs none late", async () => {
  const { clock, spawn } = await spawning({ spawnConcurrency: 1 });
  spawn({ ms: 50, later: true }, medium);
  let ran = false;
  const told = spawn({ onRun: () => ran = true }, { ...medium, latencyBudgetMs: 20 });
  clock.runUntil(19);
  assert.equal(told.status, "pending");
  clock.runUntil(20);
  assert.equal(told.story, "spawn dropped expired");
  assert.deepEqual([told.job?.totalMs, told.job?.runMs], [20, 0]);
  clock.run();
  assert.equal(ran, false);
});

test("SpawnLane runs no job whose budget ran out while the loop was occupied", async () => {
  const { clock, spawn } = await spawning();
  let ran = false;
  const told = spawn({ onRun: () => ran = true }, { ...medium, latencyBudgetMs: 20 });
  clock.occupy(21);
  clock.run();
  assert.equal(told.story, "spawn dropped expired");
  assert.equal(ran, false);
});

test("SpawnLane times a run without what the sinks of dropped jobs take", async () => {
  const { clock, router, spawn } = await spawning();
  router.offer("local", { id: 0, ms: 1 }, { ...medium, latencyBudgetMs: 5 }, {
    settled: () => clock.occupy(7),
    refused: assert.fail,
  });
  const late = spawn({ ms: 1 }, { ...medium, latencyBudgetMs: 10 });
  const told = spawn({ ms: 2 }, medium);
  clock.occupy(6);
  clock.run();
  assert.equal(late.story, "spawn dropped expired", "it was expired by the sink before it");
  assert.deepEqual([told.job?.waitMs, told.job?.runMs], [13, 2]);
});

test("SpawnLane starts what waits when spawnConcurrency is raised", async () => {
  const { clock, router, spawn } = await spawning({ spawnConcurrency: 1 });
  spawn({ ms: 50, later: true }, medium);
  const second = spawn({}, medium);
  clock.advance(5);
  router.configure({ spawnConcurrency: 2 });
  clock.advance(5);
  assert.equal(second.status, "completed");
  clock.run();
});
