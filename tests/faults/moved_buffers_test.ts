import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, JobFailedError } from "../../mod.ts";
import jobs from "../fixtures/buffer_jobs.ts";

const guarded = { timeout: 30_000 };

test("a buffer that is moved twice fails its job, and no other", guarded, async () => {
  const router = await createRouter({ jobs, cpuParallelism: 1 });
  const bytes = new Uint8Array(64).fill(1);
  assert.equal(await router.run("sum", bytes, { transfer: [bytes.buffer] }), 64);
  const again = router.run("sum", bytes, { transfer: [bytes.buffer] });
  await assert.rejects(again, (error) => {
    assert.ok(error instanceof JobFailedError);
    assert.match((error.cause as Error).name, /DataCloneError|TypeError/);
    return true;
  });
  assert.equal(await router.run("sum", new Uint8Array(8).fill(2)), 16);
  assert.deepEqual([router.stats().workers.crashed, router.stats().inFlight], [0, 0]);
  await router.close();
});

test("an output that is moved twice fails its job, and no other", guarded, async () => {
  const router = await createRouter({ jobs, cpuParallelism: 1 });
  assert.equal((await router.run("scratch", 7))[0], 7);
  await assert.rejects(router.run("scratch", 8), JobFailedError);
  assert.equal(await router.run("sum", new Uint8Array(8).fill(2)), 16);
  assert.equal(router.stats().workers.crashed, 0);
  await router.close();
});
