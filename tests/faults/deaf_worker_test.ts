// Jobs that remove what their worker listens with: later calls are answered all the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker as NodeWorker } from "node:worker_threads";
import { createRouter } from "../../mod.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import deafJobs, { type Way, WAYS } from "../fixtures/deaf_jobs.ts";
import { fixtureUrl } from "../fixtures/fixture_url.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { guarded } from "../fixtures/until.ts";

const ENTRIES = {
  "built-in worker": {},
  "node:worker_threads": { worker: () => new NodeWorker(new URL(fixtureUrl("deaf_entry"))) },
};

for (const transport of ["shared_memory", "messages"] as const) {
  for (const [entry, options] of Object.entries(ENTRIES)) {
    for (const way of Object.keys(WAYS) as Way[]) {
      test(`a worker answers though ${way} (${entry}, ${transport})`, guarded, async () => {
        const router = await createRouter({
          jobs: deafJobs,
          policy: forcedPolicy("cpu_pool"),
          cpuParallelism: 1,
          transport,
          ...options,
        });
        // Who closes the port ends the worker; Deno's refuses to remove all listeners.
        await router.run("cutOff", way).catch(() => {});
        for (let size = 0; size < 3; size++) { // a map goes by message, on either transport
          const map = new Map(Array.from({ length: size }, (_, i) => [i, i]));
          assert.equal(await router.run("size", map), size);
        }
        await router.close();
        assertNothingLeft(router.stats());
      });
    }
  }
}
