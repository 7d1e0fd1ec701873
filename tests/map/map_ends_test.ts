// How router.map() ends before its inputs do, on the virtual clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  InvalidOptionError,
  JobDroppedError,
  JobFailedError,
  RouterClosedError,
  UnknownKindError,
} from "../../mod.ts";
import { macrotask } from "../virtual/clock.ts";
import type { Task } from "../virtual/world.ts";
import { collect, createPoolWorld, items, map, run, Source, tasks } from "./map_world.ts";

test("a consumer that leaves early aborts what is in flight, and tells the source", async () => {
  const world = await createPoolWorld({ cpuQueueCapacity: 1 });
  const source = new Source(Infinity);
  const leaving = (async () => {
    for await (const output of map(world, source, { concurrency: 10 })) {
      if (output === 4) break;
    }
  })();
  await run(world, leaving);
  assert.equal(source.returned, 1);
  const { inFlight, load, cancelled, dropped } = world.router.stats();
  assert.deepEqual([inFlight, load.waitingForRoom, dropped], [0, 0, 0]);
  assert.ok(cancelled > 0);
  const { asked } = source;
  await world.clock.runAsync();
  assert.equal(source.asked, asked, "no input is taken any more");
});

test("a source that has not answered when the consumer leaves keeps nobody waiting", async () => {
  const world = await createPoolWorld();
  let asked = 0;
  let returned = 0;
  const never = new Promise<never>(() => {});
  const stuck: AsyncIterableIterator<Task> = {
    [Symbol.asyncIterator]: () => stuck,
    next: () => asked++ === 0 ? Promise.resolve({ value: { id: 1, ms: 1 } }) : never,
    return() {
      returned++;
      return never;
    },
  };
  const outputs = map(world, stuck);
  assert.equal((await run(world, outputs.next())).value, 2);
  await run(world, outputs.return());
  assert.equal(returned, 1);
});

test("the first failure throws, and stops the rest", async () => {
  const world = await createPoolWorld();
  const source = new Source(Infinity, (id) => id === 5 ? { end: "throw" } : {});
  const found: unknown[] = [];
  const reading = (async () => {
    for await (const output of map(world, source)) found.push(output);
  })();
  await assert.rejects(run(world, reading), JobFailedError);
  assert.ok(found.length <= 5);
  assert.equal(source.returned, 1);
  const { inFlight, failed } = world.router.stats();
  assert.deepEqual([inFlight, failed], [0, 1]);
  const { asked } = source;
  await world.clock.runAsync();
  assert.equal(source.asked, asked);
});

test("a drop throws a JobDroppedError", async () => {
  const world = await createPoolWorld({ waitCapacity: 1, cpuQueueCapacity: 1 });
  const reading = collect(world, map(world, tasks(20), { concurrency: 20 }));
  await assert.rejects(reading, (error) => {
    assert.ok(error instanceof JobDroppedError);
    assert.equal(error.reason, "wait_full");
    return true;
  });
  assert.equal(world.router.stats().inFlight, 0);
});

test("with settled: true each item says how it ended, and the rest goes on", async () => {
  const world = await createPoolWorld();
  const source = new Source(6, (id) => id === 1 ? { end: "throw" } : id === 3 ? { ms: 500 } : {});
  const hints = (_: unknown, index: number) =>
    index === 2 ? { priority: 99 } : index === 3 ? { runTimeoutMs: 20 } : { latencyBudgetMs: 1e3 };
  const found = await collect(world, items(world, source, { hints }));
  assert.deepEqual(found.map(({ index, status }) => `${index} ${status}`), [
    "0 completed",
    "1 failed",
    "2 refused",
    "3 timedOut",
    "4 completed",
    "5 completed",
  ]);
  const [first, failed] = found;
  assert.ok(first.status === "completed" && first.output === 0 && first.withinBudget);
  assert.ok(first.status === "completed" && first.strategy === "cpu_pool");
  assert.ok(failed.status === "failed" && failed.error instanceof JobFailedError);
  assert.equal(source.returned, 0, "it was read to its end");
});

test("with settled: true a drop is an item, too", async () => {
  const world = await createPoolWorld({ waitCapacity: 1, cpuQueueCapacity: 1 });
  const found = await collect(world, items(world, tasks(20), { concurrency: 20 }));
  const dropped = found.filter(({ status }) => status === "dropped");
  assert.ok(dropped.length > 0 && dropped.length < 20);
  assert.deepEqual(found.map(({ index }) => index), tasks(20).map(({ id }) => id));
  for (const item of dropped) {
    assert.ok(item.status === "dropped" && item.reason === "wait_full" && item.retryAfterMs >= 1);
  }
});

test("an error of the source throws after the rest was stopped", async () => {
  const world = await createPoolWorld();
  const broken = new Error("source");
  async function* source() {
    yield* tasks(3, 100);
    throw broken;
  }
  for (const settled of [true, false] as const) {
    const outputs = settled ? items(world, source()) : map(world, source());
    await assert.rejects(collect(world, outputs), (error) => error === broken);
    assert.equal(world.router.stats().inFlight, 0);
  }
  const rejecting = [{ id: 0, ms: 1 }, Promise.reject(broken)];
  await assert.rejects(collect(world, map(world, rejecting)), (error) => error === broken);
});

test("an abort throws the signal's reason, and leaves no listener", async () => {
  const world = await createPoolWorld();
  const source = new Source(Infinity);
  const controller = new AbortController();
  const reason = new Error("enough");
  const reading = collect(world, map(world, source, { signal: controller.signal }));
  setTimeout(() => controller.abort(reason), 20);
  await assert.rejects(reading, (error) => error === reason);
  assert.equal(source.returned, 1);
  assert.equal(world.router.stats().inFlight, 0);

  const aborted = new Source(3);
  const outputs = map(world, aborted, { signal: AbortSignal.abort(reason) });
  await assert.rejects(collect(world, outputs), (error) => error === reason);
  assert.equal(aborted.asked, 0);
});

test("a router that closes ends it, with settled: true as well", async () => {
  for (const settled of [true, false] as const) {
    const world = await createPoolWorld();
    const source = new Source(Infinity);
    const outputs = settled ? items(world, source) : map(world, source);
    const reading = collect(world, outputs);
    await macrotask();
    const closing = world.router.close({ drainMs: 0 });
    await assert.rejects(reading, RouterClosedError);
    await run(world, closing);
    assert.equal(source.returned, 1);
  }
});

test("wrong arguments throw at once", async () => {
  const { router } = await createPoolWorld();
  assert.throws(() => router.map("nope", []), UnknownKindError);
  const wrong: readonly [unknown, unknown, string][] = [
    [5, {}, "inputs"],
    [null, {}, "inputs"],
    ["a string", {}, "inputs"],
    [{}, {}, "inputs"],
    [[], { concurrency: 0 }, "concurrency"],
    [[], { concurrency: 1.5 }, "concurrency"],
    [[], { concurrency: Infinity }, "concurrency"],
    [[], { ordered: 1 }, "ordered"],
    [[], { settled: "yes" }, "settled"],
    [[], { hints: 5 }, "hints"],
    [[], { hints: null }, "hints"],
    [[], { signal: {} }, "signal"],
    [[], { priority: 5 }, "priority"],
    [[], Object.create({ concurrency: 5 }), "concurrency"],
    [[], null, "options"],
  ];
  for (const [inputs, options, option] of wrong) {
    assert.throws(() => router.map("shared", inputs as never, options as never), (error) => {
      assert.ok(error instanceof InvalidOptionError, `${option}: ${error}`);
      assert.equal(error.option, option);
      assert.match(error.message, /^Cannot map as "/);
      if (option === "priority") assert.match(error.message, /It goes into hints\./);
      return true;
    });
  }
});

test("map() refuses hints that have what is its own", async () => {
  const world = await createPoolWorld();
  for (const [name, value] of [["signal", AbortSignal.abort()], ["whenFull", "drop"]] as const) {
    for (const hints of [{ [name]: value }, () => ({ [name]: value })]) {
      const outputs = collect(world, map(world, tasks(1), { hints: hints as never }));
      await assert.rejects(outputs, (error) => {
        assert.ok(error instanceof InvalidOptionError);
        assert.equal(error.option, `hints.${name}`);
        return true;
      });
    }
  }
});
