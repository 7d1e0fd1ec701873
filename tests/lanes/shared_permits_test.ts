import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, type RouterOptions, Semaphore, thresholdPolicy } from "../../mod.ts";
import { WatchedClock } from "../virtual/clock.ts";
import type { PortModel } from "../virtual/port_model.ts";
import { ModelPorts } from "../virtual/ports.ts";
import {
  createWorld,
  defineSet,
  offer,
  serveTask,
  taskKinds,
  type Told,
  type World,
} from "../virtual/world.ts";

const HEAVY = { computeCost: 100_000, scalingPotential: 0.5 };

/** Routers of one process that share a semaphore, each with workers of its own. */
async function createWorlds(
  count: number,
  permits: number,
  model: Partial<PortModel> = {},
  options: Partial<RouterOptions> = {},
): Promise<{ clock: WatchedClock; semaphore: Semaphore; worlds: World[] }> {
  const clock = new WatchedClock();
  const semaphore = new Semaphore(permits);
  const worlds: World[] = [];
  for (let i = 0; i < count; i++) {
    const ports = new ModelPorts(clock, { serve: serveTask, ...model });
    const router = await createRouter({
      jobs: [defineSet(taskKinds(clock).shared, "virtual:tasks")],
      clock,
      createPort: ports.create,
      cpuParallelism: semaphore,
      cpuQueueCapacity: 100_000,
      policy: thresholdPolicy(),
      ...options,
    }) as unknown as World["router"];
    worlds.push({ clock, ports, router });
  }
  return { clock, semaphore, worlds };
}

const atWork = (worlds: readonly World[]): number =>
  worlds.reduce((sum, { ports }) => sum + ports.atWork, 0);

function heavy(world: World, ms: number, options = {}): Told {
  return offer(world, "shared", { ms }, { ...HEAVY, ...options });
}

test("two routers with one Semaphore(2) never run more than two calls at once", async () => {
  const { clock, worlds } = await createWorlds(2, 2);
  const jobs = worlds.flatMap((world) =>
    Array.from({ length: 30 }, (_, i) => heavy(world, 1 + i % 7))
  );
  let most = 0;
  for (let ms = 0; ms < 400; ms++) {
    clock.advance(0.5);
    most = Math.max(most, atWork(worlds));
    for (const { router } of worlds) assert.ok(router.load.poolRunning <= 2);
  }
  assert.equal(most, 2);
  assert.deepEqual([...new Set(jobs.map(({ status }) => status))], ["completed"]);
});

test("jobs beside an endless flood of another router wait at most a few runs", async () => {
  for (const floodMs of [0.2, 1, 5, 30]) {
    const { clock, worlds: [flood, other] } = await createWorlds(2, 2);
    const refill = (): void => {
      while (flood.router.load.poolWaiting < 50) heavy(flood, floodMs);
    };
    heavy(other, 1); // its worker comes up
    for (let i = 0; i < 100; i++) {
      refill();
      clock.advance(floodMs);
    }
    const waits: number[] = [];
    for (let i = 0; i < 10; i++) {
      const told = heavy(other, 1);
      for (let turn = 0; turn < 1_000 && told.status === "pending"; turn++) {
        refill();
        clock.advance(floodMs / 4);
      }
      assert.equal(told.status, "completed");
      waits.push(told.job!.waitMs);
    }
    const most = Math.max(...waits);
    assert.ok(most <= 3 * floodMs + 1, `waited ${most} ms beside runs of ${floodMs} ms`);
  }
});

test("a router whose workers are lost gives its permits on", async () => {
  const { clock, worlds: [losing, other] } = await createWorlds(2, 1);
  const lost = offer(losing, "shared", { ms: 5, end: "lost" }, HEAVY);
  clock.advance(2);
  const jobs = Array.from({ length: 5 }, () => heavy(other, 3));
  clock.advance(100);
  assert.equal(lost.status, "failed");
  assert.deepEqual([...new Set(jobs.map(({ status }) => status))], ["completed"]);
  assert.deepEqual([losing.router.load.poolRunning, other.router.load.poolRunning], [0, 0]);
});

test("threads lost in both routers: every job settles, and the pools close", async () => {
  const { clock, worlds } = await createWorlds(2, 2);
  const jobs = worlds.flatMap((world) =>
    Array.from(
      { length: 6 },
      (_, i) => offer(world, "shared", { ms: 2, end: i % 3 === 0 ? "lost" : "ok" }, HEAVY),
    )
  );
  clock.run();
  const ends = new Set(jobs.map(({ status }) => status));
  assert.ok(!ends.has("pending") && ends.has("failed"), [...ends].join());
  for (const { router } of worlds) {
    assert.deepEqual([router.load.poolOpen, router.load.poolRunning], [false, 0]);
    assert.equal(router.stats().inFlight, 0);
  }
});

test("Semaphore.resize() up and down under load loses nothing", async () => {
  const { clock, semaphore, worlds } = await createWorlds(2, 3);
  const jobs: Told[] = [];
  for (let round = 0; round < 60; round++) {
    for (const world of worlds) for (let i = 0; i < 4; i++) jobs.push(heavy(world, 1 + i));
    semaphore.resize(1 + (round * 7) % 5);
    clock.advance(1);
    const running = worlds.reduce((sum, { router }) => sum + router.load.poolRunning, 0);
    assert.ok(running <= 5);
  }
  semaphore.resize(2);
  clock.run();
  assert.deepEqual([...new Set(jobs.map(({ status }) => status))], ["completed"]);
  for (const { router } of worlds) assert.equal(router.load.poolRunning, 0);
  for (const { ports } of worlds) assert.deepEqual(ports.violations, []);
});

test("load.cpuParallelism is what a router holds or could take", async () => {
  const { clock, semaphore, worlds: [a, b] } = await createWorlds(2, 3);
  assert.deepEqual([a.router.load.cpuParallelism, b.router.load.cpuParallelism], [3, 3]);
  heavy(a, 10);
  heavy(a, 10);
  clock.advance(5);
  assert.deepEqual([a.router.load.cpuParallelism, b.router.load.cpuParallelism], [3, 1]);
  semaphore.resize(2);
  assert.deepEqual([a.router.load.cpuParallelism, b.router.load.cpuParallelism], [2, 0]);
  assert.equal(a.router.stats().load.cpuParallelism, 2);
  clock.run();
  assert.equal(b.router.load.cpuParallelism, 2);
});

test("a router that closes leaves its permits to the others", async () => {
  const { clock, worlds: [closing, other] } = await createWorlds(2, 1);
  const cut = heavy(closing, 1_000);
  const job = heavy(other, 1);
  clock.advance(5);
  assert.equal(job.status, "pending");
  const closed = closing.router.close({ drainMs: 0 });
  clock.advance(100);
  await closed;
  assert.deepEqual([cut.status, job.status], ["cancelled", "completed"]);
});

test("fewer permits end idle workers, and more start others", async () => {
  const { clock, semaphore, worlds: [world] } = await createWorlds(1, 4);
  for (let i = 0; i < 8; i++) heavy(world, 5);
  clock.run();
  for (let i = 0; i < 8; i++) heavy(world, 5);
  clock.advance(3);
  assert.equal(world.ports.alive.length, 4);
  semaphore.resize(2);
  clock.advance(12);
  assert.equal(world.ports.alive.length, 2);
  semaphore.resize(3);
  for (let i = 0; i < 8; i++) heavy(world, 5);
  clock.advance(3);
  assert.equal(world.ports.alive.length, 3);
  clock.run();
});

/** Two routers and one permit; it is known that a heavy job takes 10 ms, and a worker of each is up. */
async function createKnownWorlds() {
  const { clock, semaphore, worlds: [first, second] } = await createWorlds(2, 1);
  for (const world of [first, second]) {
    heavy(world, 10);
    clock.advance(20);
  }
  return { clock, semaphore, first, second };
}

test("a call that was handed ahead gives way to a router that waits for a permit", async () => {
  const { clock, first, second } = await createKnownWorlds();
  heavy(first, 10);
  const behind = heavy(first, 10);
  assert.equal(first.ports.calls.length, 1 + 2, "one runs, one waits in the worker");
  const other = heavy(second, 10);
  assert.equal(first.ports.revoked.length, 1);
  clock.advance(20);
  assert.deepEqual([other.status, behind.status], ["completed", "pending"]);
  clock.run();
  assert.equal(behind.status, "completed");
});

test("a router that closed while it waited for a permit is waited for no more", async () => {
  const { clock, first, second } = await createKnownWorlds();
  const long = heavy(first, 50);
  const cut = heavy(second, 10);
  const closed = second.router.close({ drainMs: 0 });
  clock.advance(1);
  await closed;
  const before = first.ports.calls.length;
  heavy(first, 10);
  assert.deepEqual([cut.status, long.status], ["cancelled", "pending"]);
  assert.equal(first.ports.calls.length, before + 1, "it is handed ahead again");
  clock.run();
});

test("more permits start workers at once for calls that wait", async () => {
  const { clock, semaphore, worlds: [world] } = await createWorlds(1, 1);
  heavy(world, 100);
  heavy(world, 100);
  clock.advance(5);
  semaphore.resize(2);
  clock.advance(5);
  assert.equal(world.ports.atWork, 2);
  clock.run();
});

test("fewer permits end workers that idle, at once", async () => {
  const { clock, semaphore, worlds: [world] } = await createWorlds(1, 3);
  for (let i = 0; i < 3; i++) heavy(world, 5);
  clock.advance(10);
  assert.equal(world.ports.alive.length, 3);
  semaphore.resize(1);
  clock.advance(1);
  assert.equal(world.ports.alive.length, 1);
  clock.run();
});

test("more permits start workers that are always kept", async () => {
  const semaphore = new Semaphore(2);
  const world = await createWorld({ cpuParallelism: semaphore, minWorkers: 2 });
  semaphore.resize(1);
  world.ports.alive[0].die(new Error("gone"));
  world.clock.advance(200);
  assert.equal(world.ports.alive.length, 1);
  semaphore.resize(2);
  world.clock.advance(1);
  assert.equal(world.ports.alive.length, 2);
});

test("a short call is not run by an idle worker for which there is no permit", async () => {
  const { clock, worlds: [first, second] } = await createWorlds(2, 2);
  const short = (world: World, ms: number) =>
    offer(world, "shared", { ms }, { computeCost: 10_000, scalingPotential: 0.9 });
  heavy(second, 0.5);
  short(first, 0.5);
  short(first, 0.5);
  clock.advance(10); // all workers are up, and such a job of the first is known to be short
  const ends = [short(first, 0.5), short(first, 0.5)];
  clock.advance(0.5);
  assert.deepEqual(ends.map(({ status }) => status), ["completed", "completed"]);
  heavy(second, 100);
  short(first, 100);
  short(first, 0.5);
  assert.equal(atWork([first, second]), 2);
  clock.run();
  assert.deepEqual([first.router.load.poolRunning, first.router.stats().workers.busy], [0, 0]);
});

test("a call that is aborted while its router asks for a permit is counted once", async () => {
  const { clock, worlds: [first, second, third] } = await createWorlds(3, 2);
  const controller = new AbortController();
  const offerTo = ({ router }: World, ms: number, settled: () => void, options = {}) =>
    router.offer("shared", { id: 1, ms }, { ...HEAVY, ...options }, {
      settled,
      refused: assert.fail,
    });
  for (const world of [second, third, first, first]) heavy(world, 1);
  clock.advance(20); // the first has two workers, the others one each
  heavy(third, 100);
  // The first router waits for its next turn with a call whose budget will be over by then.
  offerTo(first, 10, () => heavy(second, 1));
  offerTo(first, 10, () => controller.abort(), { latencyBudgetMs: 20 });
  const aborted = heavy(second, 1, { signal: controller.signal });
  clock.occupy(30);
  clock.run();
  assert.equal(aborted.status, "cancelled");
  const { poolWaiting, poolRunning } = second.router.load;
  assert.deepEqual([poolWaiting, poolRunning], [0, 0]);
  assert.equal(second.router.stats().completed, 2);
});

test("a worker whose router waits for a permit is kept, however long that takes", async () => {
  const { clock, worlds: [first, second] } = await createWorlds(2, 1, {}, { idleTimeoutMs: 20 });
  heavy(first, 1);
  heavy(second, 1);
  clock.advance(10); // each has a worker now
  heavy(first, 500);
  const waits = heavy(second, 1);
  clock.advance(400);
  assert.equal(second.router.stats().workers.started, 1);
  clock.advance(400);
  assert.equal(waits.status, "completed");
  assert.equal(second.router.stats().workers.started, 1);
});

test("a router that closes gives its turn for a permit to the next", async () => {
  const { clock, worlds: [first, second, third] } = await createWorlds(3, 1, { endMs: 1_000 });
  for (const world of [first, second, third]) heavy(world, 1);
  clock.advance(10);
  heavy(first, 50);
  const revoked = heavy(second, 1);
  const next = heavy(third, 1);
  clock.advance(10);
  void second.router.close({ drainMs: 0 });
  clock.advance(100);
  assert.deepEqual([revoked.status, next.status], ["cancelled", "completed"]);
});
