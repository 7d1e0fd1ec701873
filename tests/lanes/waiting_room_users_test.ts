// Policies, listeners and sinks of jobs that wait for room, whatever they do.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Policy, PolicyError, type SubmitOptions } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createWorld, offer, type Told, type World } from "../virtual/world.ts";
import { createSmallWorld, fill, wait, waitingFor, work } from "./small_world.ts";

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
