// router.map() on the virtual clock.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  InvalidOptionError,
  JobDroppedError,
  JobFailedError,
  type MapInputs,
  type MapItem,
  type MapOptions,
  RouterClosedError,
  UnknownKindError,
} from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { macrotask } from "../virtual/clock.ts";
import { createWorld, type Task, type World, type WorldOptions } from "../virtual/world.ts";

/** Two workers. */
function createPoolWorld(options: WorldOptions = {}): Promise<World> {
  return createWorld({ policy: forcedPolicy("cpu_pool"), minWorkers: 2, ...options });
}

/** A source that notes how it is used. */
class Source implements AsyncIterableIterator<Task> {
  asked = 0;
  returned = 0;
  readonly #count: number;
  readonly #taskOf: (index: number) => Partial<Task>;

  constructor(count: number, taskOf: (index: number) => Partial<Task> = () => ({})) {
    this.#count = count;
    this.#taskOf = taskOf;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Task>> {
    const id = this.asked++;
    if (id >= this.#count) return Promise.resolve({ done: true, value: undefined });
    return Promise.resolve({ done: false, value: { id, ms: 10, ...this.#taskOf(id) } });
  }

  return(): Promise<IteratorResult<Task>> {
    this.returned++;
    return Promise.resolve({ done: true, value: undefined });
  }
}

const tasks = (count: number, ms = 10): Task[] =>
  Array.from({ length: count }, (_, id) => ({ id, ms }));

/** Reads all outputs while the clock runs. */
async function collect<T>(world: World, outputs: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  const reading = (async () => {
    for await (const output of outputs) found.push(output);
  })();
  await run(world, reading);
  return found;
}

/** Runs the clock until a promise has settled. */
async function run<T>({ clock }: World, promise: Promise<T>): Promise<T> {
  let isOver = false;
  const end = (): void => void (isOver = true);
  promise.then(end, end);
  await macrotask();
  for (let turns = 0; !isOver; turns++) {
    assert.ok(turns < 20_000 && (clock.step() || turns < 10), "it never ends");
    await macrotask();
  }
  return promise;
}

/** Outputs as a `for await` of some other code would ask for them: never. */
function map(
  { router }: World,
  inputs: MapInputs<unknown>,
  options: MapOptions<unknown> = {},
): AsyncGenerator<unknown, void, undefined> {
  return router.map("shared", inputs, { ...options, settled: false });
}

function items(
  { router }: World,
  inputs: MapInputs<unknown>,
  options: MapOptions<unknown> = {},
): AsyncGenerator<MapItem<unknown>, void, undefined> {
  return router.map("shared", inputs, { ...options, settled: true });
}

const doubled = (count: number): number[] => Array.from({ length: count }, (_, id) => id * 2);

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

test("concurrency bounds what is in flight", async () => {
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

test("wrong arguments throw at once", async () => {
  const { router } = await createPoolWorld();
  assert.throws(() => router.map("nope", []), UnknownKindError);
  const wrong: readonly [unknown, unknown, string][] = [
    [5, {}, "inputs"],
    [null, {}, "inputs"],
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
      return true;
    });
  }
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
