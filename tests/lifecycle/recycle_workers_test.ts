// recycleWorkers() with real workers: jobs go on, hooks run, and what is new of the job file is loaded.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { createRouter, JobModuleError, type Jobs } from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import jobs from "../fixtures/lifecycle_jobs.ts";
import { guarded, until } from "../fixtures/until.ts";

const policy = forcedPolicy("cpu_pool");
const TRANSPORTS = ["shared_memory", "messages"] as const;

for (const transport of TRANSPORTS) {
  test(
    `workers are replaced while jobs run, with their hooks (${transport})`,
    guarded,
    async () => {
      const options = { policy, transport, cpuParallelism: 2, minWorkers: 2, teardownMs: 60_000 };
      await using router = await createRouter({ jobs, ...options });
      const ended = new Int32Array(new SharedArrayBuffer(4));
      const abort = new AbortController();
      const long = router.run("goOn", null, { signal: abort.signal }).catch(() => {});
      await router.run("remember", ended);
      let isOver = false;
      const recycled = router.recycleWorkers().then(() => isOver = true);
      const flood = async (): Promise<void> => {
        for (let i = 0; !isOver; i++) assert.equal(await router.run("echo", i), i);
      };
      const floods = [flood(), flood(), flood()];
      await until(() => router.stats().workers.started === 3);
      assert.equal(ended[0], 1, "the one that was free is gone, after its teardown");
      assert.equal(await router.run("wasSetUp", null), true);
      assert.equal(isOver, false, "the other is on a job");
      abort.abort();
      await Promise.all([long, recycled, ...floods]);
      const { workers, failed, dropped, cancelled } = router.stats();
      assert.deepEqual({ failed, dropped, cancelled }, { failed: 0, dropped: 0, cancelled: 1 });
      assert.equal(workers.idle + workers.busy, 2);
      assert.deepEqual([workers.started, workers.recycled, workers.crashed], [4, 2, 0]);
    },
  );
}

/** A job file that is written anew. */
class Deployed {
  readonly #path: string;

  constructor(folder: string) {
    this.#path = join(folder, "jobs.mjs");
  }

  write(version: string): Promise<void> {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const jobsUrl = new URL(`../../src/define/jobs.${extension}`, import.meta.url);
    return writeFile(
      this.#path,
      `import { defineJobs } from ${JSON.stringify(jobsUrl.href)};
export default defineJobs(import.meta.url, { version: { run: () => ${version} } });
`,
    );
  }

  async load(): Promise<Jobs<Record<string, AnyKind>>> {
    return (await import(pathToFileURL(this.#path).href)).default;
  }
}

test(
  "new workers load the job file as it is now; if they cannot, the others stay",
  guarded,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), "helixrouter-recycle-"));
    try {
      const deployed = new Deployed(folder);
      await deployed.write("1");
      const options = { policy, cpuParallelism: 2, minWorkers: 2 };
      await using router = await createRouter({ jobs: await deployed.load(), ...options });
      assert.equal(await router.run("version", null), 1);
      await deployed.write("2");
      await router.recycleWorkers();
      assert.equal(await router.run("version", null), 2);
      await deployed.write("broken(");
      await assert.rejects(router.recycleWorkers(), JobModuleError);
      const runs = Array.from({ length: 10 }, () => router.run("version", null));
      assert.deepEqual(new Set(await Promise.all(runs)), new Set([2]));
    } finally {
      await rm(folder, { recursive: true });
    }
  },
);
