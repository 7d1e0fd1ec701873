import assert from "node:assert/strict";
import { test } from "node:test";
import { type Policy, PolicyError } from "../../mod.ts";
import { createWorld, offer, type WorldOptions } from "../virtual/world.ts";
import { byPriority, observing, wish } from "./wishes.ts";

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
    assert.match(error.message, /did not choose a known strategy: received/);
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

test("Policy that makes up a reason for each drop fills no memory with them", async () => {
  const policy: Policy = {
    name: "talkative",
    decide: (job) =>
      job.id % 2 === 0
        ? { strategy: "backpressure_drop", reason: `no ${job.id}` }
        : { strategy: "spawn", reason: "odd" },
    admit: (job) => ({ reason: job.id === 1 ? "long".repeat(100) : `late ${job.id}` }),
  };
  const world = await createWorld({ policy });
  const jobs = Array.from({ length: 200 }, () => offer(world, "local"));
  world.clock.run();
  const { dropped, dropReasons, series, windows } = world.router.stats();
  assert.equal(dropped, 200);
  assert.equal(Object.keys(dropReasons).length, 65);
  assert.deepEqual([dropReasons["no 2"], dropReasons["other"]], [1, 200 - 64]);
  assert.equal(jobs[0].story, "spawn dropped other", "a reason is short");
  assert.equal(jobs[1].story, "backpressure_drop dropped no 2");
  assert.ok(series.every((one) => Object.keys(one.dropReasons).length <= 65));
  assert.ok(Object.keys(windows.last1min.dropReasons).length <= 65);
});
