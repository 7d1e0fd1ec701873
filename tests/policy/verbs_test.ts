// What a policy can do beside choosing a lane: evict a job that waits, and say when to try again.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Decision, type JobFacts, type Load, type Policy, type Waiting } from "../../mod.ts";
import { createWorld, offer, Told, type World } from "../virtual/world.ts";
import { byPriority, wish, WISHES } from "./wishes.ts";

/** Lets the job of the highest cost that waits for the pool give way to a cheaper one. */
const costliest: Policy = {
  name: "costliest",
  decide: () => wish("cpu_pool"),
  order: (job) => job.computeCost,
  evict(job, load) {
    const last = load.poolWaiting < load.poolCapacity ? undefined : load.lastOf("cpu_pool");
    if (last === undefined || last.computeCost <= job.computeCost) return undefined;
    return { job: last, reason: "costly", retryAfterMs: 1_234 };
  },
};

function createFullWorld(policy: Policy, options = {}): Promise<World> {
  const limits = { cpuParallelism: 1, minWorkers: 1, cpuQueueCapacity: 3 };
  return createWorld({ policy, ...limits, ...options });
}

/** Offers jobs of some costs to a pool whose worker is busy. */
function offerAll(world: World, costs: readonly number[], options = {}): Told[] {
  offer(world, "shared", { ms: 100 }, { computeCost: 0 });
  return costs.map((computeCost) => offer(world, "shared", { ms: 1 }, { computeCost, ...options }));
}

test("Policy.evict() names a waiting job that gives way, with a reason and a time", async () => {
  const world = await createFullWorld(costliest);
  const told = offerAll(world, [5, 9, 7, 6, 8]);
  const stories = told.map((one) => one.story);
  assert.deepEqual(stories, [
    "pending",
    "cpu_pool dropped costly",
    "pending",
    "pending",
    "backpressure_drop dropped lane_full",
  ]);
  assert.equal((told[1].job as unknown as { retryAfterMs: number }).retryAfterMs, 1_234);
  assert.equal(world.router.load.poolWaiting, 3);
  world.clock.run();
  const { dropReasons, routed, listenerErrors } = world.router.stats();
  assert.deepEqual(dropReasons, { costly: 1, lane_full: 1 });
  assert.deepEqual([routed.cpu_pool, routed.backpressure_drop, listenerErrors], [5, 1, 0]);
});

test("Policy.evict() is not asked for by explain(), which sees the place that would be free", async () => {
  const world = await createFullWorld(costliest);
  const told = offerAll(world, [5, 9, 7]);
  const reason = (computeCost: number) =>
    world.router.explain("shared", { id: 1, ms: 1 }, { computeCost }).reason;
  assert.deepEqual([reason(6), reason(10)], ["wish", "lane_full"]);
  assert.ok(told.every((one) => one.status === "pending"));
});

test("Policy.evict() makes room in the queue of spawned jobs and of batches, too", async () => {
  for (const [kind, strategy] of [["local", "spawn"], ["group", "batch"]] as const) {
    const policy: Policy = {
      name: "evicts",
      decide: () => wish(strategy),
      evict: (_job: JobFacts, load: Load): Waiting | undefined => {
        const job = strategy === "spawn" ? load.lastOf("spawn") : load.lastOf("cpu_pool");
        return job && { job, reason: "evicted" };
      },
    };
    const limits = { batchMaxSize: 1, cpuQueueCapacity: 2, spawnQueueCapacity: 2 };
    const world = await createFullWorld(policy, limits);
    const told = Array.from({ length: 5 }, () => offer(world, kind, { ms: 9 }));
    world.clock.run();
    const stories = told.map(({ story }) => story);
    assert.equal(
      stories.filter((story) => story === `${strategy} dropped evicted`).length >= 2,
      true,
    );
    assert.equal(stories.at(-1), `${strategy} completed`);
    const { inFlight, load, doubleSettled } = world.router.stats();
    assert.deepEqual([inFlight, load.poolWaiting, load.spawnWaiting, doubleSettled], [0, 0, 0, 0]);
  }
});

test("Policy.evict() frees the place before the evicted job is told, so that nobody else takes it", async () => {
  const world = await createFullWorld(costliest);
  const [, costly] = offerAll(world, [5, 9, 7]);
  let nested: Told | undefined;
  const told = new Told(() => {
    nested ??= offer(world, "shared", {}, { computeCost: 8 });
  });
  world.router.offer("shared", { id: 1, ms: 1 }, { computeCost: 6.5 }, new Told());
  assert.equal(costly.story, "cpu_pool dropped costly");
  world.router.offer("shared", { id: 1, ms: 1 }, { computeCost: 6.9 }, told);
  assert.ok(world.router.load.poolWaiting <= 3);
  world.clock.run();
  assert.equal(told.story, "cpu_pool completed");
  assert.equal(nested?.status, "completed");
});

test("Policy.evict() evicts nobody if the new job does not wait in that queue, or is refused", async () => {
  let victim: JobFacts | undefined;
  const policy: Policy = {
    name: "elsewhere",
    decide: (job) => wish(WISHES[job.priority]),
    evict: (_job, load) => {
      victim = load.lastOf("cpu_pool");
      return victim && { job: victim, reason: "evicted" };
    },
  };
  const world = await createFullWorld(policy, { quarantineAfter: 1 });
  offer(world, "steady_group", { end: "crash" }, { priority: 2 }); // its kind is quarantined
  world.clock.advance(50);
  const told = [1, 2].map(() => offer(world, "shared", { ms: 50 }, { priority: 2 }));
  offer(world, "local", {}, { priority: 1 });
  assert.ok(victim !== undefined);
  const inline = offer(world, "local", { ms: 0 }, { priority: 0 });
  assert.equal(inline.story, "inline completed");
  const refused = offer(world, "steady_group", {}, { priority: 2 });
  assert.equal(refused.story, "backpressure_drop dropped kind_quarantined");
  assert.deepEqual(told.map(({ status }) => status), ["pending", "pending"]);
  world.clock.run();
  assert.deepEqual(told.map(({ status }) => status), ["completed", "completed"]);
});

test("Policy.evict() cannot evict what runs, is over, or is no job of the router", async () => {
  const seen: JobFacts[] = [];
  let choose: (job: JobFacts) => unknown = () => undefined;
  const policy: Policy = {
    name: "odd",
    decide: () => wish("cpu_pool"),
    observe: (_state, event) => void seen.push(event.job),
    evict: (job) => {
      const chosen = choose(job);
      return chosen === undefined ? undefined : { job: chosen as JobFacts, reason: "evicted" };
    },
  };
  const world = await createFullWorld(policy);
  for (const ms of [50, 50]) offer(world, "shared", { ms });
  world.clock.run();
  offer(world, "shared", { ms: 100 });
  const over = seen.find(({ id }) => id === 2)!; // it has waited, unlike the one that runs
  const running = seen.at(-1)!;
  offer(world, "shared", { ms: 100 });
  const waiting = seen.at(-1)!;
  for (const [chosen, errors] of [[over, 0], [running, 1], [{ ...waiting }, 1], [{}, 1], [1, 1]]) {
    const before = world.router.stats().listenerErrors;
    choose = () => chosen;
    assert.equal(offer(world, "shared").status, "pending");
    choose = () => undefined;
    const { listenerErrors, dropped } = world.router.stats();
    assert.deepEqual([listenerErrors - before, dropped], [errors, 0]);
    world.router.configure({ cpuQueueCapacity: 100 });
  }
  choose = () => waiting;
  offer(world, "shared");
  assert.deepEqual(world.router.stats().dropReasons, { evicted: 1 });
  world.clock.run();
  assert.equal(world.router.stats().inFlight, 0);
});

test("Policy.evict() that throws or gives a promise is counted, and evicts nobody", async () => {
  const broken: ((() => never) | (() => unknown))[] = [
    () => {
      throw new Error("no");
    },
    () => Promise.reject(new Error("too late")),
    () => null,
    () => ({ job: null, reason: "odd" }),
  ];
  for (const evict of broken) {
    const world = await createFullWorld({ ...byPriority, evict: evict as Policy["evict"] });
    const jobs = [1, 2].map((priority) => offer(world, "shared", {}, { priority }));
    world.clock.run();
    assert.deepEqual(jobs.map(({ status }) => status), ["completed", "completed"]);
    assert.equal(world.router.stats().listenerErrors, 2);
  }
});

test("Policy.evict() keeps its reasons within bounds", async () => {
  const world = await createFullWorld({
    ...costliest,
    evict: (_job, load) => {
      const job = load.lastOf("cpu_pool");
      return job && { job, reason: "long".repeat(100) };
    },
  });
  offerAll(world, [1, 2]);
  assert.deepEqual(world.router.stats().dropReasons, { other: 1 });
});

for (const from of ["decide", "admit"] as const) {
  test(`a policy's "${from}" says when a retry is worthwhile; what is out of range is ignored`, async () => {
    const times: [unknown, number][] = [
      [undefined, 100],
      [1, 1],
      [0.5, 1],
      [7.2, 8],
      [2_147_483_647, 2_147_483_647],
      ...[0, -1, NaN, Infinity, 2_147_483_648, "5", null].map((
        wrong,
      ): [unknown, number] => [wrong, 100]),
    ];
    for (const [retryAfterMs, wanted] of times) {
      const drop = { strategy: "backpressure_drop", reason: "mine", retryAfterMs } as Decision;
      const policy: Policy = {
        name: "late",
        decide: () => from === "decide" ? drop : wish("spawn"),
        admit: () => drop,
      };
      const world = await createWorld({ policy });
      const submitted = world.router.submit("local", { id: 1, ms: 1 });
      world.clock.run();
      assert.deepEqual(await submitted, {
        status: "dropped",
        strategy: "backpressure_drop",
        reason: "mine",
        retryAfterMs: wanted,
      });
    }
  });
}
