import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type JobFacts,
  type Load,
  type Policy,
  PolicyError,
  type PolicyEvent,
  type Strategy,
} from "../../mod.ts";
import { createWorld, offer, type WorldOptions } from "../virtual/world.ts";

const wish = (strategy: Strategy) => ({ strategy, reason: "wish" });

/** Decides for the strategy that has the place of the job's priority in the list. */
const WISHES: readonly Strategy[] = ["inline", "spawn", "cpu_pool", "batch", "backpressure_drop"];
const byPriority: Policy = { name: "wishes", decide: (job) => wish(WISHES[job.priority]) };

/** The same, and keeps what it is told. */
function observing(extra: Partial<Policy<PolicyEvent[]>> = {}) {
  const events: PolicyEvent[] = [];
  const policy: Policy<PolicyEvent[]> = {
    name: "observing",
    init: () => events,
    decide: (job) => wish(WISHES[job.priority]),
    observe: (state, event) => void state.push(event),
    ...extra,
  };
  const of = (id: number) =>
    events.filter((event) => event.job.id === id).map((event) => event.type).join(" ");
  return { policy, events, of };
}

test("Policy decides, and what it says is done", async () => {
  const world = await createWorld({ policy: byPriority });
  const jobs = WISHES.map((_, priority) => offer(world, "group", {}, { priority }));
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.story), [
    "inline completed",
    "spawn completed",
    "cpu_pool completed",
    "batch completed",
    "backpressure_drop dropped wish",
  ]);
  assert.equal(world.router.stats().policy, "wishes");
  assert.deepEqual(world.router.stats().dropReasons, { wish: 1 });
});

test("Policy has a state for each router, that only observe() changes", async () => {
  let made = 0;
  const policy: Policy<{ settled: number }> = {
    name: "every third",
    init() {
      made++;
      return { settled: 0 };
    },
    decide: (_job, _load, state) => wish(state.settled % 3 === 2 ? "backpressure_drop" : "inline"),
    observe(state, event) {
      if (event.type === "settle") state.settled++;
    },
  };
  const [a, b] = [await createWorld({ policy }), await createWorld({ policy })];
  assert.equal(made, 2);
  const strategies = [a, a, a, a, b, b, b].map((world) => offer(world, "local").job?.strategy);
  const drop = "backpressure_drop";
  assert.deepEqual(strategies, [
    ...["inline", "inline", drop, "inline"],
    ...["inline", "inline", drop],
  ]);
});

test("Policy.observe() is told of enqueue, start and settle in order, once each", async () => {
  const { policy, of } = observing();
  const world = await createWorld({ policy, cpuParallelism: 1 });
  const kinds = ["group", "group", "group", "group", "group"];
  kinds.forEach((kind, priority) => offer(world, kind, {}, { priority }));
  const controller = new AbortController();
  const { signal } = controller;
  offer(world, "shared", { end: "crash" }, { priority: 2 }); // 6
  offer(world, "shared", {}, { priority: 2, signal }); // 7
  offer(world, "shared", { ms: 50 }, { priority: 2, latencyBudgetMs: 1 }); // 8
  offer(world, "shared", { end: "throw" }, { priority: 0 }); // 9
  controller.abort();
  world.clock.run();
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map(of), [
    "start settle",
    "enqueue start settle",
    "enqueue start settle",
    "enqueue start settle",
    "settle",
    "enqueue start settle",
    "enqueue settle",
    "enqueue settle",
    "start settle",
  ]);
});

test("Policy.observe() is told again of a job that is tried again", async () => {
  const { policy, of } = observing();
  const world = await createWorld({ policy, batchMaxSize: 2 });
  offer(world, "steady_group", { end: "crash" }, { priority: 3 });
  offer(world, "steady_group", {}, { priority: 3 });
  world.clock.run();
  assert.deepEqual([1, 2].map(of), Array(2).fill("enqueue start enqueue start settle"));
});

test("Policy.observe() is told when, where, and how long", async () => {
  const { policy, events } = observing();
  const world = await createWorld({ policy, batchMaxSize: 2 });
  offer(world, "group", { ms: 4 }, { priority: 3, computeCost: 7 });
  world.clock.advance(5);
  offer(world, "group", { ms: 6 }, { priority: 3 });
  world.clock.run();
  const [first] = events;
  assert.deepEqual(
    [first.type, first.nowMs, first.strategy, first.status],
    ["enqueue", 0, "batch", undefined],
  );
  assert.equal(first.job.computeCost, 7);
  assert.equal(first.job.kind.name, "group");
  const settle = events.find((event) => event.type === "settle")!;
  const { job: _job, ...figures } = settle;
  assert.deepEqual(figures, {
    type: "settle",
    strategy: "batch",
    nowMs: 16,
    status: "completed",
    waitMs: 6,
    runMs: 10,
    batchSize: 2,
  });
});

test("Policy.observe() hears no times of a job that did not run", async () => {
  const { policy, events } = observing();
  const world = await createWorld({ policy });
  offer(world, "shared", {}, { priority: 4 });
  assert.deepEqual([events[0].status, events[0].waitMs, events[0].runMs], [
    ...["dropped", undefined, undefined],
  ]);
});

test("Policy.admit() may drop a waiting job, for a reason of its own", async () => {
  const asked: number[] = [];
  const { policy, of } = observing({
    admit(job) {
      asked.push(job.id);
      return job.id % 2 === 0 ? { reason: "even" } : "run";
    },
  });
  const world = await createWorld({ policy, batchMaxSize: 2 });
  const kinds = [
    "local",
    "local",
    "shared",
    "shared",
    "group",
    "group",
    "local_group",
    "local_group",
  ];
  const strategies = [1, 1, 2, 2, 3, 3, 3, 3];
  const jobs = kinds.map((kind, i) => offer(world, kind, {}, { priority: strategies[i] }));
  const inline = [offer(world, "local", {}, { priority: 0 })];
  inline.push(offer(world, "local", {}, { priority: 0 }));
  world.clock.run();
  assert.deepEqual(jobs.map((job) => job.story), [
    ...["spawn completed", "spawn dropped even"],
    ...["cpu_pool completed", "cpu_pool dropped even"],
    ...["batch completed", "batch dropped even"],
    ...["batch completed", "batch dropped even"],
  ]);
  assert.deepEqual(inline.map((job) => job.story), ["inline completed", "inline completed"]);
  assert.deepEqual([...new Set(asked)].sort(), [1, 2, 3, 4, 5, 6, 7, 8], "inline jobs never wait");
  assert.equal(of(2), "enqueue settle");
  const { dropReasons, dropped, routed } = world.router.stats();
  assert.deepEqual(dropReasons, { even: 4 });
  assert.deepEqual([dropped, routed.backpressure_drop], [4, 0]);
});

test("Policy.admit() sees the load of that moment", async () => {
  const seen: Load[] = [];
  const policy: Policy = {
    ...byPriority,
    admit(_job, load) {
      seen.push({ ...load, nowMs: load.nowMs });
      return "run";
    },
  };
  const world = await createWorld({ policy, cpuParallelism: 1 });
  for (let i = 0; i < 3; i++) offer(world, "shared", { ms: 10 }, { priority: 2 });
  world.clock.run();
  assert.deepEqual(seen.map((load) => load.nowMs), [1, 11, 21]);
  assert.deepEqual(seen.map((load) => load.poolWaiting), [2, 1, 0]);
});

test("Policy.order() orders the jobs that wait, on the pool and here", async () => {
  const order = (a: JobFacts, b: JobFacts) => b.computeCost - a.computeCost;
  for (const [kind, priority] of [["shared", 2], ["local", 1]] as const) {
    const { policy, events } = observing({ order });
    const world = await createWorld({ policy, cpuParallelism: 1 });
    for (const computeCost of [3, 9, 1, 9]) offer(world, kind, {}, { priority, computeCost });
    world.clock.run();
    const starts = events.filter((event) => event.type === "start").map((event) => event.job.id);
    assert.deepEqual(starts, [2, 4, 1, 3], kind);
  }
});

test("Policy.decide() that throws rejects the submit, which is not counted", async () => {
  const cause = new Error("cannot decide");
  const policy: Policy = {
    name: "broken",
    decide() {
      throw cause;
    },
  };
  const world = await createWorld({ policy });
  const [error] = offer(world, "local").refusals;
  assert.ok(error instanceof PolicyError);
  assert.deepEqual([error.policy, error.cause], ["broken", cause]);
  assert.match(error.message, /^Policy "broken" threw while deciding/);
  const promise = world.router.submit("local", { id: 1, ms: 1 });
  await assert.rejects(promise, PolicyError);
  const { submitted, inFlight, rejected } = world.router.stats();
  assert.deepEqual([submitted, inFlight, rejected], [0, 0, { policy_error: 2 }]);
});

test("Policy.decide() for no strategy rejects the submit", async () => {
  for (const decision of [undefined, null, {}, "inline", { strategy: "gpu", reason: "wish" }]) {
    const policy = { name: "odd", decide: () => decision } as unknown as Policy;
    const world = await createWorld({ policy });
    const [error] = offer(world, "local").refusals;
    assert.ok(error instanceof PolicyError, String(error));
    assert.match(error.message, /decided for no strategy/);
    assert.equal(world.router.stats().submitted, 0);
  }
});

test("Policy functions that throw later are counted, and the jobs go on", async () => {
  const broken = () => {
    throw new Error("no");
  };
  const cases: [Partial<Policy>, number][] = [
    [{ admit: broken }, 2],
    [{ admit: () => undefined as never }, 2],
    [{ observe: broken }, 6],
  ];
  for (const [part, errors] of cases) {
    const world = await createWorld({ policy: { ...byPriority, ...part } });
    const jobs = [1, 2].map((priority) => offer(world, "shared", {}, { priority }));
    world.clock.run();
    assert.deepEqual(jobs.map((job) => job.story), ["spawn completed", "cpu_pool completed"]);
    assert.equal(world.router.stats().listenerErrors, errors);
  }
});

test("Policy.order() that throws leaves the order of arrival", async () => {
  const order = () => {
    throw new Error("no");
  };
  const { policy, events } = observing({ order });
  const world = await createWorld({ policy, cpuParallelism: 1 });
  for (let i = 0; i < 5; i++) offer(world, "shared", {}, { priority: 2 });
  world.clock.run();
  const starts = events.filter((event) => event.type === "start").map((event) => event.job.id);
  assert.deepEqual(starts, [1, 2, 3, 4, 5]);
  assert.ok(world.router.stats().listenerErrors > 0);
});

test("Policy.init() that throws lets no router come to be", async () => {
  const cause = new Error("no state");
  const policy: Policy = {
    ...byPriority,
    init() {
      throw cause;
    },
  };
  await assert.rejects(createWorld({ policy }), cause);
});

test("Policy needs a decide() function", async () => {
  for (const policy of [null, {}, { decide: 1 }, () => wish("inline")]) {
    const options = { policy } as unknown as WorldOptions;
    await assert.rejects(
      createWorld(options),
      /"policy" must be a policy, with a "decide" function/,
    );
  }
});

test("JobFacts.draw depends on the seed and the job's number alone", async () => {
  const draws = async (seed: number, before: (draw: number) => void) => {
    const policy: Policy = {
      name: "draws",
      decide(job) {
        before(job.draw);
        return wish("inline");
      },
    };
    const world = await createWorld({ policy, seed });
    for (let i = 0; i < 50; i++) offer(world, "local", { ms: i % 3 });
  };
  const [a, b, c] = [[], [], []] as number[][];
  await draws(7, (draw) => a.push(draw));
  await draws(7, (draw) => b.push(draw));
  await draws(8, (draw) => c.push(draw));
  assert.deepEqual(a, b);
  assert.notDeepEqual(a, c);
  assert.equal(new Set(a).size, 50);
  assert.ok(a.every((draw) => draw >= 0 && draw < 1));
  const mean = a.reduce((sum, draw) => sum + draw, 0) / a.length;
  assert.ok(mean > 0.3 && mean < 0.7, `mean ${mean}`);
});

test("Policy.observe() that aborts the job it hears of leaves no job unsettled", async () => {
  const lanes = [["local", 1], ["shared", 2], ["group", 3], ["local_group", 3]] as const;
  for (const [kind, priority] of lanes) {
    const controller = new AbortController();
    const { policy } = observing({
      observe(_state, event) {
        if (event.type === "enqueue") controller.abort("policy");
      },
    });
    const world = await createWorld({ policy, batchMaxSize: 1 });
    const told = offer(world, kind, {}, { priority, signal: controller.signal });
    world.clock.run();
    assert.deepEqual([told.status, told.job?.value], ["cancelled", "policy"], kind);
    const { load, inFlight, listenerErrors } = world.router.stats();
    assert.deepEqual([load.spawnWaiting, load.poolWaiting, load.batchWaiting], [0, 0, 0], kind);
    assert.deepEqual([inFlight, listenerErrors, world.ports.calls.length], [0, 0, 0], kind);
  }
});
