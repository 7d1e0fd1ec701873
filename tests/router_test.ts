import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  type DecisionRecord,
  defineJobs,
  InvalidInputError,
  InvalidOptionError,
  JobDroppedError,
  JobFailedError,
  JobTimeoutError,
  type Outcome,
  RouterClosedError,
  type SchemaResult,
  type StandardSchema,
  UnknownKindError,
  WorkerCrashedError,
} from "../mod.ts";
import type { AnyKind } from "../src/jobs.ts";
import { macrotask, VirtualClock } from "./virtual/clock.ts";
import { ModelPorts } from "./virtual/port.ts";
import {
  completed,
  createWorld,
  defineSet,
  offer,
  serveTask,
  type Task,
  Told,
  type World,
} from "./virtual/world.ts";

const tiny = { computeCost: 1 };
const medium = { computeCost: 10_000 };
const heavy = { computeCost: 100_000 };
const task: Task = { id: 3, ms: 2 };

/** A schema by hand; `validate` may throw, reject or take its time. */
function schemaOf(validate: (value: unknown) => unknown): StandardSchema<number, number> {
  const check = validate as (value: unknown) => SchemaResult<number>;
  return { "~standard": { version: 1, vendor: "test", validate: check } };
}

/** Settles a promise on the virtual clock; what it became. */
async function settle<T>({ clock }: Pick<World, "clock">, promise: Promise<T>): Promise<T> {
  const [result] = await Promise.allSettled([promise, clock.runAsync()]);
  if (result.status === "rejected") throw result.reason;
  return result.value;
}

/** Whether a promise is still open. */
async function isOpen(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol();
  return await Promise.race([promise.catch(() => 0), macrotask().then(() => open)]) === open;
}

test("submit() resolves to the output with strategy and timing, the same on every lane", async () => {
  const world = await createWorld();
  const outcomes = await settle(
    world,
    Promise.all([
      world.router.submit("local", task, tiny),
      world.router.submit("shared", task, medium),
      world.router.submit("shared", task, heavy),
      world.router.submit("group", task, { ...heavy, scalingPotential: 1 }),
      world.router.submit("local_group", task, { ...heavy, scalingPotential: 1 }),
    ]),
  );
  const strategies = outcomes.map((outcome) => completed(outcome).strategy);
  assert.deepEqual(strategies, ["inline", "spawn", "cpu_pool", "batch", "batch"]);
  for (const outcome of outcomes.map(completed)) {
    assert.deepEqual([outcome.output, outcome.withinBudget], [6, true]);
    const { waitMs, runMs, totalMs } = outcome.timing;
    assert.deepEqual([runMs, waitMs + runMs], [2, totalMs]);
  }
});

test("submit() resolves to a drop, with a reason and when to try again", async () => {
  const world = await createWorld({ cpuQueueCapacity: 1, cpuParallelism: 1 });
  void world.router.submit("shared", task, heavy);
  const outcome = await world.router.submit("shared", task, heavy);
  assert.deepEqual(outcome, { status: "dropped", reason: "pool_saturated", retryAfterMs: 100 });
  await world.clock.runAsync();
});

test("submit() rejects with JobFailedError and the cause, the same on every lane", async () => {
  const world = await createWorld();
  const throws: Task = { id: 3, ms: 1, end: "throw" };
  for (const hints of [tiny, medium, heavy, { ...heavy, scalingPotential: 1 }]) {
    for (const kind of ["group", "local_group"]) {
      await assert.rejects(settle(world, world.router.submit(kind, throws, hints)), (error) => {
        assert.ok(error instanceof JobFailedError);
        assert.equal(error.kind, kind);
        assert.equal((error.cause as Error).message, "task 3");
        return true;
      });
    }
  }
  assert.equal(world.router.stats().failed, 8);
});

test("submit() rejects with WorkerCrashedError when the worker dies", async () => {
  const world = await createWorld();
  const promise = world.router.submit("shared", { id: 1, ms: 100 }, heavy);
  world.clock.advance(10);
  world.ports.all[0].die(new WorkerCrashedError("Worker exited with code 7", 7));
  await assert.rejects(promise, { name: "WorkerCrashedError", exitCode: 7 });
});

test("submit() with a transient drop, abort or failure never leaves a rejection unhandled", async () => {
  const world = await createWorld();
  const controller = new AbortController();
  const promise = world.router.submit("shared", task, { ...heavy, signal: controller.signal });
  controller.abort();
  await assert.rejects(promise, { name: "AbortError" });
  await world.clock.runAsync();
});

test("submit() tells when to try again: soon here, late where workers are lost", async () => {
  const here = await createWorld({ spawnQueueCapacity: 1 });
  void here.router.submit("local", task, medium);
  const full = await here.router.submit("local", task, medium);
  assert.deepEqual(full, { status: "dropped", reason: "lane_full", retryAfterMs: 100 });
  const world = await createWorld({ cpuParallelism: 1 });
  offer(world, "shared", { end: "lost" }, heavy);
  world.clock.run();
  const lost = await world.router.submit("shared", task, heavy);
  assert.deepEqual(lost, { status: "dropped", reason: "workers_lost", retryAfterMs: 60_000 });
  here.clock.run();
});

test("run() gives the output itself, and throws JobDroppedError for a drop", async () => {
  const world = await createWorld({ cpuQueueCapacity: 1, cpuParallelism: 1 });
  assert.equal(await world.router.run("local", task, tiny), 6);
  void world.router.submit("shared", task, heavy);
  await assert.rejects(world.router.run("shared", task, heavy), (error) => {
    assert.ok(error instanceof JobDroppedError);
    const { kind, reason, retryAfterMs } = error;
    assert.deepEqual([kind, reason, retryAfterMs], ["shared", "pool_saturated", 100]);
    return true;
  });
  await world.clock.runAsync();
});

test("submit() refuses an unknown kind, by rejection", async () => {
  const { router } = await createWorld();
  for (const kind of ["nope", "", "__proto__", "constructor", undefined, null, 7, Symbol("x")]) {
    await assert.rejects(router.submit(kind as string, task), (error) => {
      assert.ok(error instanceof UnknownKindError);
      assert.deepEqual(error.known, ["local", "local_group", "shared", "group", "steady_group"]);
      return true;
    });
  }
  assert.deepEqual(router.stats().rejected, { unknown_kind: 8 });
  assert.equal(router.stats().submitted, 0);
});

test("submit() refuses a signal that has aborted, with its reason untouched", async () => {
  const { router } = await createWorld();
  const reasons = [new Error("why"), "text", 0, null, false, { a: 1 }, Symbol.iterator];
  for (const reason of reasons) {
    const controller = new AbortController();
    controller.abort(reason);
    const told = new Told();
    router.offer("local", task, { signal: controller.signal }, told);
    assert.deepEqual(told.refusals, [reason]);
    const promise = router.submit("local", task, { signal: controller.signal });
    await assert.rejects(promise, (error) => error === reason);
  }
  assert.deepEqual(router.stats().rejected, { aborted: reasons.length * 2 });
  assert.equal(router.stats().submitted, 0);
});

test("submit() rejects at once with the signal's reason when it aborts, on every lane", async () => {
  const world = await createWorld();
  const reasons = [new Error("why"), "text", 0, null];
  const lanes: [string, object, Partial<Task>][] = [
    ["local", tiny, { later: true }],
    ["local", medium, {}],
    ["local", medium, { later: true }],
    ["shared", heavy, {}],
    ["group", { ...heavy, scalingPotential: 1 }, {}],
    ["local_group", { ...heavy, scalingPotential: 1 }, { later: true }],
  ];
  for (const [kind, hints, extra] of lanes) {
    for (const reason of reasons) {
      for (const ms of [0, 15]) { // waiting, and running
        const controller = new AbortController();
        const options = { ...hints, signal: controller.signal };
        const promise = world.router.submit(kind, { id: 1, ms: 50, ...extra }, options);
        world.clock.advance(ms);
        if (world.router.stats().inFlight === 0) {
          await promise; // a short one has ended by then
          continue;
        }
        controller.abort(reason);
        assert.equal(world.router.stats().inFlight, 0);
        await assert.rejects(promise, (error) => error === reason);
      }
    }
    world.clock.run();
  }
});

test("JobContext.signal aborts with the caller's reason while a job runs here", async () => {
  const seen: unknown[] = [];
  const kinds: Record<string, AnyKind> = {
    wait: {
      run: (_input, context) => {
        const { signal, isAborted } = context;
        assert.equal(context.signal, signal, "one signal for a run");
        signal.addEventListener("abort", () => seen.push(signal.reason, isAborted()));
        return new Promise(() => {});
      },
    },
  };
  const world = await createWorld({ jobs: defineSet(kinds) });
  for (const computeCost of [1, 10_000]) {
    const controller = new AbortController();
    const told = offer(world, "wait", {}, { computeCost, signal: controller.signal });
    world.clock.advance(5);
    controller.abort("because");
    assert.equal(told.status, "cancelled");
  }
  assert.deepEqual(seen, ["because", true, "because", true]);
});

test("JobContext tells of an abort that came before anyone asked", async () => {
  const seen: unknown[] = [];
  const controller = new AbortController();
  const kinds: Record<string, AnyKind> = {
    late: {
      run: (_input, context) => {
        controller.abort("because");
        seen.push(context.isAborted(), context.signal.aborted, context.signal.reason);
      },
    },
  };
  const world = await createWorld({ jobs: defineSet(kinds) });
  const told = offer(world, "late", {}, { ...tiny, signal: controller.signal });
  assert.equal(told.status, "cancelled");
  assert.deepEqual(seen, [true, true, "because"]);
});

test("runTimeoutMs starts with the run and rejects with JobTimeoutError, on this thread too", async () => {
  const world = await createWorld();
  const slow: Task = { id: 1, ms: 100, later: true };
  const inline = offer(world, "local", slow, { ...tiny, runTimeoutMs: 20 });
  const spawned = offer(world, "local", slow, { ...medium, runTimeoutMs: 20 });
  const blocking = offer(world, "local", { ms: 10 }, { ...tiny, runTimeoutMs: 5 });
  world.clock.run();
  for (const { job } of [inline, spawned]) {
    assert.ok(job?.value instanceof JobTimeoutError);
    assert.deepEqual([job.value.kind, job.value.runTimeoutMs], ["local", 20]);
  }
  assert.deepEqual([inline.job?.totalMs, spawned.job?.totalMs], [20, 30]);
  assert.equal(blocking.story, "inline completed", "synchronous work cannot be stopped");
  assert.equal(world.router.stats().timedOut, 2);
});

test("hints come from submit, else from the kind, else from the defaults", async () => {
  const run = () => 0;
  const hinted = { scaling: 0.9, latencyBudgetMs: 70, priority: 8, runTimeoutMs: 90 };
  const kinds: Record<string, AnyKind> = {
    plain: { run },
    hinted: { run, ...hinted, cost: (input: { size: number }) => input.size * 2 },
    fixed: { run, cost: 5 },
  };
  const { router } = await createWorld({ jobs: defineSet(kinds) });
  const hintsOf = (kind: string, options?: object) => {
    const record = router.explain(kind, { size: 21 }, options);
    const { computeCost, scalingPotential, latencyBudgetMs, priority } = record;
    return [computeCost, scalingPotential, latencyBudgetMs, priority];
  };
  assert.deepEqual(hintsOf("plain"), [undefined, 0.5, undefined, 5]);
  assert.deepEqual(hintsOf("hinted"), [42, 0.9, 70, 8]);
  assert.deepEqual(hintsOf("fixed"), [5, 0.5, undefined, 5]);
  const own = { computeCost: 0, scalingPotential: 0, latencyBudgetMs: 1, priority: 0 };
  assert.deepEqual(hintsOf("hinted", own), [0, 0, 1, 0]);
});

test("submit() checks the input with the kind's schema and runs what the schema gives", async () => {
  const kinds: Record<string, AnyKind> = {
    checked: {
      input: schemaOf((value) =>
        typeof value === "number"
          ? { value: value + 1 }
          : { issues: [{ message: "must be a number", path: ["a", { key: 0 }] }, { message: "2" }] }
      ),
      cost: (input: number) => input,
      run: (input: number) => input * 10,
    },
  };
  const { router } = await createWorld({ jobs: defineSet(kinds) });
  assert.equal(await router.run("checked", 4), 50);
  assert.equal(router.explain("checked", 4).computeCost, 5);
  await assert.rejects(router.submit("checked", "4"), (error) => {
    assert.ok(error instanceof InvalidInputError);
    assert.equal(error.issues.length, 2);
    assert.match(error.message, /invalid at "a\.0": must be a number \(and 1 more\)$/);
    return true;
  });
  assert.throws(() => router.explain("checked", "4"), InvalidInputError);
  assert.deepEqual(router.stats().rejected, { invalid_input: 1 });
  assert.equal(router.stats().submitted, 1);
});

test("submit() with a schema that throws, rejects or answers later", async () => {
  const run = (input: number) => input;
  const kinds: Record<string, AnyKind> = {
    throws: { cost: 1, run, input: schemaOf(() => assert.fail("schema")) },
    rejects: { cost: 1, run, input: schemaOf(() => Promise.reject(new Error("schema"))) },
    later: {
      cost: 1,
      run,
      input: schemaOf((value) =>
        Promise.resolve(value === 1 ? { value: 7 } : { issues: [{ message: "not one" }] })
      ),
    },
  };
  const { router } = await createWorld({ jobs: defineSet(kinds) });
  await assert.rejects(router.submit("throws", 1), /the schema threw schema$/);
  await assert.rejects(router.submit("rejects", 1), /the schema threw schema$/);
  assert.equal(await router.run("later", 1), 7);
  await assert.rejects(router.submit("later", 2), InvalidInputError);
  const told = new Told();
  router.offer("later", 1, undefined, told);
  router.offer("later", 2, undefined, told);
  assert.equal(told.status, "pending");
  await macrotask();
  assert.deepEqual([told.jobs.length, told.refusals.length], [1, 1]);
  assert.deepEqual(router.stats().rejected, { invalid_input: 4 });
});

test("drain() waits for a schema that answers later", async () => {
  let answer = (_result: SchemaResult<number>): void => {};
  const input = schemaOf(() => new Promise<SchemaResult<number>>((resolve) => answer = resolve));
  const world = await createWorld({
    jobs: defineSet({ later: { cost: 1, run: () => 5, input } as AnyKind }),
  });
  const output = world.router.run("later", 1);
  const drained = world.router.drain();
  assert.ok(await isOpen(drained));
  answer({ value: 1 });
  await drained;
  assert.equal(await output, 5);
});

test("close() does not wait for ever for a schema that never answers", async () => {
  let answer = (_result: SchemaResult<number>): void => {};
  const input = schemaOf(() => new Promise<SchemaResult<number>>((resolve) => answer = resolve));
  const world = await createWorld({
    jobs: defineSet({ later: { cost: 1, run: () => 5, input } as AnyKind }),
  });
  const output = world.router.submit("later", 1);
  const closed = world.router.close({ drainMs: 100 });
  world.clock.advance(99);
  assert.ok(await isOpen(closed));
  world.clock.advance(1);
  await closed;
  answer({ value: 1 });
  await assert.rejects(output, RouterClosedError);
});

test("an abort while the schema takes its time is seen when it answers", async () => {
  let answer = (_result: SchemaResult<number>): void => {};
  const input = schemaOf(() => new Promise<SchemaResult<number>>((resolve) => answer = resolve));
  const world = await createWorld({
    jobs: defineSet({ later: { cost: 1, run: () => 5, input } as AnyKind }),
  });
  const controller = new AbortController();
  const output = world.router.submit("later", 1, { signal: controller.signal });
  controller.abort("gone");
  answer({ value: 1 });
  await assert.rejects(output, (error) => error === "gone");
  assert.equal(world.router.stats().submitted, 0);
});

test("explain() says what would be done, and does nothing", async () => {
  const world = await createWorld();
  const before = world.router.stats();
  const record = world.router.explain("shared", task, { ...heavy, latencyBudgetMs: 50 });
  const { load, ...rest } = record;
  assert.deepEqual(rest, {
    jobId: 1,
    kind: "shared",
    strategy: "cpu_pool",
    reason: "heavy",
    computeCost: 100_000,
    scalingPotential: 0.5,
    latencyBudgetMs: 50,
    priority: 5,
    policy: "threshold",
  });
  assert.deepEqual([load.poolCapacity, load.cpuParallelism], [512, 2]);
  assert.deepEqual(world.router.stats(), before);
  assert.equal(world.ports.all.length, 0);
  assert.throws(() => world.router.explain("nope", task), UnknownKindError);
  assert.throws(() => world.router.explain("shared", task, { priority: 10 }), /"priority"/);
});

test("explain() keeps the load it was asked under", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const record = world.router.explain("shared", task, heavy);
  offer(world, "shared", {}, heavy);
  assert.deepEqual([record.load.poolWaiting, record.load.inFlight], [0, 0]);
});

test("onDecision() hears every decision, with the figures it was taken on", async () => {
  const world = await createWorld({ cpuQueueCapacity: 1, cpuParallelism: 1 });
  const records: DecisionRecord[] = [];
  const stop = world.router.onDecision((record) => records.push(record));
  for (const hints of [tiny, medium, heavy, heavy]) offer(world, "shared", {}, hints);
  offer(world, "nope");
  assert.deepEqual(records.map((record) => `${record.jobId} ${record.strategy} ${record.reason}`), [
    "1 inline tiny",
    "2 spawn medium",
    "3 cpu_pool heavy",
    "4 backpressure_drop pool_saturated",
  ]);
  assert.deepEqual(records.map((record) => record.load.inFlight), [0, 0, 1, 2]);
  assert.deepEqual(records.map((record) => record.load.poolWaiting), [0, 0, 0, 1]);
  stop();
  stop();
  offer(world, "shared", {}, tiny);
  assert.equal(records.length, 4);
});

test("onDecision() counts a listener that throws, and tells the others", async () => {
  const world = await createWorld();
  let heard = 0;
  world.router.onDecision(() => assert.fail("listener"));
  world.router.onDecision(() => heard++);
  assert.equal(offer(world, "local", {}, tiny).status, "completed");
  assert.deepEqual([heard, world.router.stats().listenerErrors], [1, 1]);
});

test("onDecision() may submit, abort and close without breaking a bound", async () => {
  const world = await createWorld({ spawnQueueCapacity: 1 });
  const controller = new AbortController();
  let depth = 0;
  world.router.onDecision(() => {
    if (depth++ > 2) return;
    offer(world, "local", {}, medium);
    controller.abort("listener");
    void world.router.close();
  });
  const told = offer(world, "local", {}, { ...medium, signal: controller.signal });
  assert.ok(world.router.stats().load.spawnWaiting <= 1);
  assert.deepEqual([told.status, told.job?.value], ["cancelled", "listener"]);
  world.clock.run();
  assert.equal(world.router.stats().inFlight, 0);
});

test("a sink that throws is counted, and every other job goes on", async () => {
  const world = await createWorld();
  const sink = { settled: () => assert.fail("sink"), refused: assert.fail };
  for (const hints of [tiny, medium, heavy]) world.router.offer("shared", task, hints, sink);
  const told = offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.equal(told.status, "completed");
  const { listenerErrors, completed: done, inFlight } = world.router.stats();
  assert.deepEqual([listenerErrors, done, inFlight], [3, 4, 0]);
});

test("stats() counts by kind and strategy", async () => {
  const world = await createWorld();
  offer(world, "local", { ms: 2 }, tiny);
  offer(world, "local", { ms: 4 }, tiny);
  offer(world, "local", { end: "throw" }, tiny);
  offer(world, "shared", { ms: 8 }, heavy);
  world.clock.run();
  const { series, submitted, routed, policy, uptimeMs } = world.router.stats();
  assert.deepEqual(series.map((one) => `${one.kind} ${one.strategy}`), [
    "local inline",
    "shared cpu_pool",
  ]);
  const [inline] = series;
  const none = { completed: 0, failed: 0, dropped: 0, cancelled: 0, timedOut: 0 };
  assert.deepEqual(inline.statuses, { ...none, completed: 2, failed: 1 });
  assert.deepEqual([inline.runMs.count, inline.runMs.sum, inline.runMs.max], [3, 7, 4]);
  assert.deepEqual([submitted, routed.inline, routed.cpu_pool], [4, 3, 1]);
  assert.equal(policy, "threshold");
  assert.equal(uptimeMs, world.clock.now());
});

test("stats() gives copies that no longer change", async () => {
  const world = await createWorld();
  const before = world.router.stats();
  const copy = structuredClone(before);
  offer(world, "shared", {}, heavy);
  world.clock.run();
  assert.deepEqual(before, copy);
});

test("kinds lists the kinds of all sets", async () => {
  const { router } = await createWorld();
  assert.deepEqual(router.kinds, ["local", "local_group", "shared", "group", "steady_group"]);
});

test("drain() resolves when nothing is in flight, and the router stays open", async () => {
  const world = await createWorld();
  await world.router.drain();
  offer(world, "shared", { ms: 50 }, heavy);
  const drained = world.router.drain();
  world.clock.advance(50);
  assert.ok(await isOpen(drained));
  world.clock.advance(1);
  await drained;
  assert.equal(offer(world, "local", {}, tiny).status, "completed");
  assert.equal(world.router.closed, false);
});

test("close() lets jobs end, refuses new ones, and leaves nothing behind", async () => {
  const world = await createWorld({ minWorkers: 1, model: { endMs: 0 } });
  const jobs = [
    offer(world, "shared", { ms: 53 }, { ...heavy, latencyBudgetMs: 1_000 }),
    offer(world, "local", { ms: 5 }, { ...medium, latencyBudgetMs: 1_000 }),
    offer(world, "group", { ms: 5 }, { ...heavy, scalingPotential: 1 }),
  ];
  const closed = world.router.close();
  assert.equal(world.router.closed, true);
  await assert.rejects(world.router.submit("local", task), RouterClosedError);
  assert.equal(offer(world, "local", {}, tiny).status, "refused");
  assert.deepEqual(world.router.stats().rejected, { closed: 2 });
  assert.equal(await settleAndCount(world, closed), 0, "nothing is left in the clock");
  assert.ok(jobs.every((job) => job.status === "completed"));
  assert.equal(world.ports.alive.length, 0);
});

/** Runs turn by turn until the promise has settled; what is left in the clock at that moment. */
async function settleAndCount({ clock }: World, promise: Promise<unknown>): Promise<number> {
  while (await isOpen(promise)) if (!clock.step()) assert.fail("the promise never settles");
  return clock.pending;
}

test("close() cancels what has not ended after drainMs", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const jobs = [
    offer(world, "shared", { ms: 1_000 }, heavy),
    offer(world, "shared", { ms: 1_000 }, heavy),
    offer(world, "local", { ms: 1_000, later: true }, tiny),
    offer(world, "local", { ms: 1_000, later: true }, medium),
    offer(world, "group", { ms: 1_000 }, { ...heavy, scalingPotential: 1 }),
  ];
  const closed = world.router.close({ drainMs: 100 });
  world.clock.runUntil(99);
  assert.ok(jobs.every((job) => job.status === "pending"));
  world.clock.runUntil(100);
  for (const { job } of jobs) {
    assert.equal(job?.status, "cancelled");
    assert.ok(job.value instanceof RouterClosedError);
  }
  world.clock.advance(1);
  await closed;
  assert.equal(world.ports.alive.length, 0);
});

test("close() with drainMs 0 cancels in the next turn", async () => {
  const world = await createWorld();
  const told = offer(world, "shared", { ms: 10 }, heavy);
  const closed = world.router.close({ drainMs: 0 });
  world.clock.advance(0);
  assert.equal(told.status, "cancelled");
  world.clock.advance(1);
  await closed;
});

test("close() again waits for the same end", async () => {
  const world = await createWorld({ minWorkers: 1 });
  const first = world.router.close();
  assert.equal(world.router.close({ drainMs: 1 }), first);
  assert.equal(world.router[Symbol.asyncDispose](), first);
  await settleAndCount(world, first);
  assert.equal(world.router.close(), first);
});

test("close() takes any drainMs that a timer can hold", async () => {
  for (const drainMs of [0, 0.5, 2_147_483_647]) {
    const world = await createWorld();
    await world.router.close({ drainMs });
    assert.equal(world.clock.pending, 0);
  }
});

test("close() refuses a drainMs out of range, and the router stays open", async () => {
  const { router } = await createWorld();
  for (const drainMs of [-1, NaN, Infinity, 2_147_483_648, "5", null] as number[]) {
    await assert.rejects(router.close({ drainMs }), (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.equal(error.option, "drainMs");
      return true;
    });
  }
  assert.equal(router.closed, false);
  await router.submit("local", task, tiny);
});

test("a router disposes of itself", async () => {
  const clock = new VirtualClock();
  let outcome: Outcome<number> | undefined;
  const jobs = defineJobs({ five: { cost: 1, run: () => 5 } });
  const router = await createRouter({ jobs, clock });
  {
    await using own = router;
    outcome = await own.submit("five", undefined);
  }
  assert.equal(completed(outcome).output, 5);
  assert.equal(router.closed, true);
});

test("asynchronous jobs settle on the virtual clock, whatever turns their promises take", async () => {
  let runs = 0;
  const kinds: Record<string, AnyKind> = {
    deep: {
      run: async () => {
        for (let i = 0; i < 200; i++) await null;
        return ++runs;
      },
    },
  };
  const world = await createWorld({ jobs: defineSet(kinds) });
  const jobs = [1, 10_000, 100_000].map((computeCost) => offer(world, "deep", {}, { computeCost }));
  await world.clock.runAsync();
  assert.ok(jobs.every((job) => job.status === "completed"));
  assert.equal(runs, 3);
});

test("minWorkers are started before the router is there", async () => {
  const world = await createWorld({ minWorkers: 2 });
  assert.equal(world.ports.alive.length, 2);
  assert.equal(world.router.stats().workers.idle, 2);
});

test("a router whose minWorkers cannot be started does not come to be, and leaves nothing", async () => {
  const clock = new VirtualClock();
  const ports = new ModelPorts(clock, { serve: serveTask, startFailures: 1 });
  const jobs = defineSet({ shared: { run: () => 0 } }, "virtual:jobs");
  const options = { jobs, clock, minWorkers: 2, cpuParallelism: 2, createPort: ports.create };
  const failed = assert.rejects(createRouter(options), /model: cannot start/);
  while (await isOpen(failed)) if (!clock.step()) assert.fail("it never fails");
  await failed;
  assert.deepEqual([ports.alive.length, clock.pending], [0, 0]);
});

test("a router of which only some minWorkers can be started does not come to be", async () => {
  const clock = new VirtualClock();
  const ports = new ModelPorts(clock, { serve: serveTask });
  const createPort = () => {
    const port = ports.create();
    Object.assign(ports.model, { startFailures: 1 });
    return port;
  };
  const jobs = defineSet({ shared: { run: () => 0 } }, "virtual:jobs");
  const making = createRouter({ jobs, clock, minWorkers: 2, cpuParallelism: 2, createPort });
  const failed = assert.rejects(making, /model: cannot start/);
  while (await isOpen(failed)) if (!clock.step()) assert.fail("it never fails");
  await failed;
  assert.deepEqual([ports.alive.length, clock.pending], [0, 0]);
});

test("createRouter() takes several sets of jobs, and refuses a kind that is in two", async () => {
  const a = defineJobs({ a: { cost: 1, run: () => 1 } });
  const b = defineJobs({ b: { cost: 1, run: () => "b" } });
  await using router = await createRouter({ jobs: [a, b] });
  assert.equal(await router.run("a", undefined), 1);
  assert.equal(await router.run("b", undefined), "b");
  await assert.rejects(
    createRouter({ jobs: [a, b, a] }),
    /"jobs" must be sets with no kind in common/,
  );
});
