// The limits of a kind on real workers, some of which die, and on this thread at once.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, type Policy } from "../../mod.ts";
import jobs, { type Counted, KEYS } from "../fixtures/limited_jobs.ts";
import { guarded } from "../fixtures/until.ts";
import { createRandom } from "../virtual/random.ts";

const mixed: Policy = {
  name: "mixed",
  decide: ({ computeCost }) => ({
    strategy: computeCost === 0 ? "inline" : computeCost === 1 ? "spawn" : "cpu_pool",
    reason: "test",
  }),
};

test(
  "no more jobs of a kind, or of a key, run than may on real workers that die now and then",
  guarded,
  async () => {
    const counters = new SharedArrayBuffer(4 * 2 * (KEYS + 1));
    const router = await createRouter({
      jobs,
      policy: mixed,
      cpuParallelism: 4,
      quarantineAfter: Infinity,
    });
    const random = createRandom(5);
    const ends: Counted["end"][] = ["ok", "ok", "ok", "later", "throw"];
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const all = Array.from({ length: 120 }, (_, i) => {
      const key = Math.floor(random() * KEYS);
      const dies = i % 40 === 10; // only where it can: on a worker
      const computeCost = dies ? 2 : Math.floor(random() * 4);
      const end = dies ? "exit" : ends[Math.floor(random() * ends.length)];
      const input: Counted = { counters, key, ms: 2 * random(), end };
      const signal = random() < 0.2 ? controllers[i % 4].signal : undefined;
      const hints = { computeCost, key: `k${key}`, signal, whenFull: "wait" } as const;
      return router.submit("limited", input, hints).then(({ status }) => status, () => "failed");
    });
    for (const controller of controllers) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      controller.abort();
    }
    const statuses = await Promise.all(all);
    assert.equal(statuses.length, 120);
    const counts = [...new Int32Array(counters)];
    for (let key = 0; key < KEYS; key++) {
      assert.deepEqual(counts.slice(2 * key, 2 * key + 2), [0, 1]);
    }
    assert.deepEqual(counts.slice(2 * KEYS), [0, 2]);
    const { poolWaiting, spawnWaiting } = router.load;
    assert.deepEqual([poolWaiting, spawnWaiting], [0, 0]);
    await router.close();
  },
);
