import assert from "node:assert/strict";
import { test } from "node:test";
import { JobFailedError, JobModuleError, JobTimeoutError, WorkerCrashedError } from "../../mod.ts";
import { createWorld, offer, type Task, type Told, type World } from "../virtual/world.ts";

const heavy = { computeCost: 100_000 };

function offerMany(world: World, count: number, task: Partial<Task> = {}, options = {}): Told[] {
  return Array.from(
    { length: count },
    (_, id) => offer(world, "shared", { id, ...task }, { ...heavy, ...options }),
  );
}

const statuses = (jobs: readonly Told[]) => jobs.map((job) => job.status);

test("CpuPoolLane starts workers as they are needed, and no more than cpuParallelism", async () => {
  const world = await createWorld({ cpuParallelism: 3 });
  assert.equal(world.ports.all.length, 0);
  const first = offer(world, "shared", { ms: 10 }, heavy);
  assert.equal(world.ports.all.length, 1);
  world.clock.run();
  assert.deepEqual([first.job?.waitMs, first.job?.runMs], [1, 10]);
  const jobs = offerMany(world, 10, { ms: 10 });
  world.clock.advance(5);
  assert.equal(world.ports.alive.length, 3);
  assert.equal(world.ports.atWork, 3);
  const { load, workers } = world.router.stats();
  assert.deepEqual([load.poolRunning, load.poolWaiting, workers.busy], [3, 7, 3]);
  world.clock.run();
  assert.deepEqual([world.ports.mostAtWork, world.ports.violations], [3, []]);
  assert.ok(jobs.every((job) => job.story === "cpu_pool completed"));
});

test("CpuPoolLane starts no worker more than there are calls waiting", async () => {
  const world = await createWorld({ cpuParallelism: 8, model: { startMs: 20 } });
  offerMany(world, 2);
  assert.equal(world.ports.all.length, 2);
  offerMany(world, 1);
  assert.equal(world.ports.all.length, 3);
});

test("CpuPoolLane takes its calls in order of arrival, and priority first", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const priorities = [5, 5, 9, 0, 5];
  priorities.forEach((priority, id) => offer(world, "shared", { id }, { ...heavy, priority }));
  world.clock.run();
  const order = world.ports.calls.map(({ payload }) => (payload as Task).id);
  assert.deepEqual(order, [2, 0, 1, 4, 3]);
});

test("CpuPoolLane sends a kind without a module elsewhere", async () => {
  const policy = { name: "all", decide: () => ({ strategy: "cpu_pool" as const, reason: "test" }) };
  const world = await createWorld({ policy });
  assert.equal(world.router.explain("local", { id: 1, ms: 1 }).reason, "no_module");
  const told = offer(world, "local");
  world.clock.run();
  assert.equal(told.story, "spawn completed");
  assert.equal(world.ports.all.length, 0);
});

test("CpuPoolLane drops what is above its capacity", async () => {
  const world = await createWorld({ cpuParallelism: 1, cpuQueueCapacity: 2 });
  const jobs = offerMany(world, 4);
  assert.deepEqual(jobs.map((job) => job.story), [
    ...["pending", "pending"],
    "backpressure_drop dropped pool_saturated",
    "backpressure_drop dropped pool_saturated",
  ]);
  world.clock.advance(1); // the worker has started and taken one
  assert.equal(offer(world, "shared", {}, heavy).status, "pending");
  world.clock.run();
});

test("CpuPoolLane frees the place of a cancelled job at once", async () => {
  const world = await createWorld({ cpuParallelism: 1, cpuQueueCapacity: 1 });
  const controller = new AbortController();
  const first = offer(world, "shared", {}, { ...heavy, signal: controller.signal });
  assert.equal(offer(world, "shared", {}, heavy).status, "dropped");
  controller.abort();
  assert.equal(first.status, "cancelled");
  assert.equal(world.router.stats().load.poolWaiting, 0);
  const third = offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.equal(third.status, "completed");
  assert.equal(world.ports.calls.length, 1, "the cancelled one was never sent");
});

test("CpuPoolLane settles an aborted call at once and keeps its permit until the worker ends it", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const controller = new AbortController();
  const first = offer(world, "shared", { ms: 50 }, { ...heavy, signal: controller.signal });
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.advance(10);
  controller.abort("stop");
  assert.deepEqual([first.status, first.job?.value], ["cancelled", "stop"]);
  assert.deepEqual([world.ports.aborted, world.router.stats().load.poolRunning], [[1], 1]);
  world.clock.advance(30);
  assert.equal(second.status, "pending");
  world.clock.run();
  assert.equal(second.job?.totalMs, 52);
  assert.equal(world.ports.all.length, 1, "no worker was ended for it");
});

test("CpuPoolLane hands the permit of a call that heeds its abort on at once", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const controller = new AbortController();
  const task = { ms: 50, heeds: true };
  offer(world, "shared", task, { ...heavy, signal: controller.signal });
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.advance(10);
  controller.abort();
  world.clock.run();
  assert.equal(second.job?.totalMs, 12);
});

test("CpuPoolLane ends the worker of an aborted call after abortGraceMs", async () => {
  const world = await createWorld({ cpuParallelism: 1, abortGraceMs: 5 });
  const controller = new AbortController();
  offer(world, "shared", { ms: 1_000 }, { ...heavy, signal: controller.signal });
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.advance(10);
  controller.abort();
  world.clock.runUntil(14.9);
  assert.equal(world.ports.alive.length, 1);
  world.clock.run();
  assert.equal(world.ports.all.length, 2);
  assert.equal(second.status, "completed");
  assert.equal(second.job?.totalMs, 10 + 5 + 1 + 1 + 1, "grace, end, start, run");
  assert.equal(world.router.stats().workers.crashed, 0);
});

test("CpuPoolLane leaves a worker that stops within abortGraceMs alone", async () => {
  const world = await createWorld({ cpuParallelism: 1, abortGraceMs: 5 });
  const controller = new AbortController();
  const task = { ms: 1_000, heeds: true };
  offer(world, "shared", task, { ...heavy, signal: controller.signal });
  world.clock.advance(10);
  controller.abort();
  const next = offer(world, "shared", { ms: 100 }, heavy);
  world.clock.advance(50);
  assert.equal(world.ports.alive.length, 1);
  world.clock.run();
  assert.equal(next.status, "completed");
});

test("CpuPoolLane settles a job at runTimeoutMs and replaces a worker that goes on", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const first = offer(world, "shared", { ms: 1_000 }, { ...heavy, runTimeoutMs: 20 });
  const second = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.runUntil(20);
  assert.equal(first.status, "pending", "it starts with the run, not with submit");
  world.clock.runUntil(21);
  assert.equal(first.story, "cpu_pool timedOut");
  assert.ok(first.job?.value instanceof JobTimeoutError);
  assert.equal(first.job.value.runTimeoutMs, 20);
  world.clock.run();
  assert.equal(second.status, "completed");
  assert.equal(world.ports.all.length, 2);
});

test("CpuPoolLane does not let a run timeout touch a job that ended in time", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const first = offer(world, "shared", { ms: 19 }, { ...heavy, runTimeoutMs: 20 });
  world.clock.run();
  assert.equal(first.status, "completed");
  assert.equal(world.ports.all.length, 1);
});

test("CpuPoolLane loses only the call that a dying worker was on", async () => {
  const world = await createWorld({ cpuParallelism: 2 });
  const jobs = (["ok", "crash", "ok", "ok"] as const).map((end, id) =>
    offer(world, "shared", { id, end, ms: 10 }, heavy)
  );
  world.clock.run();
  assert.deepEqual(statuses(jobs), ["completed", "failed", "completed", "completed"]);
  const { workers } = world.router.stats();
  assert.deepEqual([workers.crashed, workers.started], [1, 3]);
});

test("CpuPoolLane fails a job that throws or cannot be cloned, with the cause", async () => {
  const world = await createWorld();
  const [thrown, uncloneable] = (["throw", "uncloneable"] as const).map((end) =>
    offer(world, "shared", { id: 7, end }, heavy).jobs
  );
  world.clock.run();
  const causes = [thrown[0].value, uncloneable[0].value].map((error) => {
    assert.ok(error instanceof JobFailedError);
    return error.cause as Error;
  });
  assert.equal(causes[0].message, "task 7");
  assert.equal(causes[1].name, "DataCloneError");
  assert.equal(world.router.stats().workers.crashed, 0);
});

test("CpuPoolLane drops a result that comes too late", async () => {
  const world = await createWorld({ cpuParallelism: 1, model: { lateResults: 1 } });
  const jobs = [0, 1, 2, 3].map((id) => offer(world, "shared", { id, ms: 1 + id }, heavy));
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.job?.value), [0, 2, 4, 6]);
  assert.equal(world.router.stats().doubleSettled, 0);
});

test("CpuPoolLane tries three times to start a worker, later each time, then fails what waits", async () => {
  const world = await createWorld({ cpuParallelism: 1, model: { startFailures: 1 } });
  const jobs = offerMany(world, 2);
  const startedAt: number[] = [];
  let seen = 0;
  do {
    if (world.ports.all.length > seen) startedAt.push(world.clock.now());
    seen = world.ports.all.length;
  } while (jobs[0].status === "pending" && world.clock.step());
  assert.deepEqual(startedAt, [0, 101, 302]);
  assert.deepEqual(jobs.map((job) => job.story), ["cpu_pool failed", "cpu_pool failed"]);
  assert.equal((jobs[0].job?.value as Error).message, "model: cannot start");
  const next = offer(world, "shared", {}, heavy);
  assert.equal(next.status, "failed", "until the next try, calls fail at once");
  world.clock.run();
});

test("CpuPoolLane works again when workers can be started again", async () => {
  const world = await createWorld({ cpuParallelism: 1, model: { startFailures: 1 } });
  offer(world, "shared", {}, heavy);
  world.clock.run();
  world.clock.advance(1_000);
  Object.assign(world.ports.model, { startFailures: 0 });
  const told = offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.equal(told.status, "completed");
});

test("CpuPoolLane gives up at once on a job module that cannot be loaded", async () => {
  const world = await createWorld({ cpuParallelism: 1, model: { startMs: 10 } });
  const told = offer(world, "shared", {}, heavy);
  const error = new JobModuleError("Cannot start worker: no such file");
  world.ports.all[0].die(error);
  assert.deepEqual([told.status, told.job?.value], ["failed", error]);
  world.clock.run();
  assert.equal(world.ports.all.length, 1);
});

test("CpuPoolLane lets jobs wait for a worker that is still coming up when another fails to", async () => {
  const world = await createWorld({ cpuParallelism: 2, model: { startMs: 10 } });
  const jobs = offerMany(world, 2);
  world.ports.all[0].die(new JobModuleError("Cannot start worker: no such file"));
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.status), ["completed", "completed"]);
  assert.equal(offer(world, "shared", {}, heavy).status, "pending");
  world.clock.run();
});

test("CpuPoolLane goes on with the workers it has when another cannot be started", async () => {
  const world = await createWorld({ cpuParallelism: 2 });
  offer(world, "shared", { ms: 5_000 }, heavy);
  world.clock.advance(1);
  Object.assign(world.ports.model, { startFailures: 1 });
  const told = offer(world, "shared", { ms: 1 }, heavy);
  world.clock.run();
  assert.equal(told.status, "completed");
});

test("CpuPoolLane ends a worker that does not start in time, and takes no late ready for one", async () => {
  const world = await createWorld({
    cpuParallelism: 1,
    workerStartTimeoutMs: 50,
    model: { startMs: 55, endMs: 10 }, // "ready" comes between terminate() and the end
  });
  const told = offer(world, "shared", {}, heavy);
  world.clock.runUntil(61);
  assert.deepEqual(world.router.stats().workers.starting, 0);
  Object.assign(world.ports.model, { startMs: 1 });
  world.clock.run();
  assert.equal(told.status, "completed", "the next worker comes");
  const { workers } = world.router.stats();
  assert.deepEqual([workers.started, workers.starting, workers.crashed], [2, 0, 1]);
  assert.deepEqual(world.ports.violations, []);
});

test("CpuPoolLane says why a worker did not start", async () => {
  const world = await createWorld({
    cpuParallelism: 1,
    workerStartTimeoutMs: 50,
    model: { startMs: 1e6 },
  });
  const told = offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.ok(told.job?.value instanceof WorkerCrashedError);
  assert.equal(told.job.value.message, "Worker did not start within 50 ms");
});

test("CpuPoolLane ends idle workers after idleTimeoutMs, all but minWorkers", async () => {
  const world = await createWorld({ cpuParallelism: 3, minWorkers: 1, idleTimeoutMs: 100 });
  assert.equal(world.ports.alive.length, 1);
  offerMany(world, 3, { ms: 10 });
  world.clock.advance(20);
  assert.equal(world.ports.alive.length, 3);
  assert.equal(world.clock.holding, 0, "what waits for idle workers keeps no process alive");
  world.clock.advance(80);
  assert.equal(world.ports.alive.length, 3);
  world.clock.run();
  assert.equal(world.ports.alive.length, 1);
  assert.deepEqual(world.router.stats().workers.crashed, 0);
  const again = offerMany(world, 3);
  world.clock.run();
  assert.deepEqual(statuses(again), Array(3).fill("completed"));
});

test("CpuPoolLane takes the worker that was used last, so that the others can end", async () => {
  const world = await createWorld({ cpuParallelism: 2, idleTimeoutMs: 100 });
  offerMany(world, 2, { ms: 10 });
  world.clock.advance(30);
  for (let i = 0; i < 20; i++) {
    offer(world, "shared", { ms: 1 }, heavy);
    world.clock.advance(10);
  }
  assert.equal(world.ports.alive.length, 1);
});

test("CpuPoolLane replaces a kept worker that dies", async () => {
  const world = await createWorld({ minWorkers: 1 });
  world.ports.all[0].die(new Error("gone"));
  world.clock.advance(90);
  assert.equal(world.ports.all.length, 1, "not at once: the next may die as soon");
  world.clock.advance(11);
  assert.equal(world.ports.alive.length, 1);
  assert.equal(world.router.stats().workers.idle, 1);
});

test("CpuPoolLane closes at maxLostWorkers and drops what waits", async () => {
  const world = await createWorld({ cpuParallelism: 1, maxLostWorkers: 2 });
  const lost = offerMany(world, 2, { end: "lost", ms: 5 });
  const waiting = offerMany(world, 2);
  const gathering = offer(world, "group", {}, { ...heavy, scalingPotential: 1 });
  world.clock.advance(8);
  assert.deepEqual(statuses(lost), ["failed", "pending"]);
  assert.equal(world.router.stats().load.poolOpen, true);
  world.clock.run();
  assert.deepEqual(statuses(lost), ["failed", "failed"]);
  const dropped = [...waiting, gathering].map((job) => job.job?.value);
  assert.deepEqual(dropped, Array(3).fill("workers_lost"));
  const { load, workers } = world.router.stats();
  assert.deepEqual([load.poolOpen, workers.lost], [false, 2]);
  const after = offer(world, "shared", {}, heavy);
  assert.equal(after.story, "backpressure_drop dropped workers_lost");
  const tiny = offer(world, "shared", {}, { computeCost: 1, scalingPotential: 1 });
  assert.equal(tiny.story, "inline completed", "what can run here still does");
});

test("CpuPoolLane never speaks to a worker that is dead, whatever sinks do meanwhile", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const controller = new AbortController();
  const running = offer(world, "shared", { end: "lost", ms: 5 }, {
    ...heavy,
    signal: controller.signal,
  });
  world.router.offer("shared", { id: 2, ms: 1 }, heavy, {
    settled: () => controller.abort("by the sink"), // the death drops it before the running one
    refused: assert.fail,
  });
  world.clock.run();
  assert.deepEqual([running.status, running.job?.value], ["cancelled", "by the sink"]);
  assert.deepEqual(world.ports.violations, []);
});

test("CpuPoolLane closes at cpuParallelism lost workers by default", async () => {
  const world = await createWorld({ cpuParallelism: 2 });
  offerMany(world, 1, { end: "lost" });
  world.clock.run();
  assert.equal(world.router.stats().load.poolOpen, true);
  offerMany(world, 1, { end: "lost" });
  world.clock.run();
  assert.equal(world.router.stats().load.poolOpen, false);
});

test("CpuPoolLane knows the work that waits once it has seen each kind", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const measure = () => {
    const { load } = world.router.stats();
    return load.poolWorkMs;
  };
  offerMany(world, 2, { ms: 10 }, { computeCost: 100_000 });
  assert.ok(Number.isNaN(measure()), "nothing is known of a kind that never ran");
  world.clock.run();
  assert.equal(measure(), 0);
  offerMany(world, 3, { ms: 10 }, { computeCost: 200_000 });
  world.clock.advance(5);
  assert.equal(Math.round(measure()), 40, "two wait, each with twice the cost");
  const slow = offer(world, "shared", {}, { ...heavy, latencyBudgetMs: 39 });
  assert.equal(slow.story, "backpressure_drop dropped pool_saturated");
  const [dropped] = [slow.job as unknown as { retryAfterMs: number }];
  assert.ok(dropped.retryAfterMs >= 40);
  assert.equal(offer(world, "shared", {}, { ...heavy, latencyBudgetMs: 60 }).status, "pending");
  world.clock.run();
  assert.equal(measure(), 0);
});
