// Jobs that wait for room instead of being dropped, on the virtual clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Policy, PolicyError, RouterClosedError, type SubmitOptions } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import { macrotask } from "../virtual/clock.ts";
import {
  createWorld,
  defineSet,
  offer,
  type Told,
  type World,
  type WorldOptions,
} from "../virtual/world.ts";
import { createKnownWorld } from "./known_world.ts";

const wait = { whenFull: "wait" } as const;

/** One worker, and room for one job that waits for it. */
function createSmallWorld(options: WorldOptions = {}): Promise<World> {
  return createKnownWorld(1, { cpuQueueCapacity: 1, ...options });
}

/** Offers a job of 10 ms. */
function work(world: World, options: SubmitOptions = {}): Told {
  return offer(world, "shared", { ms: 10 }, { computeCost: 10, ...options });
}

/** Fills the worker and the queue. */
function fill(world: World): readonly Told[] {
  return [work(world), work(world)];
}

const waitingFor = ({ router }: World): number => router.load.waitingForRoom;

test("without whenFull a job that finds no room is dropped, with it the job waits and runs", async () => {
  const world = await createSmallWorld();
  fill(world);
  assert.equal(work(world).story, "backpressure_drop dropped lane_full");
  assert.equal(work(world, { whenFull: "drop" }).story, "backpressure_drop dropped lane_full");
  const told = work(world, wait);
  const { submitted, inFlight, load, routed, dropped } = world.router.stats();
  assert.deepEqual([told.status, inFlight, load.waitingForRoom], ["pending", 3, 1]);
  assert.equal(routed.cpu_pool + routed.backpressure_drop + load.waitingForRoom, submitted);
  assert.deepEqual([routed.backpressure_drop, dropped], [2, 2]);
  world.clock.run();
  assert.equal(told.story, "cpu_pool completed");
  assert.equal(told.job!.decision.strategy, "cpu_pool");
  assert.deepEqual([told.job!.totalMs, told.job!.waitMs], [30, 20]);
  const after = world.router.stats();
  assert.deepEqual([after.routed.cpu_pool, after.routed.backpressure_drop], [4, 2]);
  assert.deepEqual([after.inFlight, after.load.waitingForRoom, after.doubleSettled], [0, 0, 0]);
});

test("jobs of this thread wait for room, too", async () => {
  const limits = { spawnConcurrency: 1, spawnQueueCapacity: 1 };
  const world = await createWorld({ policy: forcedPolicy("spawn"), ...limits });
  const all = Array.from({ length: 6 }, () => offer(world, "local", { later: true, ms: 5 }, wait));
  assert.equal(waitingFor(world), 5);
  world.clock.run();
  assert.deepEqual(new Set(all.map(({ story }) => story)), new Set(["spawn completed"]));
  assert.equal(world.router.load.waitingForRoom, 0);
});

test("those who wait are served by priority, then in order of arrival", async () => {
  const world = await createSmallWorld();
  fill(world);
  const order: number[] = [];
  const priorities = [5, 1, 9, 5, 9, 0];
  priorities.forEach((priority, index) => {
    const sink = { settled: () => order.push(index), refused: assert.fail };
    world.router.offer("shared", { id: 1, ms: 10 }, { ...wait, priority }, sink);
  });
  world.clock.run();
  assert.deepEqual(order, [2, 4, 0, 3, 1, 5]);
});

test("a priority rises with age while a job waits for room, as in a queue", async () => {
  const world = await createSmallWorld({ priorityAgeingMs: 4 });
  fill(world);
  const low = work(world, { ...wait, priority: 4 });
  world.clock.advance(5);
  const high = work(world, { ...wait, priority: 5 });
  world.clock.advance(28);
  assert.deepEqual([low.status, high.status], ["completed", "pending"]);
  world.clock.run();
});

test("a freed place goes to who waits, and not to a submit that comes at that moment", async () => {
  const world = await createSmallWorld();
  const late: Told[] = [];
  const sink = { settled: () => late.push(work(world)), refused: assert.fail };
  world.router.offer("shared", { id: 1, ms: 10 }, { computeCost: 10 }, sink);
  work(world);
  const told = work(world, wait);
  world.clock.advance(10);
  assert.equal(late[0].story, "backpressure_drop dropped lane_full");
  assert.equal(told.status, "pending");
  assert.equal(waitingFor(world), 0);
  world.clock.run();
  assert.equal(told.story, "cpu_pool completed");
});

test("one place, one job that is asked about", async () => {
  let asked = 0;
  const forced = forcedPolicy("cpu_pool");
  const policy: Policy = {
    name: "counted",
    decide: (job, load) => {
      asked++;
      return forced.decide(job, load);
    },
  };
  const world = await createSmallWorld({ policy });
  fill(world);
  for (let i = 0; i < 100; i++) work(world, wait);
  asked = 0;
  world.clock.advance(10);
  assert.ok(asked <= 4, `asked ${asked} times for one place`);
  assert.equal(waitingFor(world), 99);
  world.clock.run();
  assert.ok(asked <= 4 * 101, `asked ${asked} times for 100 places`);
});

test("submits that free no place do not ask about those who wait", async () => {
  const [pool, inline] = [forcedPolicy("cpu_pool"), forcedPolicy("inline")];
  let asked = 0;
  const policy: Policy = {
    name: "counted",
    decide(job, load) {
      if (job.kind.name === "local") return inline.decide(job, load);
      asked++;
      return pool.decide(job, load);
    },
  };
  const world = await createSmallWorld({ policy });
  fill(world);
  work(world, wait);
  asked = 0;
  for (let i = 0; i < 100; i++) offer(world, "local", { ms: 0 });
  assert.equal(asked, 0);
  for (let i = 0; i < 100; i++) assert.equal(work(world).status, "dropped");
  assert.equal(asked, 100);
});

test("at most waitCapacity jobs wait for room", async () => {
  const world = await createSmallWorld({ waitCapacity: 2 });
  fill(world);
  const [first, second, third] = [work(world, wait), work(world, wait), work(world, wait)];
  assert.equal(third.story, "backpressure_drop dropped wait_full");
  assert.equal(third.job!.decision.reason, "wait_full");
  assert.equal(waitingFor(world), 2);
  world.clock.run();
  assert.deepEqual([first.status, second.status], ["completed", "completed"]);
  assert.deepEqual(world.router.stats().dropReasons, { wait_full: 1 });
});

test("a budget runs from the submit on, while a job waits for room, too", async () => {
  const world = await createSmallWorld();
  fill(world);
  const short = work(world, { ...wait, latencyBudgetMs: 7 });
  const long = work(world, { ...wait, latencyBudgetMs: 1_000 });
  world.clock.advance(7);
  assert.equal(short.story, "backpressure_drop dropped expired");
  assert.equal(short.job!.totalMs, 7);
  world.clock.run();
  assert.equal(long.story, "cpu_pool completed");
  assert.equal(world.router.stats().routed.backpressure_drop, 1);
});

test("an abort settles a job that waits for room, and leaves no listener", async () => {
  const world = await createSmallWorld();
  fill(world);
  const controller = new AbortController();
  const reason = new Error("not any more");
  const told = work(world, { ...wait, signal: controller.signal });
  const other = work(world, wait);
  controller.abort(reason);
  assert.deepEqual([told.status, told.job!.value], ["cancelled", reason]);
  assert.equal(waitingFor(world), 1);
  world.clock.run();
  assert.equal(other.status, "completed");
  const { submitted, routed } = world.router.stats();
  assert.equal(routed.cpu_pool + routed.backpressure_drop, submitted);
});

test("a job that waited is cancelled later by the same signal, once", async () => {
  const world = await createSmallWorld();
  fill(world);
  const controller = new AbortController();
  const told = work(world, { ...wait, signal: controller.signal });
  world.clock.advance(12);
  assert.equal(waitingFor(world), 0);
  controller.abort("late");
  assert.equal(told.story, "cpu_pool cancelled");
  world.clock.run();
  assert.equal(world.router.stats().doubleSettled, 0);
});

test("close() lets those who wait run in its time, and cancels the others", async () => {
  const world = await createSmallWorld();
  fill(world);
  const [first, second] = [work(world, wait), work(world, wait)];
  const closed = world.router.close({ drainMs: 35 });
  assert.equal(work(world, wait).status, "refused");
  world.clock.advance(35);
  assert.equal(first.status, "completed");
  assert.equal(second.status, "cancelled");
  assert.ok(second.job!.value instanceof RouterClosedError);
  world.clock.run();
  await closed;
  assert.equal(world.clock.pending, 0);
});

test("close({ drainMs: 0 }) settles those who wait, and leaves nothing behind", async () => {
  const world = await createSmallWorld();
  fill(world);
  const told = Array.from({ length: 5 }, () => work(world, wait));
  const closed = world.router.close({ drainMs: 0 });
  world.clock.run();
  await closed;
  assert.deepEqual(new Set(told.map(({ status }) => status)), new Set(["cancelled"]));
  const { load, submitted, routed } = world.router.stats();
  assert.equal(load.waitingForRoom, 0);
  assert.equal(routed.cpu_pool + routed.backpressure_drop, submitted);
});

test("configure() makes room for those who wait", async () => {
  const world = await createSmallWorld();
  fill(world);
  for (let i = 0; i < 4; i++) work(world, wait);
  world.router.configure({ cpuQueueCapacity: 4 });
  world.clock.advance(0);
  assert.deepEqual([waitingFor(world), world.router.load.poolWaiting], [1, 4]);
});

test("what is no want of room drops a job that waits, or would", async () => {
  const world = await createSmallWorld({ maxLostWorkers: 1 });
  offer(world, "shared", { ms: 10, end: "lost" }, { computeCost: 10 });
  work(world);
  const told = work(world, wait);
  assert.equal(told.status, "pending");
  world.clock.advance(20);
  assert.equal(told.story, "backpressure_drop dropped workers_lost");
  assert.equal(work(world, wait).story, "backpressure_drop dropped workers_lost");
  const late = work(world, { ...wait, arrivedAtMs: -50, latencyBudgetMs: 1 });
  assert.equal(late.story, "backpressure_drop dropped expired");
});

test("a kind that is refused for long keeps no other from a place", async () => {
  const forced = forcedPolicy("cpu_pool");
  const policy: Policy = {
    name: "picky",
    decide: (job, load) =>
      job.kind.name === "group"
        ? { strategy: "backpressure_drop", reason: "not_now" }
        : forced.decide(job, load),
  };
  const world = await createSmallWorld({ policy });
  const picked = offer(world, "group", { ms: 1 }, { ...wait, priority: 9, latencyBudgetMs: 500 });
  assert.equal(picked.status, "pending", "a policy's own reason is want of room");
  fill(world);
  const other = work(world, wait);
  world.clock.advance(100);
  assert.equal(other.status, "completed");
  world.clock.run();
  assert.equal(picked.story, "backpressure_drop dropped expired");
});

test("a job that a policy refused is asked about again, even if nothing else happens", async () => {
  let isOpen = false;
  const forced = forcedPolicy("inline");
  const policy: Policy = {
    name: "door",
    decide: (job, load) =>
      isOpen ? forced.decide(job, load) : { strategy: "backpressure_drop", reason: "shut" },
  };
  const world = await createWorld({ policy });
  const told = offer(world, "local", {}, wait);
  world.clock.advance(1_000);
  assert.equal(told.status, "pending");
  isOpen = true;
  world.clock.advance(200);
  assert.equal(told.story, "inline completed");
  assert.equal(world.clock.pending, 0);
});

test("a policy that throws fails the job that waits, and no other", async () => {
  const forced = forcedPolicy("cpu_pool");
  let fault: "none" | "throws" | "unknown" | "unreadable" = "none";
  const policy: Policy = {
    name: "broken",
    decide: (job, load) => {
      if (fault === "throws") throw new Error("policy");
      if (fault === "unknown") return { strategy: "nowhere" as never, reason: "x" };
      if (fault === "none") return forced.decide(job, load);
      return {
        strategy: "cpu_pool",
        get reason(): string {
          throw new Error("getter");
        },
      };
    },
  };
  const world = await createSmallWorld({ policy });
  for (const one of ["throws", "unknown", "unreadable"] as const) {
    fault = "none";
    fill(world);
    const told = work(world, wait);
    fault = one;
    world.clock.advance(11);
    assert.equal(told.story, "backpressure_drop failed", one);
    assert.ok(told.job!.value instanceof PolicyError, one);
    fault = "none";
    world.clock.advance(100);
    const { inFlight, doubleSettled, submitted, routed } = world.router.stats();
    assert.deepEqual([inFlight, doubleSettled], [0, 0], one);
    assert.equal(routed.cpu_pool + routed.backpressure_drop, submitted, one);
    assert.equal(world.router.load.inFlightOf({ index: 2 } as never, "backpressure_drop"), 0, one);
  }
});

test("listeners are told of a job that waited once it is decided on", async () => {
  const world = await createSmallWorld();
  const told: string[] = [];
  world.router.on("decision", ({ jobId, strategy }) => told.push(`${jobId} ${strategy}`));
  fill(world);
  const job = work(world, wait);
  const gone = work(world, { ...wait, latencyBudgetMs: 5 });
  assert.equal(told.length, 2);
  world.clock.run();
  assert.equal(told.length, 3);
  assert.equal(told[2], `${job.job!.id} cpu_pool`);
  assert.equal(gone.status, "dropped");
});

test("callbacks that abort, submit and throw while others are served lose nothing", async () => {
  const world = await createSmallWorld();
  fill(world);
  const controller = new AbortController();
  const all: Told[] = [];
  const submit = (options: SubmitOptions, then: () => void = () => {}) => {
    const told = offer(world, "shared", { ms: 10 }, { computeCost: 10, ...wait, ...options });
    const { settled } = told;
    told.settled = (job) => {
      settled.call(told, job);
      then();
    };
    all.push(told);
  };
  submit({ signal: controller.signal }, () => {
    submit({});
    throw new Error("sink");
  });
  submit({}, () => controller.abort("by another"));
  submit({ latencyBudgetMs: 1 }, () => {
    controller.abort("by one that expires");
    submit({ priority: 9 });
  });
  world.clock.run();
  assert.deepEqual(all.map(({ status }) => status), [
    "cancelled",
    "completed",
    "dropped",
    "completed",
    "completed",
  ]);
  for (const { jobs } of all) assert.equal(jobs.length, 1);
  const { inFlight, doubleSettled, load } = world.router.stats();
  assert.deepEqual([inFlight, doubleSettled, load.waitingForRoom], [0, 0, 0]);
});

test("a policy that submits while one is decided on serves no job twice", async () => {
  const forced = forcedPolicy("cpu_pool");
  let depth = 0;
  const worlds: World[] = [];
  const nested: Told[] = [];
  const policy: Policy = {
    name: "nosy",
    decide: (job, load) => {
      if (depth === 0 && nested.length < 20 && worlds.length > 0) {
        depth++;
        nested.push(work(worlds[0], wait));
        depth--;
      }
      return forced.decide(job, load);
    },
  };
  const world = await createSmallWorld({ policy });
  worlds.push(world);
  const own = Array.from({ length: 10 }, () => work(world, wait));
  world.clock.run();
  for (const told of [...own, ...nested]) {
    assert.deepEqual([told.status, told.jobs.length], ["completed", 1]);
  }
  const { doubleSettled, inFlight, load } = world.router.stats();
  assert.deepEqual([doubleSettled, inFlight, load.waitingForRoom], [0, 0, 0]);
});

test("a policy that closes the router, or asks for others, while one is decided on loses nothing", async () => {
  const forced = forcedPolicy("cpu_pool");
  const worlds: World[] = [];
  let closes = false;
  let closing: Promise<void> | undefined;
  const policy: Policy = {
    name: "nosy",
    decide: (job, load) => {
      const [world] = worlds;
      if (world !== undefined && job.computeCost === 10) {
        world.router.explain("shared", { id: 1, ms: 1 }, { computeCost: 1 });
        if (closes) closing ??= world.router.close({ drainMs: 0 });
      }
      if (job.computeCost === 1 && world !== undefined) {
        return { strategy: "backpressure_drop", reason: "other" };
      }
      return forced.decide(job, load);
    },
  };
  const world = await createSmallWorld({ policy });
  worlds.push(world);
  const taken = [work(world, wait), work(world, wait)];
  assert.equal(waitingFor(world), 0, "what it was told of another one does not count");
  const waiting = [work(world, wait), work(world, wait), work(world, wait)];
  closes = true;
  world.clock.run();
  await closing;
  const all = [...taken, ...waiting];
  assert.ok(all.every(({ jobs }) => jobs.length === 1));
  assert.ok(all.some(({ status }) => status === "cancelled"));
  const { inFlight, load, doubleSettled, submitted, routed } = world.router.stats();
  assert.deepEqual([inFlight, load.waitingForRoom, doubleSettled], [0, 0, 0]);
  assert.equal(routed.cpu_pool + routed.backpressure_drop, submitted);
});

test("a job whose schema answers later waits for room, too", async () => {
  const schema = {
    "~standard": {
      version: 1 as const,
      vendor: "test",
      validate: (value: unknown) => Promise.resolve({ value }),
    },
  };
  const kinds: Record<string, AnyKind> = {
    shared: { run: () => 0 },
    late: { input: schema, run: () => 0 },
  };
  const world = await createSmallWorld({ jobs: defineSet(kinds, "virtual:tasks") });
  fill(world);
  const told = offer(world, "late", { ms: 10 }, { computeCost: 10, ...wait });
  await macrotask();
  assert.deepEqual([told.status, waitingFor(world)], ["pending", 1]);
  world.clock.run();
  assert.equal(told.story, "cpu_pool completed");
});

test("submit() waits, and resolves to the outcome", async () => {
  const world = await createSmallWorld();
  fill(world);
  const promise = world.router.submit("shared", { id: 4, ms: 10 }, { computeCost: 10, ...wait });
  world.clock.run();
  const outcome = await promise;
  assert.equal(outcome.status === "completed" && outcome.output, 8);
});
