// Native calls that exceed their run time: no runtime can interrupt them, so their threads are lost until
// they end. Nobody else waits for that.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, defineJobs, JobTimeoutError, WorkerCrashedError } from "../../mod.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import { createFaultRouter, square } from "../fixtures/fault_router.ts";
import { fixtureUrl } from "../fixtures/fixture_url.ts";
import { createFlags, isUp, STARTED } from "../fixtures/flags.ts";
import { guarded, until } from "../fixtures/until.ts";

const TRANSPORTS = ["shared_memory", "messages"] as const;

const timeout = { runTimeoutMs: 300 };

const options = { cpuParallelism: 1, abortGraceMs: 10 };

for (const transport of TRANSPORTS) {
  test(
    `a native call over its run timeout holds up no other job (${transport})`,
    guarded,
    async () => {
      const router = await createFaultRouter({ ...options, transport });
      await square(router, 1);
      await assert.rejects(
        router.submit("sleepNatively", { flags: createFlags(), ms: 2_000 }, timeout),
        JobTimeoutError,
      );
      await square(router, 10);
      assert.equal(router.stats().workers.lost, 1, "the call is not over");
      assert.equal(router.obstacle, null);
      await until(() => router.stats().workers.lost === 0);
      await square(router, 10);
      await router.close();
      assertNothingLeft(router.stats());
    },
  );

  test(`close() does not wait for a native call (${transport})`, guarded, async () => {
    for (const isAbandoned of [true, false]) {
      const router = await createFaultRouter({ ...options, transport });
      await square(router, 1);
      const flags = createFlags();
      const input = { flags, ms: 3_000 };
      const settled = assert.rejects(
        router.submit("sleepNatively", input, isAbandoned ? timeout : {}),
      );
      await until(() => isUp(flags, STARTED));
      if (isAbandoned) await settled;
      else await new Promise((resolve) => setTimeout(resolve, 50));
      await router.close({ drainMs: 0 });
      await settled;
      assert.equal(router.stats().workers.lost, 1, "the call is not over");
      assertNothingLeft(router.stats());
    }
  });

  test(`the pool closes at maxLostWorkers, and opens again (${transport})`, guarded, async () => {
    const router = await createFaultRouter({ ...options, transport, maxLostWorkers: 1 });
    await assert.rejects(
      router.submit("sleepNatively", { flags: createFlags(), ms: 1_500 }, timeout),
      JobTimeoutError,
    );
    await until(() => router.obstacle !== null);
    assert.equal(router.obstacle, "workers_lost");
    const refused = await router.submit("square", 2);
    assert.equal(refused.status === "dropped" && refused.reason, "workers_lost");
    await until(() => router.obstacle === null);
    const { load, workers } = router.stats();
    assert.deepEqual([load.poolOpen, workers.lost], [true, 0]);
    await square(router, 10);
    await router.close();
    assertNothingLeft(router.stats());
  });

  test(`a native call while a worker starts holds up no job (${transport})`, guarded, async () => {
    const module = fixtureUrl("sleeps_at_import");
    const router = await createRouter({
      jobs: defineJobs(module, { heavy: { cost: 100_000, run: (n: number) => n } }),
      cpuParallelism: 1,
      workerStartTimeoutMs: 1_500,
      maxLostWorkers: 9,
      transport,
    });
    await assert.rejects(router.submit("heavy", 1), (error) => {
      assert.ok(error instanceof WorkerCrashedError, `${error}`);
      assert.match(error.message, /did not start within 1500 ms/);
      return true;
    });
    assert.ok(router.stats().workers.lost > 0, "the call is not over");
    await router.close();
    assertNothingLeft(router.stats());
  });
}
