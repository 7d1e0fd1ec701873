import assert from "node:assert/strict";
import { test } from "node:test";
import {
  readRecording,
  readTrace,
  recordTrace,
  type RecordTraceOptions,
  toHeaderLine,
  toRecordLine,
} from "../../src/simulation/mod.ts";
import { createWorld, defineSet, offer, type World, type WorldOptions } from "../virtual/world.ts";

const tiny = { computeCost: 1 };
const heavy = { computeCost: 100_000 };

/** A world whose jobs are recorded, and what is read of the lines. */
async function createRecorded(options: WorldOptions = {}, recorded: RecordTraceOptions = {}) {
  const world = await createWorld(options);
  const lines: string[] = [];
  const stop = recordTrace(world.router, (line) => lines.push(line), recorded);
  const read = () => {
    const recording = readRecording(lines.join("\n"));
    assert.deepEqual([recording.badRows, recording.firstBadRow], [0, undefined]);
    return recording;
  };
  return { world, lines, stop, read };
}

/** Has jobs end in every way there is; two that run at the end are cancelled by the close. */
async function endInEveryWay(world: World): Promise<void> {
  const controller = new AbortController();
  offer(world, "local", {}, tiny);
  offer(world, "shared", { end: "throw" }, heavy);
  offer(world, "shared", { end: "crash" }, heavy);
  offer(world, "shared", { ms: 9 }, { ...heavy, runTimeoutMs: 2 });
  offer(world, "shared", {}, { ...heavy, signal: controller.signal });
  controller.abort(new Error("changed my mind"));
  world.clock.run();
  offer(world, "shared", { ms: 9 }, { ...heavy, priority: 9 });
  offer(world, "shared", {}, { ...heavy, latencyBudgetMs: 3 });
  for (let i = 0; i < 3; i++) offer(world, "group", {}, { scalingPotential: 0.9 });
  offer(world, "nope");
  world.clock.run();
  offer(world, "local", { ms: 1_000, later: true }, { computeCost: 20_000 });
  const closed = world.router.close({ drainMs: 1 });
  world.clock.run();
  await closed;
}

test("recordTrace() writes each job once, however it ends, and why", async () => {
  const { world, lines, read } = await createRecorded({ cpuParallelism: 1, batchMaxSize: 2 });
  await endInEveryWay(world);
  const stats = world.router.stats();
  const { header, records } = read();
  assert.deepEqual(header, {
    helix_trace: 1,
    policy: "threshold",
    workers: 1,
    kinds: ["local", "local_group", "shared", "group", "steady_group"],
  });
  assert.equal(lines.length, 1 + stats.submitted);
  assert.equal(new Set(records.map(({ id }) => id)).size, stats.submitted);
  const counts: Record<string, number> = {};
  for (const { outcome } of records) counts[outcome.status] = (counts[outcome.status] ?? 0) + 1;
  const { completed, failed, dropped, cancelled, timedOut } = stats;
  assert.deepEqual(counts, { completed, failed, dropped, cancelled, timedOut });
  assert.ok(Math.min(completed, failed, dropped, cancelled, timedOut) > 0, JSON.stringify(counts));
  for (const { outcome } of records) {
    assert.equal(
      "reason" in outcome && outcome.reason !== undefined,
      outcome.status !== "completed",
    );
    if (outcome.status === "timedOut") assert.equal(outcome.runMs, undefined);
    if (outcome.status === "completed") assert.ok(outcome.runMs! > 0);
  }
  const reasonsOf = (status: string) =>
    records.flatMap(({ outcome }) => outcome.status === status ? [outcome.reason] : []);
  assert.ok(reasonsOf("cancelled").includes("Error: changed my mind"));
  assert.ok(
    reasonsOf("failed").includes('JobFailedError: Job of kind "shared" failed: Error: task 1'),
  );
  assert.deepEqual(reasonsOf("timedOut").map((reason) => reason?.split(":")[0]), [
    "JobTimeoutError",
  ]);
});

test("recordTrace() writes what was asked, decided and measured", async () => {
  const { world, read } = await createRecorded({ cpuParallelism: 1 });
  world.clock.advance(7.000_4);
  const hints = { computeCost: 2.5, scalingPotential: 0.25, latencyBudgetMs: 90, priority: 8 };
  offer(world, "local", { ms: 3 }, hints);
  offer(world, "shared", { ms: 2 });
  world.clock.run();
  const [local, shared] = read().records;
  assert.deepEqual(local, {
    at_ms: 7,
    id: 1,
    kind: "local",
    cost: 2.5,
    scaling: 0.25,
    budget_ms: 90,
    priority: 8,
    key: undefined,
    input: undefined,
    decision: {
      strategy: "inline",
      reason: "tiny",
      isProbe: undefined,
      predictedWaitMs: 0,
      predictedRunMs: undefined,
      predictedHighMs: undefined,
    },
    outcome: {
      status: "completed",
      strategy: "inline",
      reason: undefined,
      lateMs: undefined,
      waitMs: 0,
      runMs: 3,
      batchSize: undefined,
      totalMs: 3,
      withinBudget: true,
    },
  });
  assert.deepEqual([shared.cost, shared.budget_ms, shared.decision?.reason], [
    ...[undefined, undefined, "unknown_cost"],
  ]);
  assert.deepEqual([shared.outcome.strategy, shared.outcome.runMs], ["cpu_pool", 2]);
});

test("a recording that is read and written again is the same, byte for byte", async () => {
  const { world, lines, read } = await createRecorded({ cpuParallelism: 1 }, { inputs: true });
  await endInEveryWay(world);
  const { header, records } = read();
  assert.deepEqual([toHeaderLine(header!), ...records.map(toRecordLine)], lines);
  assert.ok(lines.every((line) => !line.includes("\n")));
  assert.deepEqual(records[0].input, { id: 1, ms: 1 });
});

test("recordTrace() gives a trace with the kinds, the arrivals and the measured service times", async () => {
  const { world, lines } = await createRecorded({ batchMaxSize: 2, cpuParallelism: 1 });
  world.clock.advance(50);
  offer(world, "group", { ms: 4 }, { scalingPotential: 0.9, computeCost: 10_000 });
  world.clock.advance(2);
  offer(world, "local", { ms: 1 }, tiny); // over before the batch
  offer(world, "group", { ms: 6 }, { scalingPotential: 0.9, computeCost: 20_000 });
  world.clock.run();
  const { requests, badRows } = readTrace(lines.join("\n"));
  assert.equal(badRows, 0);
  assert.deepEqual(
    requests.map(({ atMs, kind, cost, serviceMs }) => [atMs, kind, cost, serviceMs]),
    [
      [0, "group", 10_000, 5],
      [2, "local", 1, 1],
      [3, "group", 20_000, 5],
    ],
  );
});

test("recordTrace() writes inputs where that is asked for, and they are JSON", async () => {
  const world = await createWorld({ jobs: defineSet({ any: { run: () => 0 } }) });
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  const taken = [{ a: [1, "x", null, true], b: undefined }, 7, "text", null, { n: 2n ** 64n }, []];
  const left = [cyclic, new Map(), new Date(), [undefined], NaN, { f() {} }, new Uint8Array(2), {
    toJSON: () => 1,
  }];
  const inputsOf = (inputs: boolean) => {
    const lines: string[] = [];
    const stop = recordTrace(world.router, (line) => lines.push(line), { inputs });
    for (const input of [...taken, ...left]) {
      world.router.offer("any", input, tiny, { settled() {}, refused: assert.fail });
    }
    stop();
    return readRecording(lines.join("\n")).records.map(({ input }) => input);
  };
  assert.deepEqual(inputsOf(true), [
    ...[{ a: [1, "x", null, true] }, 7, "text", null, { n: "18446744073709551616" }, []],
    ...Array(left.length).fill(undefined),
  ]);
  assert.deepEqual(inputsOf(false), Array(taken.length + left.length).fill(undefined));
});

test("recordTrace() counts what its sink throws, and harms no job", async () => {
  const world = await createWorld();
  let isFull = false;
  let lines = 0;
  const sink = (): void => {
    if (isFull) throw new Error("disk full");
    lines++;
  };
  recordTrace(world.router, sink);
  const later = (line: string) =>
    line.startsWith('{"helix_trace"') ? undefined : Promise.reject(new Error("later"));
  recordTrace(world.router, later as (line: string) => void);
  offer(world, "local", {}, tiny);
  isFull = true;
  const told = [offer(world, "local", {}, tiny), offer(world, "shared", {}, heavy)];
  world.clock.run();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.deepEqual(told.map(({ status }) => status), ["completed", "completed"]);
  assert.equal(lines, 2);
  assert.equal(world.router.stats().listenerErrors, 2 + 3);
});

test("recordTrace() records nothing if its sink cannot take the header", async () => {
  const world = await createWorld();
  let calls = 0;
  recordTrace(world.router, (() => Promise.reject(calls++)) as () => void);
  await new Promise((resolve) => setTimeout(resolve, 0));
  assert.throws(() => recordTrace(world.router, () => assert.fail("no disk")), /no disk/);
  offer(world, "local", {}, tiny);
  assert.deepEqual([calls, world.router.stats().listenerErrors], [1, 0]);
});

test("recordTrace() stops when told to, and takes a job that began before it", async () => {
  const { world, lines, stop, read } = await createRecorded();
  offer(world, "local", {}, tiny);
  offer(world, "shared", { ms: 50 }, heavy);
  stop();
  offer(world, "local", {}, tiny);
  assert.equal(lines.length, 2);
  const again = recordTrace(world.router, (line) => lines.push(line));
  world.clock.run();
  again();
  lines.splice(2, 1); // the second header
  assert.deepEqual(read().records.map(({ id }) => id), [1, 2]);
});
