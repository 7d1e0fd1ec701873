import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, Semaphore } from "../../mod.ts";
import counted, { createCounters, MOST } from "../fixtures/counted_jobs.ts";
import { guarded } from "../fixtures/until.ts";

for (const transport of ["shared_memory", "messages"] as const) {
  test(
    `routers that share a Semaphore share it on real workers, ${transport}`,
    guarded,
    async () => {
      const cpuParallelism = new Semaphore(2);
      // On a busy machine Deno takes its time to check the entry of so many workers.
      const options = { jobs: counted, cpuParallelism, transport, workerStartTimeoutMs: 60_000 };
      const routers = [await createRouter(options), await createRouter(options)];
      const counters = createCounters();
      const run = (i: number) => routers[i % 2].run("counted", { counters, ms: i % 5 });
      await Promise.all(Array.from({ length: 60 }, (_, i) => run(i)));
      assert.equal(counters[MOST], 2);
      cpuParallelism.resize(1);
      counters[MOST] = 0;
      const jobs = Array.from({ length: 20 }, (_, i) => run(i));
      cpuParallelism.resize(3);
      await Promise.all(jobs);
      assert.ok(counters[MOST] <= 3, `${counters[MOST]} at a time`);
      for (const router of routers) {
        assert.equal(router.load.poolRunning, 0);
        await router.close();
      }
    },
  );
}
