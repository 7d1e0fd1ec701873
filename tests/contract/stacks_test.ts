// What a failure prints is the user's code: no frames of the router are in its stacks.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  InvalidInputError,
  JobDroppedError,
  JobFailedError,
  JobTimeoutError,
  type Strategy,
  type Telemetry,
} from "../../mod.ts";
import { defineJobs } from "../../src/define/jobs.ts";
import type { Transport } from "../../src/transport/port.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import jobs, { jobsOfThisThread } from "../fixtures/stack_jobs.ts";
import { guarded } from "../fixtures/until.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Runs within a function of its own, as OpenTelemetry's do. */
const TELEMETRY: Telemetry = {
  submitted: () => ({
    waits() {},
    starts() {},
    context: () => undefined,
    run: (fn) => fn(),
    settled() {},
  }),
};

interface Way {
  readonly strategy: Strategy;
  readonly transport?: Transport;
  readonly telemetry?: Telemetry;
  readonly ofThisThread?: boolean;
}

const WAYS: Readonly<Record<string, Way>> = {
  inline: { strategy: "inline" },
  "inline, traced": { strategy: "inline", telemetry: TELEMETRY },
  spawn: { strategy: "spawn" },
  "the pool, by shared memory": { strategy: "cpu_pool", transport: "shared_memory" },
  "the pool, by messages": { strategy: "cpu_pool", transport: "messages" },
  "a batch, by shared memory": { strategy: "batch", transport: "shared_memory" },
  "a batch, by messages": { strategy: "batch", transport: "messages" },
  "a batch on this thread": { strategy: "batch", ofThisThread: true },
};

function routerOn({ strategy, transport, telemetry, ofThisThread = false }: Way) {
  return createRouter({
    jobs: ofThisThread ? jobsOfThisThread : jobs,
    policy: forcedPolicy(strategy),
    cpuParallelism: 1,
    batchMaxDelayMs: 1,
    ...(transport !== undefined && { transport }),
    ...(telemetry !== undefined && { telemetry }),
  });
}

async function failureOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof Error);
    return error;
  }
  assert.fail("It did not fail");
}

/** The lines of a stack beneath its message. */
function framesOf(error: Error): string[] {
  const { stack = "" } = error;
  return stack.split("\n").filter((line) => line.startsWith("    at "));
}

function assertNoneOfOurs(error: Error): void {
  const ours = framesOf(error).filter((frame) =>
    frame.includes(`${ROOT}src/`) || frame.includes(`${ROOT}workers/`)
  );
  assert.deepEqual(ours, []);
}

for (const [name, way] of Object.entries(WAYS)) {
  test(
    `a failure in ${name} has the frames of its job, and none of the router's`,
    guarded,
    async () => {
      await using router = await routerOn(way);
      for (const kind of ["sync", "early", "late", "item"] as const) {
        for (const depth of [0, 6, 40]) {
          const error = await failureOf(router.submit(kind, depth));
          assert.ok(error instanceof JobFailedError, String(error));
          assertNoneOfOurs(error);
          const { cause } = error;
          assert.ok(cause instanceof Error && cause.cause instanceof RangeError);
          for (const thrown of [cause, cause.cause]) {
            assertNoneOfOurs(thrown);
            const frames = framesOf(thrown);
            const dives = frames.filter((frame) => frame.includes("dive"));
            assert.equal(dives.length, Math.min(depth + 1, 10), thrown.stack);
            const last = frames.at(-1);
            assert.match(last!, /stack_jobs/);
            if (depth === 0) assert.match(last!, /run|<anonymous>/, "it ends with the job itself");
          }
        }
      }
    },
  );
}

async function callerOfRun(router: Awaited<ReturnType<typeof routerOn>>): Promise<void> {
  await router.run("sync", 3);
}

test("a job that failed is printed with the frames of the caller of run()", guarded, async () => {
  for (const way of Object.values(WAYS)) {
    await using router = await routerOn(way);
    const error = await failureOf(callerOfRun(router));
    assertNoneOfOurs(error);
    assert.match(error.stack!, /^JobFailedError: Job of kind "sync" failed: Error: outer\n/);
    assert.ok(framesOf(error).some((frame) => frame.includes("callerOfRun")), error.stack);
  }
});

test("what fails within submit() has the frames of its caller", guarded, async () => {
  const positive = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value: unknown) => ({ issues: [{ message: `not ${value}` }] }),
    },
  } as const;
  const kinds = defineJobs({
    throws: { run: (_: number): number => JSON.parse("no JSON") },
    refuses: { input: positive, run: (n: number) => n },
  });
  await using router = await createRouter({ jobs: kinds, policy: forcedPolicy("inline") });
  async function callerOfSubmit(kind: "throws" | "refuses"): Promise<void> {
    await router.submit(kind, 1);
  }
  for (
    const [kind, type] of [["throws", JobFailedError], ["refuses", InvalidInputError]] as const
  ) {
    const error = await failureOf(callerOfSubmit(kind));
    assert.ok(error instanceof type);
    assertNoneOfOurs(error);
    assert.ok(framesOf(error)[0].includes("callerOfSubmit"), error.stack);
  }
});

test("a drop and a timeout have no frames of the router either", guarded, async () => {
  const kinds = defineJobs({ waits: { run: () => new Promise(() => {}) } });
  const dropping = await createRouter({ jobs: kinds, policy: forcedPolicy("backpressure_drop") });
  async function callerOfDrop(): Promise<void> {
    await dropping.run("waits", undefined);
  }
  const dropped = await failureOf(callerOfDrop());
  assert.ok(dropped instanceof JobDroppedError);
  assertNoneOfOurs(dropped);
  assert.ok(framesOf(dropped).some((frame) => frame.includes("callerOfDrop")), dropped.stack);
  await dropping.close();
  const running = await createRouter({ jobs: kinds, policy: forcedPolicy("inline") });
  const late = await failureOf(running.submit("waits", undefined, { runTimeoutMs: 1 }));
  assert.ok(late instanceof JobTimeoutError);
  assertNoneOfOurs(late);
  await running.close({ drainMs: 0 });
});

test("an error that cannot be changed is passed on as it is", guarded, async () => {
  const frozen = Object.freeze(new Error("frozen"));
  const kinds = defineJobs({
    throws: {
      run: (_: number): number => {
        throw frozen;
      },
    },
  });
  await using router = await createRouter({ jobs: kinds, policy: forcedPolicy("inline") });
  const error = await failureOf(router.submit("throws", 1));
  assert.equal(error.cause, frozen);
});

test(
  "stacks are not touched where the program shows none, or in a form of its own",
  guarded,
  async () => {
    await using router = await routerOn({ strategy: "inline" });
    const { stackTraceLimit: limit, prepareStackTrace } = Error;
    try {
      Error.prepareStackTrace = (_, sites) => sites;
      const { cause: odd } = await failureOf(router.submit("sync", 1));
      assert.ok(Array.isArray((odd as Error).stack));
      Error.prepareStackTrace = prepareStackTrace;
      Error.stackTraceLimit = 0;
      assert.ok(await failureOf(router.submit("sync", 1)) instanceof JobFailedError);
      Error.stackTraceLimit = 100;
      const { cause } = await failureOf(router.submit("sync", 40));
      assertNoneOfOurs(cause as Error);
      assert.equal(framesOf(cause as Error).filter((frame) => frame.includes("dive")).length, 41);
    } finally {
      Object.assign(Error, { stackTraceLimit: limit, prepareStackTrace });
    }
  },
);
