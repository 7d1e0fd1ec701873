// router.on(): what is told of workers and of saturation, in what order, and to whom.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  InvalidOptionError,
  type SaturationEvent,
  WorkerCrashedError,
  type WorkerEvent,
} from "../../mod.ts";
import { createWorld, offer, type World, type WorldOptions } from "../virtual/world.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";

/** A world with a listener for workers, and what it has heard. */
async function watchedWorld(options: WorldOptions = {}) {
  const world = await createWorld({ policy: forcedPolicy("cpu_pool"), ...options });
  const events: WorkerEvent[] = [];
  const stop = world.router.on("worker", (event) => events.push(event));
  return { world, events, stop, told: () => events.map(({ type, worker }) => `${type} ${worker}`) };
}

function close({ router, clock }: World): void {
  void router.close({ drainMs: 0 });
  clock.run();
}

test("a worker is told of when it is ready, and when it has ended", async () => {
  const { world, told } = await watchedWorld({ cpuParallelism: 1, idleTimeoutMs: 50 });
  offer(world, "shared");
  assert.deepEqual(told(), []);
  world.clock.run();
  assert.deepEqual(told(), ["up 1", "down 1"]);
  offer(world, "shared");
  world.clock.runUntil(world.clock.now() + 20);
  close(world);
  assert.deepEqual(told().slice(2), ["up 2", "down 2"]);
});

test("a worker at its limit is told of as recycled before it has ended", async () => {
  const { world, told } = await watchedWorld({ cpuParallelism: 1, maxJobsPerWorker: 2 });
  for (let i = 0; i < 3; i++) offer(world, "shared");
  world.clock.runUntil(world.clock.now() + 40);
  assert.deepEqual(told(), ["up 1", "recycled 1", "down 1", "up 2"]);
  assert.equal(world.router.stats().workers.recycled, 1);
});

test("a worker that dies is told of with its cause, its last kind and whether it was idle", async () => {
  const { world, events } = await watchedWorld({ cpuParallelism: 1 });
  const lost = offer(world, "shared", { end: "crash" });
  world.clock.run();
  assert.equal(lost.status, "failed");
  const crash = events[1];
  assert.ok(crash.type === "crashed");
  const { worker, cause, lastKind, wasIdle, error } = crash;
  assert.deepEqual({ worker, cause, lastKind, wasIdle }, {
    worker: 1,
    cause: "exit",
    lastKind: "shared",
    wasIdle: false,
  });
  assert.equal(error, lost.job?.value);
  assert.deepEqual(world.router.stats().workers.crashes, {
    start: 0,
    error: 0,
    out_of_memory: 0,
    exit: 1,
  });
});

test("a worker that dies with a call that it has not begun was idle", async () => {
  const { world, events } = await watchedWorld({
    cpuParallelism: 1,
    minWorkers: 1,
    model: { wakeMs: 5 },
  });
  const job = offer(world, "shared");
  world.ports.alive[0].die(new WorkerCrashedError("It broke"));
  world.clock.run();
  assert.equal(job.status, "completed", "on another worker");
  const crash = events.find(({ type }) => type === "crashed");
  assert.ok(crash?.type === "crashed" && crash.wasIdle);
});

test("a worker that dies before its first call was idle", async () => {
  const { world, events } = await watchedWorld({ cpuParallelism: 1, minWorkers: 1 });
  const died = new WorkerCrashedError("It broke", 7, { cause: new Error("broken") });
  world.ports.alive[0].die(died);
  const [crash] = events;
  assert.ok(crash.type === "crashed");
  assert.deepEqual([crash.cause, crash.lastKind, crash.wasIdle, crash.exitCode], [
    "error",
    undefined,
    true,
    7,
  ]);
  assert.equal(crash.error, died);
});

test("a worker that ran out of memory, or never started, has causes of their own", async () => {
  const { world, events } = await watchedWorld({ cpuParallelism: 1, minWorkers: 1 });
  const cause = Object.assign(new Error("out of memory"), { code: "ERR_WORKER_OUT_OF_MEMORY" });
  world.ports.alive[0].die(new WorkerCrashedError("Worker crashed", 1, { cause }));
  assert.ok(events[0].type === "crashed" && events[0].cause === "out_of_memory");
  const failing = await watchedWorld({ model: { startFailures: 1 } });
  offer(failing.world, "shared");
  failing.world.clock.run();
  assert.ok(failing.events.length > 0);
  assert.ok(failing.events.every((event) => event.type === "crashed" && event.cause === "start"));
  const { workers } = failing.world.router.stats();
  assert.equal(workers.crashes.start, workers.crashed);
});

test("a listener for workers may submit, close, or throw", async () => {
  const { world, told } = await watchedWorld({ cpuParallelism: 1, maxJobsPerWorker: 1 });
  const later: ReturnType<typeof offer>[] = [];
  world.router.on("worker", ({ type }) => {
    if (later.length < 4) later.push(offer(world, "shared"));
    if (type === "recycled") throw new Error("a listener's");
  });
  offer(world, "shared");
  world.clock.runUntil(world.clock.now() + 200);
  assert.deepEqual(later.map(({ status }) => status), Array(4).fill("completed"));
  assert.ok(world.router.stats().listenerErrors > 0);
  assert.ok(told().includes("recycled 2"));
  world.router.on("worker", () => void world.router.close());
  offer(world, "shared");
  world.clock.run();
  assert.equal(world.ports.alive.length, 0);
});

test("nobody is told any more once it has stopped to listen", async () => {
  const { world, events, stop } = await watchedWorld({ cpuParallelism: 1 });
  stop();
  offer(world, "shared");
  world.clock.run();
  assert.deepEqual(events, []);
  assert.throws(
    () => world.router.on("workers" as "worker", () => {}),
    (error) =>
      error instanceof InvalidOptionError &&
      error.message.includes("decision, outcome, worker, saturation"),
  );
  for (const listener of [undefined, null, {}]) {
    assert.throws(() => world.router.on("decision", listener as never), {
      name: "InvalidOptionError",
      message: `Cannot listen as "listener" must be a function: received ${
        listener === undefined ? listener : JSON.stringify(listener)
      }`,
    });
  }
});

/** A pool of one worker in which one job may wait, and what is told of its saturation. */
async function narrowWorld(options: WorldOptions = {}) {
  const policy = forcedPolicy("cpu_pool");
  const world = await createWorld({ policy, cpuParallelism: 1, cpuQueueCapacity: 1, ...options });
  const events: SaturationEvent[] = [];
  world.router.on("saturation", (event) => events.push(event));
  offer(world, "shared");
  world.clock.runUntil(world.clock.now() + 20);
  return { world, events, told: () => events.map(({ type, refused }) => `${type} ${refused}`) };
}

test("saturation begins with the first refusal, and ends a second after the last", async () => {
  const { world, events, told } = await narrowWorld();
  for (let i = 0; i < 5; i++) offer(world, "shared", { ms: 10 });
  assert.deepEqual(told(), ["begins 1"]);
  assert.equal(events[0].reason, "lane_full");
  const startMs = world.clock.now();
  world.clock.runUntil(startMs + 900);
  for (let i = 0; i < 3; i++) offer(world, "shared", { ms: 10 });
  world.clock.runUntil(startMs + 1_890);
  assert.deepEqual(told(), ["begins 1"], "it has not been calm for a second");
  world.clock.runUntil(startMs + 1_910);
  assert.deepEqual(told(), ["begins 1", "ends 4"]);
  for (let i = 0; i < 3; i++) offer(world, "shared", { ms: 10 });
  assert.deepEqual(told(), ["begins 1", "ends 4", "begins 1"]);
  close(world);
  assert.deepEqual(told().slice(3), ["ends 1"], "it ends with the router");
});

test("a job that waits for room tells of saturation, too", async () => {
  const { world, told } = await narrowWorld();
  for (let i = 0; i < 3; i++) offer(world, "shared", { ms: 10 }, { whenFull: "wait" });
  assert.deepEqual(told(), ["begins 1"]);
  close(world);
});

test("a job that is refused while nothing waits and a worker is free does not", async () => {
  const { world, told } = await narrowWorld({ policy: forcedPolicy("backpressure_drop") });
  offer(world, "shared");
  assert.deepEqual(told(), []);
  const quarantined = await narrowWorld({ quarantineAfter: 1 });
  offer(quarantined.world, "shared", { end: "crash" });
  quarantined.world.clock.runUntil(quarantined.world.clock.now() + 500);
  assert.equal(offer(quarantined.world, "shared").job?.value, "kind_quarantined");
  assert.deepEqual(quarantined.told(), []);
});
