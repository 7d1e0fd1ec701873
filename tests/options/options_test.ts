import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, defineJobs, InvalidOptionError, Semaphore } from "../../mod.ts";
import { optionTable } from "../../src/options/option_table.ts";
import { resolveOptions, type RouterOptions } from "../../src/options/options.ts";
import type { RuntimeDefaults } from "../../src/runtime_defaults.ts";
import { otel } from "../../src/otel/mod.ts";
import { WatchedClock } from "../virtual/clock.ts";

const jobs = defineJobs({ five: { cost: 1, run: () => 5 } });
const clock = new WatchedClock();
const runtime: RuntimeDefaults = {
  cpuParallelism: 3,
  idleTimeoutMs: 30_000,
  abortGraceMs: Infinity,
  workerOptions: ["env", "name", "resourceLimits"],
  clock,
  keepContext: () => undefined,
  warn: assert.fail,
};
const MAX_MS = 2_147_483_647;

function resolve(options: object) {
  return resolveOptions({ jobs, ...options } as RouterOptions, runtime);
}

/** Fails unless the option is refused, with the whole message. */
function assertRefused(options: object, option: string, wanted: string, received: string): void {
  assert.throws(() => resolve(options), (error) => {
    assert.ok(error instanceof InvalidOptionError, String(error));
    assert.equal(
      error.message,
      `Cannot create router as "${option}" must be ${wanted}: received ${received}`,
    );
    assert.deepEqual([error.name, error.option, error.wanted], [
      ...["InvalidOptionError", option, wanted],
    ]);
    return true;
  });
}

test("resolveOptions() has a default for everything but jobs", () => {
  const { policy, semaphore, isShared, ...others } = resolve({});
  assert.equal(policy.name, "adaptive");
  assert.deepEqual([semaphore.permits, isShared], [3, false]);
  assert.deepEqual(others, {
    jobs: [jobs],
    cpuParallelism: 3,
    minWorkers: 0,
    cpuQueueCapacity: 10_000,
    waitCapacity: 10_000,
    spawnConcurrency: 1_000,
    spawnQueueCapacity: 10_000,
    inlineSliceMs: 8,
    batchMaxSize: 8,
    batchMaxDelayMs: 10,
    priorityAgeingMs: 500,
    idleTimeoutMs: 30_000,
    workerStartTimeoutMs: 10_000,
    abortGraceMs: Infinity,
    maxJobsPerWorker: Infinity,
    maxWorkerHeapBytes: Infinity,
    teardownMs: 1_000,
    quarantineAfter: 3,
    quarantineMs: 10_000,
    transport: "auto",
    clone: "workers",
    maxLostWorkers: 3,
    metrics: true,
    state: undefined,
    telemetry: undefined,
    seed: 1,
    worker: undefined,
    env: undefined,
    name: undefined,
    resourceLimits: undefined,
    createPort: undefined,
    clock,
  });
  assert.equal(resolve({ cpuParallelism: 7 }).maxLostWorkers, 7);
  assert.equal(resolve({ cpuParallelism: 1 }).maxLostWorkers, 2);
});

test("resolveOptions() takes undefined for the default", () => {
  const names = Object.keys(resolve({})).filter((name) => name !== "jobs");
  const nothing = Object.fromEntries(names.map((name) => [name, undefined]));
  const { policy: _a, semaphore: _c, ...given } = resolve(nothing);
  const { policy: _b, semaphore: _d, ...defaults } = resolve({});
  assert.deepEqual(given, defaults);
});

test("resolveOptions() takes every number in its range, and refuses every other by name", () => {
  const ms = `a number of ms above 0 and at most ${MAX_MS}`;
  const orNever = `a number of ms from 0 to ${MAX_MS}, or Infinity`;
  const bytes = "a number of bytes >= 1048576, or Infinity";
  const count = "an integer from 1 to 1000000, or Infinity";
  const ranges: [string, number[], unknown[], string][] = [
    ["cpuParallelism", [1, 1_024], [0, 1_025, 1.5], "an integer from 1 to 1024, or a Semaphore"],
    ["minWorkers", [0, 3], [-1, 1_025, 0.5], "an integer from 0 to 1024"],
    ["cpuQueueCapacity", [1, 1e6], [0, 1e6 + 1, 2.5], "an integer from 1 to 1000000"],
    ["waitCapacity", [1, 1e6], [0, 1e6 + 1, 2.5], "an integer from 1 to 1000000"],
    ["spawnConcurrency", [1, 1e6], [0, 1e6 + 1, 2.5], "an integer from 1 to 1000000"],
    ["spawnQueueCapacity", [1, 1e6], [0, 1e6 + 1, 2.5], "an integer from 1 to 1000000"],
    ["inlineSliceMs", [0, 0.5, 1_000], [-0.1, 1_000.1], "a number of ms from 0 to 1000"],
    ["batchMaxSize", [1, 10_000], [0, 10_001, 1.5], "an integer from 1 to 10000"],
    ["batchMaxDelayMs", [0, 0.5, 60_000], [-1, 60_001], "a number of ms from 0 to 60000"],
    ["priorityAgeingMs", [0.001, MAX_MS], [0, -1, MAX_MS + 1], ms],
    ["idleTimeoutMs", [0.001, MAX_MS], [0, -1, MAX_MS + 1], ms],
    ["workerStartTimeoutMs", [0.001, MAX_MS], [0, -1, MAX_MS + 1], ms],
    ["abortGraceMs", [0, 0.5, MAX_MS, Infinity], [-1, MAX_MS + 1], orNever],
    ["maxJobsPerWorker", [1, 1e6, Infinity], [0, 1e6 + 1, 1.5], count],
    ["maxWorkerHeapBytes", [2 ** 20, 1e12, Infinity], [2 ** 20 - 1, -1], bytes],
    ["teardownMs", [0.001, MAX_MS], [0, -1, MAX_MS + 1], ms],
    ["quarantineAfter", [1, 1e6, Infinity], [0, 1e6 + 1, 1.5], count],
    ["quarantineMs", [0.001, MAX_MS], [0, -1, MAX_MS + 1], ms],
    ["maxLostWorkers", [1, 1e6], [0, 1e6 + 1, 1.5], "an integer from 1 to 1000000"],
    ["seed", [0, 4_294_967_295], [-1, 4_294_967_296, 0.5], "an integer from 0 to 4294967295"],
  ];
  for (const [name, right, wrong, wanted] of ranges) {
    for (const value of right) {
      assert.equal((resolve({ [name]: value }) as unknown as Record<string, unknown>)[name], value);
    }
    for (const value of wrong) assertRefused({ [name]: value }, name, wanted, String(value));
    assertRefused({ [name]: NaN }, name, wanted, "NaN");
    if (!right.includes(Infinity)) assertRefused({ [name]: Infinity }, name, wanted, "Infinity");
    assertRefused({ [name]: "3" }, name, wanted, '"3"');
    assertRefused({ [name]: null }, name, wanted, "null");
    assertRefused({ [name]: 3n }, name, wanted, "3n");
    assertRefused({ [name]: [3] }, name, wanted, "[3]");
  }
  const numbers = Object.values(resolve({})).filter((value) => typeof value === "number");
  assert.equal(ranges.length, numbers.length, "every number has its row");
});

test("resolveOptions() takes the transports there are, and no other", () => {
  for (const transport of ["auto", "shared_memory", "messages"] as const) {
    assert.equal(resolve({ transport }).transport, transport);
  }
  const wanted = "one of auto, shared_memory, messages";
  assertRefused({ transport: "pigeon" }, "transport", wanted, '"pigeon"');
});

test("resolveOptions() refuses more minWorkers than cpuParallelism", () => {
  const wanted = 'at most "cpuParallelism" (3)';
  assertRefused({ minWorkers: 4 }, "minWorkers", wanted, "4");
  assertRefused({ minWorkers: 3, cpuParallelism: 2 }, "minWorkers", wanted.replace("3", "2"), "3");
  assert.equal(resolve({ minWorkers: 2, cpuParallelism: 2 }).minWorkers, 2);
});

test("resolveOptions() refuses an unknown option, and names the known ones", () => {
  assert.throws(() => resolve({ cpuParalelism: 2 }), (error) => {
    assert.ok(error instanceof InvalidOptionError);
    assert.equal(error.option, "cpuParalelism");
    assert.match(
      error.message,
      /must be one of the options\. Did you mean .*\? They are jobs, policy, .*: received 2$/,
    );
    return true;
  });
});

test("resolveOptions() refuses what is no policy, telemetry, worker, port factory or clock", () => {
  const policy = 'a policy, with a "decide" function';
  assertRefused({ policy: {} }, "policy", policy, "{}");
  assertRefused({ policy: "adaptive" }, "policy", policy, '"adaptive"');
  const telemetry = 'a telemetry, with a "submitted" function';
  assertRefused({ telemetry: {} }, "telemetry", telemetry, "{}");
  assertRefused({ telemetry: otel }, "telemetry", telemetry, "function otel");
  assertRefused(
    { worker: "./worker.ts" },
    "worker",
    "a function that makes a worker",
    '"./worker.ts"',
  );
  assertRefused({ createPort: {} }, "createPort", "a function that makes a port", "{}");
  const wanted = 'a clock, with "now", "setTimer" and "post"';
  assertRefused({ clock: null }, "clock", wanted, "null");
  assertRefused({ clock: { now: () => 0, post: () => {} } }, "clock", wanted, "{}");
  assert.equal(resolve({ clock }).clock, clock, "the object itself, with its class");
});

test("resolveOptions() refuses what is no set of jobs", () => {
  const wanted = `${optionTable.jobs.wanted}, awaited; of a module, its default export`;
  assertRefused({ jobs: undefined }, "jobs", wanted, "undefined");
  assertRefused({ jobs: {} }, "jobs", wanted, "{}");
  assertRefused({ jobs: Promise.resolve(jobs) }, "jobs", wanted, "{}");
  assertRefused({ jobs: [jobs, null] }, "jobs", wanted, "null");
  assertRefused({ jobs: [] }, "jobs", "at least one kind", "[]");
  assertRefused({ jobs: [jobs, jobs] }, "jobs", "sets with no kind in common", '"five"');
  const old = { ...jobs, [Symbol.for("helixrouter.jobs")]: 0 };
  const why =
    'not of protocol 0: two versions of helixrouter are installed; "npm ls helixrouter" shows ' +
    "who wants which";
  assertRefused({ jobs: old }, "jobs", `${optionTable.jobs.wanted}, ${why}`, JSON.stringify(old));
  assert.throws(() => resolve({ jobs: defineJobs({}) }), /at least one kind/);
  for (const none of [undefined, null, "jobs.ts", []]) {
    assert.throws(
      () => resolveOptions(none as never, runtime),
      /"options" must be an object such as \{ jobs \}: received /,
    );
  }
});

test("createRouter() rejects for a wrong option, it does not throw", async () => {
  const options = { jobs, cpuParallelism: 0 };
  const promise = createRouter(options);
  await assert.rejects(promise, InvalidOptionError);
  await assert.rejects(createRouter(undefined as never), InvalidOptionError);
});

test("InvalidOptionError shows any value, short and without throwing", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const values = [circular, () => 0, Symbol("s"), "x".repeat(1_000), { n: 1n }, new Proxy({}, {})];
  for (const value of values) {
    assert.throws(() => resolve({ seed: value }), (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.ok(error.message.length < 250, error.message);
      assert.equal(error.received, value);
      return true;
    });
  }
});

/** Hints that are out of range, and what is wanted. */

test("resolveOptions() takes a Semaphore, and more permits where there are ports", () => {
  const semaphore = new Semaphore(5);
  const shared = resolve({ cpuParallelism: semaphore });
  assert.ok(shared.semaphore === semaphore && shared.isShared);
  assert.equal(shared.cpuParallelism, 5);
  assertRefused(
    { cpuParallelism: semaphore, minWorkers: 6 },
    "minWorkers",
    'at most "cpuParallelism" (5)',
    "6",
  );
  const createPort = () => assert.fail();
  assert.equal(resolve({ cpuParallelism: 65_536, createPort }).semaphore.permits, 65_536);
  assert.equal(resolve({ cpuParallelism: new Semaphore(1_024) }).cpuParallelism, 1_024);
  const wanted = "a Semaphore of at most 1024 permits";
  assertRefused({ cpuParallelism: new Semaphore(1_025) }, "cpuParallelism", wanted, "1025");
});
