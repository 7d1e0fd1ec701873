// Buffers that are moved between threads instead of being copied.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, type Strategy, WorkerCrashedError } from "../../mod.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import transferJobs, { type Cargo } from "../fixtures/transfer_jobs.ts";
import { guarded } from "../fixtures/until.ts";

function createTransferRouter(strategy: Strategy) {
  return createRouter({
    jobs: transferJobs,
    policy: forcedPolicy(strategy),
    cpuParallelism: 1,
    batchMaxSize: 2,
    batchMaxDelayMs: 60_000,
  });
}

function createCargo(): [Cargo, Cargo] {
  return [{ buffer: new ArrayBuffer(10) }, { buffer: new ArrayBuffer(20) }];
}

for (const lane of ["cpu_pool", "batch"] as const) {
  test(`${lane} moves the buffers that submit() names`, guarded, async () => {
    const router = await createTransferRouter(lane);
    const [moved, copied] = createCargo();
    const sizes = await Promise.all([
      router.run("copied", moved, { transfer: [moved.buffer] }),
      router.run("copied", copied),
    ]);
    assert.deepEqual(sizes, [10, 20]);
    assert.deepEqual([moved.buffer.byteLength, copied.buffer.byteLength], [0, 20]);
    await router.close();
    assertNothingLeft(router.stats());
  });

  test(`${lane} moves the buffers that the kind names`, guarded, async () => {
    const router = await createTransferRouter(lane);
    const cargo = createCargo();
    assert.deepEqual(await Promise.all(cargo.map((input) => router.run("moved", input))), [10, 20]);
    assert.deepEqual(cargo.map(({ buffer }) => buffer.byteLength), [0, 0]);
    await router.close();
    assertNothingLeft(router.stats());
  });

  test(`${lane} gives outputs that were moved`, guarded, async () => {
    const router = await createTransferRouter(lane);
    const outputs = await Promise.all([router.run("filled", 3), router.run("filled", 2)]);
    assert.deepEqual(outputs, [Uint8Array.of(7, 7, 7), Uint8Array.of(7, 7)]);
    await router.close();
    assertNothingLeft(router.stats());
  });
}

for (const lane of ["inline", "spawn"] as const) {
  test(`${lane} leaves the buffers where they are`, guarded, async () => {
    const router = await createTransferRouter(lane);
    const buffer = new ArrayBuffer(10);
    assert.equal(await router.run("moved", { buffer }, { transfer: [buffer] }), 10);
    assert.equal(buffer.byteLength, 10);
    await router.close();
    assertNothingLeft(router.stats());
  });
}

test("batch runs no moved input again after a crash: it is gone", guarded, async () => {
  const router = await createTransferRouter("batch");
  const createInputs = (): Cargo[] => [
    { buffer: new ArrayBuffer(10) },
    { buffer: new ArrayBuffer(10), crash: true },
  ];
  await Promise.all(
    createInputs().map((input) => assert.rejects(router.run("moved", input), WorkerCrashedError)),
  );
  assert.equal(router.stats().workers.crashed, 1);
  const ends = await Promise.allSettled(createInputs().map((input) => router.run("copied", input)));
  assert.deepEqual(ends.map(({ status }) => status), ["fulfilled", "rejected"]);
  await router.close();
  assertNothingLeft(router.stats());
});
