// A router's thread that was occupied fires its timers first, and hears of results after that.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, JobTimeoutError, type SubmitOptions } from "../../mod.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import { createFlags, type Flags, isUp, RELEASED, STARTED } from "../fixtures/flags.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import lateJobs from "../fixtures/late_jobs.ts";
import { guarded, until } from "../fixtures/until.ts";

const LIMIT_MS = 100;

/** Blocks this thread until the job has ended, and its time is over; the worker has the core. */
function occupy(flags: Flags): void {
  const giveUpMs = performance.now() + 30_000;
  while (!isUp(flags, RELEASED)) {
    assert.ok(performance.now() < giveUpMs, "the job has not ended");
    block(1);
  }
  block(5 * LIMIT_MS);
}

function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

async function createLateRouter(transport: "shared_memory" | "messages", abortGraceMs = Infinity) {
  const router = await createRouter({
    jobs: lateJobs,
    policy: forcedPolicy("cpu_pool"),
    cpuParallelism: 1,
    minWorkers: 1,
    abortGraceMs,
    transport,
  });
  await router.run("nothing", 1);
  return router;
}

/** Lets all be sent that was submitted in this turn, and nothing be heard. */
async function sent(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

const limits: readonly SubmitOptions[] = [{ runTimeoutMs: LIMIT_MS }, { abortAfterMs: LIMIT_MS }];

for (const transport of ["shared_memory", "messages"] as const) {
  for (const limit of limits) {
    for (const reports of [0, 20]) {
      const title =
        `a result that is there counts, though it is heard after ${Object.keys(limit)}, ` +
        `behind ${reports} reports (${transport})`;
      test(title, guarded, async () => {
        const router = await createLateRouter(transport);
        const flags = createFlags();
        const run = router.run("quick", { flags, reports }, limit);
        await sent();
        occupy(flags);
        assert.equal(await run, "done");
        assert.equal(router.stats().timedOut, 0);
        await router.close();
        assertNothingLeft(router.stats());
      });
    }
  }

  test(`close() cancels no job whose result is there (${transport})`, guarded, async () => {
    const router = await createLateRouter(transport);
    const flags = createFlags();
    const run = router.run("quick", { flags, reports: 0 });
    const closed = router.close({ drainMs: LIMIT_MS });
    await sent();
    occupy(flags);
    assert.equal(await run, "done");
    await closed;
    assertNothingLeft(router.stats());
  });

  test(`a worker whose aborted job has ended is kept (${transport})`, guarded, async () => {
    const router = await createLateRouter(transport, LIMIT_MS);
    const flags = createFlags();
    const controller = new AbortController();
    const run = router.submit("obedient", flags, { signal: controller.signal });
    await until(() => isUp(flags, STARTED));
    controller.abort("enough");
    occupy(flags);
    await assert.rejects(run, (reason) => reason === "enough");
    assert.equal(await router.run("nothing", 1), 1);
    assert.equal(router.stats().workers.started, 1);
    await router.close();
    assertNothingLeft(router.stats());
  });

  test(
    `a job that goes on is timed out though this thread is late (${transport})`,
    guarded,
    async () => {
      const router = await createLateRouter(transport);
      const run = router.submit("endless", "", { runTimeoutMs: LIMIT_MS });
      const flags = createFlags();
      flags[RELEASED] = 1;
      await sent();
      occupy(flags);
      await assert.rejects(run, JobTimeoutError);
      await router.close();
      assertNothingLeft(router.stats());
    },
  );
}
