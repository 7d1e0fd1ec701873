// What goes wrong in a batch must cost that batch at most, and where possible one item only.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  JobFailedError,
  JobTimeoutError,
  type Outcome,
  type RouterOptions,
  runtimeInfo,
  WorkerCrashedError,
} from "../../mod.ts";
import { assertCountsAddUp, assertNothingLeft } from "../fixtures/assert_counts.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import type faultJobs from "../fixtures/fault_jobs.ts";
import type { Trick } from "../fixtures/fault_jobs.ts";
import {
  assertTwoWorkersRun,
  createFaultRouter,
  type FaultRouter,
  square,
} from "../fixtures/fault_router.ts";
import { guarded } from "../fixtures/until.ts";

/** Kinds with a `runBatch` are gathered by threes, the others go to the pool one by one. */
function createBatchRouter(
  options: Partial<RouterOptions<typeof faultJobs>> = {},
): Promise<FaultRouter> {
  return createFaultRouter({
    policy: {
      name: "batch_where_possible",
      decide: ({ kind }) => ({
        strategy: kind.batchable ? "batch" : "cpu_pool",
        reason: "forced",
      }),
    },
    batchMaxSize: 3,
    batchMaxDelayMs: 60_000,
    ...options,
  });
}

type BatchKind = "batch" | "idempotentBatch";

/** Submits three jobs, which make one batch, and gives what became of each. */
function submitBatch(router: FaultRouter, kind: BatchKind, ...tricks: [Trick, Trick, Trick]) {
  return Promise.all(tricks.map((trick) =>
    router.submit(kind, trick).then(
      (outcome: Outcome<string>) => outcome.status === "completed" ? outcome.output : outcome,
      (error: unknown) => error,
    )
  ));
}

function assertFailed(error: unknown, name: string, message: RegExp): void {
  assert.ok(error instanceof JobFailedError, `${error}`);
  assert.ok(error.cause instanceof Error);
  assert.equal(error.cause.name, name);
  assert.match(error.cause.message, message);
}

interface BatchFault {
  readonly name: string;
  readonly kind: BatchKind;
  readonly tricks: [Trick, Trick, Trick];
  /** What becomes of each: an output, or a check of what its promise rejects with. */
  readonly ends: readonly (string | ((error: unknown) => void))[];
  readonly crashed?: number;
}

const crashed = (error: unknown): void => assert.ok(error instanceof WorkerCrashedError);
const itemFailed = (error: unknown): void => assertFailed(error, "RangeError", /^item failed$/);
const threw = (error: unknown): void => assertFailed(error, "TypeError", /^batch failed$/);
const notCloned = (error: unknown): void => assertFailed(error, "DataCloneError", /./);
const tooShort = (error: unknown): void =>
  assertFailed(error, "TypeError", /array of length 3: received an array of length 2$/);
const noArray = (error: unknown): void =>
  assertFailed(error, "TypeError", /array of length 3: received string$/);

const faults: readonly BatchFault[] = [
  {
    name: "an Error item fails that job alone",
    kind: "batch",
    tricks: ["well", "error", "well"],
    ends: ["well of 3", itemFailed, "well of 3"],
  },
  {
    name: "a throw fails all jobs",
    kind: "batch",
    tricks: ["well", "throw", "well"],
    ends: [threw, threw, threw],
  },
  {
    name: "a throw fails all jobs of an idempotent kind, too",
    kind: "idempotentBatch",
    tricks: ["well", "throw", "well"],
    ends: [threw, threw, threw],
  },
  {
    name: "a result of the wrong length fails all jobs",
    kind: "batch",
    tricks: ["well", "short", "well"],
    ends: [tooShort, tooShort, tooShort],
  },
  {
    name: "a result that is no array fails all jobs",
    kind: "batch",
    tricks: ["noArray", "well", "well"],
    ends: [noArray, noArray, noArray],
  },
  {
    name: "an output that cannot be cloned fails that job alone",
    kind: "batch",
    tricks: ["well", "well", "function"],
    ends: ["well of 3", "well of 3", notCloned],
  },
  {
    name: "a crash fails all jobs",
    kind: "batch",
    tricks: ["well", "exit", "well"],
    ends: [crashed, crashed, crashed],
    crashed: 1,
  },
  {
    name: "a crash of an idempotent kind costs the culprit only",
    kind: "idempotentBatch",
    tricks: ["well", "exit", "well"],
    ends: ["well alone", crashed, "well alone"],
    crashed: 2,
  },
];

for (const { name, kind, tricks, ends, crashed = 0 } of faults) {
  test(`batch: ${name}`, guarded, async () => {
    const router = await createBatchRouter();
    const others = square(router, 10);
    const wellBatch = submitBatch(router, "batch", "well", "well", "well");
    const outputs = await submitBatch(router, kind, ...tricks);
    ends.forEach((end, i) => {
      if (typeof end === "string") assert.equal(outputs[i], end);
      else end(outputs[i]);
    });
    assert.deepEqual(await wellBatch, ["well of 3", "well of 3", "well of 3"]);
    await others;
    await assertTwoWorkersRun(router);
    const stats = router.stats();
    assertCountsAddUp(stats);
    const failed = ends.filter((end) => typeof end !== "string").length;
    assert.deepEqual([stats.failed, stats.completed], [failed, 18 - failed]);
    assert.equal(stats.routed.batch, 6);
    assert.equal(stats.workers.crashed, crashed);
    await router.close();
    assertNothingLeft(router.stats());
  });
}

test("batch: an aborted job leaves a gathering batch; the others run", guarded, async () => {
  const router = await createBatchRouter();
  const controller = new AbortController();
  const left = router.submit("batch", "well", { signal: controller.signal });
  const first = router.run("batch", "well");
  assert.equal(router.stats().load.batchWaiting, 2);
  controller.abort("left");
  assert.equal(router.stats().load.batchWaiting, 1);
  await assert.rejects(left, (error) => error === "left");
  const [second, third] = [router.run("batch", "well"), router.run("batch", "well")];
  assert.deepEqual(await Promise.all([first, second, third]), Array(3).fill("well of 3"));
  await router.close();
  assertNothingLeft(router.stats());
});

test("batch: an input that cannot be cloned fails that job alone", guarded, async () => {
  const router = await createBatchRouter();
  const uncloneable = (() => 1) as unknown as Trick;
  const outputs = await submitBatch(router, "batch", "well", uncloneable, "well");
  assert.deepEqual([outputs[0], outputs[2]], ["well alone", "well alone"]);
  notCloned(outputs[1]);
  assert.deepEqual(await submitBatch(router, "batch", "well", "well", "well"), [
    "well of 3",
    "well of 3",
    "well of 3",
  ]);
  await router.close();
  assertNothingLeft(router.stats());
});

test("batch: an endless loop with a run timeout costs that batch only", {
  ...guarded,
  skip: skippedIf(
    runtimeInfo().name === "deno",
    "an endless loop with a run timeout costs that batch only",
    "Deno cannot stop a synchronous loop: runaway_test.ts",
  ),
}, async () => {
  const router = await createBatchRouter();
  const others = square(router, 10);
  const looping = [1, 2, 3].map((n) =>
    assert.rejects(router.submit("loopingBatch", n), JobTimeoutError)
  );
  await Promise.all([others, ...looping]);
  await assertTwoWorkersRun(router);
  const { timedOut, workers } = router.stats();
  assert.deepEqual([timedOut, workers.started], [3, 3]);
  await router.close();
  assertNothingLeft(router.stats());
});
