// Workers come when they are needed and go when they are not.
import assert from "node:assert/strict";
import { test } from "node:test";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import {
  assertTwoWorkersRun,
  countWorkers,
  createFaultRouter,
  square,
} from "../fixtures/fault_router.ts";
import { guarded, until } from "../fixtures/until.ts";

test(
  "router starts no worker before a job needs one, and no more than jobs wait",
  guarded,
  async () => {
    const router = await createFaultRouter();
    assert.equal(router.stats().workers.started, 0);
    await square(router, 1);
    await square(router, 1);
    assert.equal(router.stats().workers.started, 1);
    await router.close();
    assertNothingLeft(router.stats());
  },
);

test(
  "router ends idle workers, and starts others when they are needed again",
  guarded,
  async () => {
    const router = await createFaultRouter({ idleTimeoutMs: 10 });
    await assertTwoWorkersRun(router);
    await until(() => countWorkers(router) === 0);
    assert.equal(router.stats().workers.started, 2);
    await assertTwoWorkersRun(router);
    assert.equal(router.stats().workers.started, 4);
    await until(() => countWorkers(router) === 0);
    assert.equal(router.stats().workers.crashed, 0);
    await router.close();
    assertNothingLeft(router.stats());
  },
);

test(
  "router keeps minWorkers, the same ones, when the others have idled too long",
  guarded,
  async () => {
    const router = await createFaultRouter({ cpuParallelism: 4, minWorkers: 1, idleTimeoutMs: 10 });
    await Promise.all([assertTwoWorkersRun(router), assertTwoWorkersRun(router)]);
    assert.equal(router.stats().workers.started, 4);
    await until(() => router.stats().workers.idle <= 1);
    // A worker that lives and dies meanwhile: all that has been told to end has ended by then.
    const other = await createFaultRouter({ idleTimeoutMs: 10 });
    await assertTwoWorkersRun(other);
    await other.close();
    const { idle, started, crashed } = router.stats().workers;
    assert.deepEqual({ idle, started, crashed }, { idle: 1, started: 4, crashed: 0 });
    await router.close();
    assertNothingLeft(router.stats());
  },
);
