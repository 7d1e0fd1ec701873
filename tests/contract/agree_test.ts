// With `clone: "always"`, the same job gives the same on every lane, whatever it gets and gives.
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import fc from "fast-check";
import { createRouter, defineJobs, type Policy, type RouterOptions } from "../../mod.ts";
import { workersHere } from "../../src/testing/mod.ts";
import jobs, { jobsOfThisThread, MAKERS, Point } from "../fixtures/agree_jobs.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { anyValue, assertSame } from "../transport/any_value.ts";

/** The lane of a job is that of its key. */
const byKey: Policy = {
  name: "by_key",
  decide: ({ key }) => ({ strategy: key as "inline", reason: "asked" }),
};

function open(options: Partial<RouterOptions>, ofThis = false) {
  return createRouter({
    jobs: ofThis ? jobsOfThisThread : jobs,
    policy: byKey,
    clone: "always",
    cpuParallelism: 1,
    batchMaxSize: 1,
    ...options,
  });
}

type Router = Awaited<ReturnType<typeof open>>;
type Job = (router: Router, options: { readonly key: string }) => Promise<unknown>;

/** What comes of a job. */
type End = { readonly output: unknown } | { readonly message: string; readonly cause: unknown };

async function endOf(run: () => Promise<unknown>): Promise<End> {
  try {
    return { output: withoutStacks(await run()) };
  } catch (error) {
    const { message, cause } = error as Error;
    return { message, cause: withoutStacks(cause) };
  }
}

/** Stacks tell of the thread. */
function withoutStacks<T>(value: T, seen = new Set<unknown>()): T {
  if (typeof value !== "object" || value === null || seen.has(value)) return value;
  seen.add(value);
  const stack = Object.getOwnPropertyDescriptor(value, "stack");
  if (stack !== undefined && value instanceof Error) {
    Object.defineProperty(value, "stack", { value: "", configurable: true, writable: true });
  }
  const inner = value instanceof Map ? [...value].flat() : value instanceof Set ? [...value] : [];
  const { cause } = value as { cause?: unknown };
  for (const item of [...inner, ...Object.values(value), cause]) withoutStacks(item, seen);
  return value;
}

/** Calls `use` with a function that runs a job on each lane, and compares what comes of it. */
async function withLanes(use: (agreed: (job: Job) => Promise<End>) => Promise<void>) {
  const shared = await open({ transport: "shared_memory" });
  const messages = await open({ transport: "messages" });
  const ofThis = await open({}, true);
  const testing = await open({ createPort: workersHere(jobs), clone: undefined });
  const lanes: [Router, string][] = [
    [messages, "cpu_pool"],
    [messages, "batch"],
    [shared, "cpu_pool"],
    [shared, "batch"],
    [shared, "inline"],
    [shared, "spawn"],
    [ofThis, "batch"],
    [testing, "cpu_pool"],
    [testing, "inline"],
  ];
  try {
    await use(async (job) => {
      const all = lanes.map(([router, key]) => endOf(() => job(router, { key })));
      const [wanted, ...ends] = await Promise.all(all);
      for (const [i, end] of ends.entries()) {
        assert.deepEqual(end, wanted, `lane ${i + 1}: ${lanes[i + 1][1]}`);
        if ("output" in end) assertSame(end.output, (wanted as typeof end).output);
      }
      return wanted;
    });
  } finally {
    for (const router of [shared, messages, ofThis, testing]) await router.close();
  }
  for (const router of [shared, messages, ofThis, testing]) assertNothingLeft(router.stats());
}

test(
  "any job gives the same on every lane, whatever it gets and gives",
  guarded,
  () =>
    withLanes(async (agreed) => {
      const ends = { sent: 0, failed: 0 };
      const kind = fc.constantFrom("make" as const, "makeLater" as const);
      const maker = fc.constantFrom(...Object.keys(MAKERS), ...Array<string>(20).fill("itself"));
      const property = fc.asyncProperty(kind, maker, anyValue, async (kind, maker, input) => {
        const end = await agreed((router, options) => router.run(kind, { maker, input }, options));
        ends["output" in end ? "sent" : "failed"]++;
      });
      await fc.assert(property, runs(300));
      assert.ok(ends.sent > 100 && ends.failed > 15, JSON.stringify(ends));
    }),
);

test(
  "what a job throws, changes, moves and reports is the same on every lane",
  guarded,
  () =>
    withLanes(async (agreed) => {
      for (const kind of ["fail", "failLater"] as const) {
        const end = await agreed((router, options) =>
          router.run(kind, [new Point(), "x"], options)
        );
        assert.match((end as { message: string }).message, /QuotaError: over quota/);
        const { cause } = end as { cause: RangeError & { code: string } };
        assert.deepEqual([cause.constructor, cause.code], [RangeError, "E_QUOTA"]);
      }
      const changed = await agreed(async (router, options) => {
        const input = { list: [1, 2] };
        return { length: await router.run("change", input, options), input };
      });
      assert.deepEqual(changed, { output: { length: 3, input: { list: [1, 2] } } });
      const moved = await agreed(async (router, options) => {
        const [named, given] = [new ArrayBuffer(8), new ArrayBuffer(4)];
        const { byteLength } = await router.run("move", named, options) as ArrayBuffer;
        const order = { maker: "itself", input: given };
        await router.run("make", order, { ...options, transfer: [given] });
        return [byteLength, named.byteLength, given.byteLength];
      });
      assert.deepEqual(moved, { output: [8, 0, 0] });
      const immovable = await agreed((router, options) =>
        router.run("fail", 1, { ...options, transfer: [{} as never] })
      );
      assert.match((immovable as { message: string }).message, /Input of the job cannot be sent/);
      const told = await agreed(async (router, options) => {
        const told: unknown[] = [];
        const onProgress = (progress: unknown): void => void told.push(progress);
        await router.run("tell", null, { ...options, onProgress });
        return told;
      });
      assert.deepEqual(told, { output: [{ point: { x: 1 } }] });
      const bytes = await agreed((router, options) =>
        router.run("make", { maker: "buffer", input: 1 }, options)
      );
      const { output } = bytes as { output: unknown };
      assert.ok(output instanceof Uint8Array && !Buffer.isBuffer(output));
    }),
);

test("by default only what goes to a worker is cloned", guarded, async () => {
  const made = defineJobs(import.meta.url, { same: { run: (input: unknown) => input } });
  const input = { f() {} };
  for (const strategy of ["inline", "spawn"] as const) {
    const router = await createRouter({ jobs: made, policy: forcedPolicy(strategy) });
    assert.equal(await router.run("same", input), input);
    await router.close();
  }
});

test(
  "workersHere() has all lanes clone, unless the router is told otherwise",
  guarded,
  async () => {
    const policy = forcedPolicy("inline");
    const options = { jobs, policy, createPort: workersHere(jobs) };
    const order = { maker: "itself", input: new Point() };
    const cloning = await createRouter(options);
    const output = await cloning.run("make", order);
    assert.ok(!(output instanceof Point));
    assert.deepEqual(output, { x: 1 });
    const sharing = await createRouter({ ...options, clone: "workers" });
    assert.equal(await sharing.run("make", order), order.input);
    for (const router of [cloning, sharing]) await router.close();
  },
);

test("describe() has the kind as it was defined", guarded, async () => {
  const router = await createRouter({ jobs, clone: "always" });
  assert.equal(router.describe("make").definition, jobs.kinds.make);
  await router.close();
});

test(
  "a job that is over at once, as its kind takes no time, has its input moved and cloned, too",
  guarded,
  async () => {
    const quick = defineJobs({
      size: {
        run: ({ buffer }: { buffer: ArrayBuffer }) => buffer.byteLength,
        transfer: ({ buffer }) => [buffer],
      },
      same: { run: (input: object) => input },
    });
    const router = await createRouter({ jobs: quick, clone: "always" });
    for (let i = 0; i < 100; i++) {
      const buffer = new ArrayBuffer(8);
      assert.equal(await router.run("size", { buffer }), 8);
      assert.equal(buffer.byteLength, 0, `moved by job ${i}`);
      const input = { i };
      const output = await router.run("same", input);
      assert.deepEqual(output, input);
      assert.notEqual(output, input);
    }
    assert.ok(router.stats().routed.inline > 150);
    await router.close();
  },
);
