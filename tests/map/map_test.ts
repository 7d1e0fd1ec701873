// router.map() on the virtual clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { macrotask } from "../virtual/clock.ts";
import { createWorld, type Task } from "../virtual/world.ts";
import { guarded } from "../fixtures/until.ts";
import { collect, createPoolWorld, doubled, map, run, Source, tasks } from "./map_world.ts";

test("outputs come in the order of their inputs, from any iterable", async () => {
  const world = await createPoolWorld();
  const list = tasks(20).map((task) => ({ ...task, ms: (task.id * 7) % 5 }));
  assert.deepEqual(await collect(world, map(world, list)), doubled(20));
  assert.deepEqual(await collect(world, map(world, new Set(list))), doubled(20));
  assert.deepEqual(await collect(world, map(world, new Source(20))), doubled(20));
  const promised = list.map((task) => Promise.resolve(task));
  assert.deepEqual(await collect(world, map(world, promised)), doubled(20));
  assert.deepEqual(await collect(world, map(world, [])), []);
  assert.equal(world.router.stats().dropped, 0);
});

test("with ordered: false outputs come as jobs end", async () => {
  const world = await createPoolWorld();
  const list = [{ id: 0, ms: 50 }, { id: 1, ms: 10 }, { id: 2, ms: 10 }, { id: 3, ms: 10 }];
  assert.deepEqual(await collect(world, map(world, list, { ordered: false })), [2, 4, 6, 0]);
});

test("concurrency bounds what is in flight", guarded, async () => {
  for (const concurrency of [1, 3, 50]) {
    const world = await createPoolWorld({ cpuQueueCapacity: 5 });
    let most = 0;
    const outputs = await collect(
      world,
      map(
        world,
        new Source(60, () => {
          most = Math.max(most, world.router.load.inFlight);
          return {};
        }),
        { concurrency },
      ),
    );
    assert.deepEqual(outputs, doubled(60));
    assert.equal(most, concurrency - 1, "as an input is taken");
    assert.equal(world.router.stats().dropped, 0, "where submit() would drop, it waits");
  }
});

test("it holds a bounded number of outputs, however slow its consumer is", async () => {
  for (const ordered of [true, false]) {
    const world = await createPoolWorld();
    const source = new Source(Infinity);
    const outputs = map(world, source, { ordered, concurrency: 4 });
    const first = outputs.next();
    assert.equal((await run(world, first)).value, 0);
    await world.clock.runAsync();
    assert.equal(source.asked, 33, "32 inputs ahead of what was given");
    assert.equal(world.router.load.inFlight, 0);
    await run(world, outputs.next());
    await world.clock.runAsync();
    assert.equal(source.asked, 34);
    await outputs.return();
    assert.equal(source.returned, 1);
  }
});

test("nothing begins before an output is asked for", async () => {
  const world = await createPoolWorld();
  const source = new Source(3);
  const outputs = map(world, source);
  await macrotask();
  assert.deepEqual([source.asked, world.router.stats().submitted], [0, 0]);
  await outputs.return();
  assert.deepEqual([source.asked, source.returned], [0, 0]);
  assert.deepEqual(await outputs.next(), { done: true, value: undefined });
});

test("hints are for all jobs, or by input and index; what they throw ends it", async () => {
  const world = await createPoolWorld();
  const seen: number[] = [];
  world.router.on("outcome", ({ facts }) => seen.push(facts.priority));
  await collect(world, map(world, tasks(2), { hints: { priority: 7 } }));
  const hints = (input: unknown, index: number) => ({ priority: (input as Task).id + index });
  await collect(world, map(world, tasks(3), { hints, concurrency: 1 }));
  assert.deepEqual(seen, [7, 7, 0, 2, 4]);
  const source = new Source(Infinity);
  const wrong = new Error("hints");
  const throwing = () => {
    throw wrong;
  };
  const reading = collect(world, map(world, source, { hints: throwing }));
  await assert.rejects(reading, (error) => error === wrong);
  assert.equal(source.returned, 1);
});

test("inline jobs are mapped, and an endless run of them lets the event loop turn", async () => {
  const world = await createWorld({ policy: forcedPolicy("inline"), inlineSliceMs: 8 });
  const outputs = world.router.map("local", tasks(200, 1));
  assert.deepEqual(await collect(world, outputs as AsyncIterable<unknown>), doubled(200));
});

test("two that share a router both get on", async () => {
  const world = await createPoolWorld({ cpuQueueCapacity: 1 });
  const both = Promise.all([
    collect(world, map(world, new Source(40))),
    collect(world, map(world, new Source(40), { ordered: false })),
  ]);
  const [first, second] = await run(world, both);
  assert.deepEqual(first, doubled(40));
  assert.deepEqual((second as number[]).sort((a, b) => a - b), doubled(40));
});

test("all workers are busy at least 95 % of the time, with jobs of sizes that differ", async () => {
  const world = await createPoolWorld();
  let workMs = 0;
  // Most are small, one in 20 is ten times as large, as files are.
  const source = new Source(250, (id) => {
    const ms = id % 20 === 7 ? 50 : 2 + (id * 31) % 7;
    workMs += ms;
    return { ms };
  });
  const startMs = world.clock.now();
  const outputs = await collect(world, map(world, source));
  assert.equal(outputs.length, 250);
  const share = workMs / (2 * (world.clock.now() - startMs));
  assert.ok(share >= 0.95, `busy ${share}`);
});
