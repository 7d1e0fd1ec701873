// A worker boots while the router is built, where the first jobs are likely to need one.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adaptivePolicy,
  createRouter,
  defineJobs,
  JobModuleError,
  type RouterOptions,
  thresholdPolicy,
} from "../../mod.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import faultJobs from "../fixtures/fault_jobs.ts";
import { countWorkers } from "../fixtures/fault_router.ts";
import { guarded, until } from "../fixtures/until.ts";

function open(options: Partial<RouterOptions<typeof faultJobs>> = {}) {
  return createRouter<typeof faultJobs>({ jobs: faultJobs, cpuParallelism: 2, ...options });
}

test("the first job of a pool runs on the worker that was started ahead", guarded, async () => {
  const router = await open();
  assert.equal(router.stats().workers.started, 1);
  const outcome = await router.submit("square", 3);
  assert.equal(outcome.status === "completed" && outcome.output, 9);
  assert.equal(outcome.strategy, "cpu_pool");
  assert.equal(router.stats().workers.started, 1);
  await router.close();
  assertNothingLeft(router.stats());
});

test(
  "a worker that was started ahead ends when no job comes, and another starts then",
  guarded,
  async () => {
    const router = await open({ idleTimeoutMs: 10 });
    await until(() => countWorkers(router) === 0);
    assert.equal(router.stats().workers.crashed, 0);
    assert.equal(await router.run("square", 3), 9);
    assert.equal(router.stats().workers.started, 2);
    await router.close();
  },
);

test("a router that is closed at once leaves no worker behind", guarded, async () => {
  const router = await open();
  await router.close();
  assertNothingLeft(router.stats());
});

test("no worker is started ahead where the first jobs need none", guarded, async () => {
  const local = defineJobs({ double: { run: (n: number) => n * 2 } });
  const routers = [
    await open({ policy: thresholdPolicy() }),
    await open({ policy: { ...adaptivePolicy(), startsWorker: false } }),
    await createRouter({ jobs: local }),
  ];
  for (const router of routers) {
    assert.equal(router.stats().workers.started, 0);
    await router.close();
  }
});

/** A worker that only notes its end. */
function createSilent(ended: string[]) {
  return {
    postMessage() {},
    addEventListener() {},
    terminate: () => void ended.push("ended"),
  };
}

test(
  "if the router cannot be built, the worker that was started ahead is ended",
  guarded,
  async () => {
    const input = () => Promise.reject(new Error("no schema"));
    const jobs = defineJobs(import.meta.url, { double: { input, run: (n: unknown) => n } });
    const ended: string[] = [];
    await assert.rejects(
      createRouter({ jobs, worker: () => createSilent(ended) }),
      JobModuleError,
    );
    assert.deepEqual(ended, ["ended"]);
  },
);

test("a worker that cannot be started fails the first job, not the router", guarded, async () => {
  const router = await open({
    worker: () => {
      throw new Error("no room for a thread");
    },
  });
  await assert.rejects(router.run("square", 3), /no room for a thread/);
  await router.close();
});
