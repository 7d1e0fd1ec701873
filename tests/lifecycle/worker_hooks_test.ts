// What jobs can do at the start and the end of their worker, and tell while they run; and what the
// router does with workers that are used up, and with kinds that kill them.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  type HelixRouter,
  JobModuleError,
  type KindsOf,
  type RouterOptions,
  type Strategy,
  WorkerCrashedError,
} from "../../mod.ts";
import brokenSetupJobs from "../fixtures/broken_setup_jobs.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import lifecycleJobs from "../fixtures/lifecycle_jobs.ts";
import { guarded, until } from "../fixtures/until.ts";

type Router = HelixRouter<KindsOf<typeof lifecycleJobs>>;
type Options = Partial<RouterOptions<typeof lifecycleJobs>>;

async function withRouter(options: Options, use: (router: Router) => Promise<void>): Promise<void> {
  const router = await createRouter<typeof lifecycleJobs>({
    jobs: lifecycleJobs,
    policy: forcedPolicy("cpu_pool"),
    cpuParallelism: 1,
    ...options,
  });
  try {
    await use(router);
  } finally {
    await router.close();
  }
}

function sharedWord(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(4));
}

test("setup is awaited before a worker takes its first job", guarded, async () => {
  await withRouter({}, async (router) => assert.equal(await router.run("wasSetUp", null), true));
});

test(
  "setup that fails fails the jobs, or createRouter() if workers are kept",
  guarded,
  async () => {
    const jobs = brokenSetupJobs;
    const policy = forcedPolicy("cpu_pool");
    const isTold = (error: unknown) =>
      error instanceof JobModuleError && error.message.includes("no such device");
    await assert.rejects(createRouter({ jobs, policy, minWorkers: 1, cpuParallelism: 1 }), isTold);
    const router = await createRouter({ jobs, policy, cpuParallelism: 1 });
    await assert.rejects(router.run("one", null), isTold);
    await router.close();
  },
);

test("teardown is run and awaited when the router closes", guarded, async () => {
  const ended = sharedWord();
  await withRouter({ cpuParallelism: 1 }, (router) => router.run("remember", ended));
  assert.equal(ended[0], 1);
});

test("teardown is run when a worker has idled too long", guarded, async () => {
  const ended = sharedWord();
  await withRouter({ idleTimeoutMs: 10 }, async (router) => {
    await router.run("remember", ended);
    await until(() => ended[0] === 1);
    assert.equal(router.stats().workers.crashed, 0);
  });
  assert.equal(ended[0], 1, "once");
});

test("maxJobsPerWorker replaces workers, with their teardown", guarded, async () => {
  const ended = sharedWord();
  await withRouter({ maxJobsPerWorker: 3 }, async (router) => {
    for (let i = 0; i < 2; i++) {
      const both = [router.run("ordinal", null), router.run("ordinal", null)];
      await router.run("remember", ended);
      assert.deepEqual(await Promise.all(both), [1, 2]);
    }
    assert.equal(await router.run("ordinal", null), 1);
    const { recycled, crashed, started } = router.stats().workers;
    assert.deepEqual({ recycled, crashed, started }, { recycled: 2, crashed: 0, started: 3 });
  });
  assert.equal(ended[0], 2, "the third worker was told of no memory");
});

for (const strategy of ["inline", "spawn", "cpu_pool"] as const satisfies readonly Strategy[]) {
  for (
    const transport of strategy === "cpu_pool" ? ["auto", "messages"] as const : ["auto"] as const
  ) {
    test(
      `onProgress hears reports in order, none after the end (${strategy}, ${transport})`,
      guarded,
      async () => {
        await withRouter({ policy: forcedPolicy(strategy), transport }, async (router) => {
          const heard: unknown[] = [];
          const onProgress = (progress: unknown) => void heard.push(progress);
          const expected: unknown[] = [];
          // Short ones, too: a result must not overtake the reports.
          for (const n of [50, ...new Array<number>(20).fill(1), 0]) {
            assert.equal(await router.run("count", { n }, { onProgress }), `counted to ${n}`);
            for (let i = 0; i < n; i++) expected.push({ i });
            assert.deepEqual(heard, expected);
          }
          await router.run("count", { n: 1 });
          await new Promise((resolve) => setTimeout(resolve, 20));
          assert.deepEqual(heard, expected);
        });
      },
    );
  }
}

test("onProgress of every job of a batch hears its reports", guarded, async () => {
  await withRouter({ policy: forcedPolicy("batch"), batchMaxSize: 3 }, async (router) => {
    for (let round = 0; round < 20; round++) {
      const heard: unknown[] = [];
      await Promise.all(
        [0, 1, 2].map((n) =>
          router.run("count", { n }, { onProgress: (progress) => void heard.push([n, progress]) })
        ),
      );
      assert.deepEqual(heard, [[0, 3], [1, 3], [2, 3]]);
    }
  });
});

test("onProgress hears nothing of a job that its caller has aborted", guarded, async () => {
  await withRouter({}, async (router) => {
    const abort = new AbortController();
    const heard: unknown[] = [];
    const onProgress = (progress: unknown) => {
      if (heard.push(progress) === 3) abort.abort();
    };
    const { signal } = abort;
    await assert.rejects(router.run("goOn", null, { signal, onProgress }), { name: "AbortError" });
    await router.run("ordinal", null);
    assert.deepEqual(heard, ["going on", "going on", "going on"]);
  });
});

test(
  "a kind that kills workers is kept off, alone, until one of its jobs lives",
  guarded,
  async () => {
    const quarantineMs = 400;
    await withRouter({ quarantineAfter: 3, quarantineMs }, async (router) => {
      for (let i = 0; i < 3; i++) {
        await assert.rejects(router.run("deadly", true), WorkerCrashedError);
      }
      const begunMs = performance.now();
      const barred = await router.submit("deadly", false);
      assert.equal(barred.status === "dropped" && barred.reason, "kind_quarantined");
      assert.equal(await router.run("echo", "other kinds go on"), "other kinds go on");
      await until(() => performance.now() > begunMs + quarantineMs + 50);
      // One may try; those that come with it may not. A second submit might hear of its end, explain() does not.
      const probe = router.submit("deadly", false);
      assert.equal(router.explain("deadly", false).reason, "kind_quarantined");
      assert.equal((await probe).status, "completed");
      assert.equal(await router.run("deadly", false), "alive");
      assert.equal(router.stats().workers.crashed, 3);
    });
  },
);

test("a try that kills its worker, too, prolongs the quarantine", guarded, async () => {
  const quarantineMs = 300;
  await withRouter({ quarantineAfter: 1, quarantineMs }, async (router) => {
    for (let i = 0; i < 2; i++) {
      await assert.rejects(router.run("deadly", true), WorkerCrashedError);
      const begunMs = performance.now();
      assert.equal((await router.submit("deadly", false)).status, "dropped");
      await until(() => performance.now() > begunMs + quarantineMs + 50);
    }
    assert.equal(await router.run("deadly", false), "alive");
  });
});

test("both transports give the same results", guarded, async () => {
  const inputs = [0, -0, NaN, "", "\ud800", null, undefined, 1n, [1, [2]], { a: { b: [1] } }];
  const large = [new Map([[1, new Date(0)]]), new Uint8Array([1, 2]), "x".repeat(100_000)];
  for (const transport of ["shared_memory", "messages"] as const) {
    await withRouter({ transport, cpuParallelism: 2 }, async (router) => {
      for (let i = 0; i < 20; i++) {
        const all = [...inputs, ...large];
        const outputs = await Promise.all(all.map((input) => router.run("echo", input)));
        assert.deepEqual(outputs, all);
      }
      await assert.rejects(router.run("fail", "no"), (error: Error) => {
        const { name, message, code } = error.cause as Error & { code: number };
        assert.deepEqual([name, message, code], ["RangeError", "no", 7]);
        return true;
      });
    });
  }
});
