// Workers that do not come up: whoever waits for them hears why, and the other lanes go on.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker as NodeWorker } from "node:worker_threads";
import {
  createRouter,
  InvalidOptionError,
  JobModuleError,
  RouterClosedError,
  type RouterOptions,
  thresholdPolicy,
  WorkerCrashedError,
} from "../../mod.ts";
import { defineJobs } from "../../src/define/jobs.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import { createFaultRouter, square } from "../fixtures/fault_router.ts";
import { fixtureUrl } from "../fixtures/fixture_url.ts";
import { guarded, until } from "../fixtures/until.ts";

/** Jobs as the router's side knows them, in a module that the workers cannot load. */
function jobsIn(module: string) {
  return defineJobs(module, {
    heavy: { cost: 100_000, run: (n: number) => n * n },
    tiny: { cost: 10, run: (n: number) => n + 1 },
  });
}

type StartJobs = ReturnType<typeof jobsIn>;

interface StartFault {
  readonly name: string;
  readonly module: string;
  readonly check: (error: unknown) => void;
  readonly options?: Partial<RouterOptions<StartJobs>>;
}

function moduleError(message: RegExp) {
  return (error: unknown): void => {
    assert.ok(error instanceof JobModuleError, `${error}`);
    assert.match(error.message, message);
    assert.ok(error.cause instanceof Error);
  };
}

/** Of a worker that could not be made, which is not the module's fault. */
function threadError(message: RegExp) {
  return (error: unknown): void => {
    assert.ok(error instanceof WorkerCrashedError, `${error}`);
    assert.match(error.message, message);
    assert.ok(error.cause instanceof Error);
  };
}

function startAt(url: string): unknown {
  return typeof Worker === "function"
    ? new Worker(url, { type: "module" })
    : new NodeWorker(new URL(url));
}

const faults: readonly StartFault[] = [
  {
    name: "a module that throws",
    module: fixtureUrl("throws_at_import"),
    check: moduleError(/Cannot load this module/),
  },
  {
    name: "a module that throws what cannot be shown as text",
    module: "data:text/javascript,throw { toString: 1 }",
    check: (error) =>
      assert.ok(error instanceof JobModuleError, "it is refused, whatever it throws"),
  },
  {
    name: "a module with a syntax error",
    module: "data:text/javascript,export default {;",
    check: moduleError(/./),
  },
  {
    name: "a module that does not exist",
    module: fixtureUrl("does_not_exist"),
    check: moduleError(/does_not_exist/),
  },
  {
    name: "a module without a default export",
    module: fixtureUrl("no_default"),
    check: moduleError(/default export.*defineJobs/),
  },
  {
    name: "a module with a wrong default export",
    module: fixtureUrl("wrong_default"),
    check: moduleError(/default export.*wrong_default.*defineJobs/),
  },
  {
    name: "a module whose jobs are a named export",
    module: fixtureUrl("named_export"),
    check: moduleError(
      /of file:.*named_export\.[jt]s must be .*its export "jobs" is: write "export/,
    ),
  },
  {
    name: "a module of CommonJS whose jobs are a named export, as Node gives it",
    module: fixtureUrl("nested_export"),
    check: moduleError(/nested_export\.[jt]s must be .*its export "jobs" is/),
  },
  {
    name: "a module of another protocol version",
    module: fixtureUrl("other_protocol_jobs"),
    check: moduleError(/protocol 2/),
  },
  {
    name: "a module that lacks the kinds",
    module: fixtureUrl("fault_jobs"),
    check: moduleError(/no kind "heavy", "tiny"/),
  },
  {
    name: "a module whose loading never ends",
    module: fixtureUrl("never_loads"),
    options: { workerStartTimeoutMs: 50 },
    check: (error) => {
      assert.ok(error instanceof WorkerCrashedError, `${error}`);
      assert.match(error.message, /did not start within 50 ms/);
    },
  },
  {
    name: "a worker that cannot be made",
    module: fixtureUrl("fault_jobs"),
    options: {
      worker: () => {
        throw new RangeError("no threads left");
      },
    },
    check: threadError(/no threads left/),
  },
  {
    name: "an entry that cannot be loaded, such as the built-in one in a bundle",
    module: fixtureUrl("fault_jobs"),
    options: { worker: () => startAt(fixtureUrl("throws_at_import")) },
    check: moduleError(
      /entry cannot be loaded: [^]*Cannot load this[^]*In a bundle/,
    ),
  },
  ...Object.entries({
    "an object": {},
    "nothing": undefined,
    "a promise": Promise.resolve(),
    "a port that cannot be terminated": { postMessage() {}, addEventListener() {} },
    "a worker that nobody can listen to": { postMessage() {}, terminate() {} },
  }).map(([what, worker]): StartFault => ({
    name: `a worker that is none: ${what}`,
    module: fixtureUrl("fault_jobs"),
    options: { worker: () => worker },
    check: (error) => {
      assert.ok(error instanceof InvalidOptionError, `${error}`);
      assert.match(error.message, /^Cannot start worker as "worker" must be a function that gives/);
      assert.equal(error.received, `${worker}`);
    },
  })),
  {
    name: "an entry whose URL is none",
    module: fixtureUrl("fault_jobs"),
    options: { worker: () => new URL("./entry.js", undefined) },
    check: moduleError(/entry cannot be loaded: [^]*URL[^]*In a bundle/),
  },
];

for (const { name, module, check, options } of faults) {
  test(`router survives ${name}`, guarded, async () => {
    const router = await createRouter<StartJobs>({
      jobs: jobsIn(module),
      policy: thresholdPolicy(),
      cpuParallelism: 2,
      ...options,
    });
    const waiting = [1, 2, 3].map((n) =>
      assert.rejects(router.submit("heavy", n), (error) => (check(error), true))
    );
    const inline = await router.submit("tiny", 1);
    assert.equal(inline.status === "completed" && inline.strategy, "inline");
    assert.equal(inline.status === "completed" && inline.output, 2);
    await Promise.all(waiting);
    const { failed, completed, workers } = router.stats();
    assert.deepEqual([failed, completed], [3, 1]);
    assert.ok(workers.crashed > 0);
    assert.equal(workers.lost, 0);
    await router.close();
    assertNothingLeft(router.stats());
  });

  test(`createRouter() with minWorkers rejects for ${name}`, guarded, async () => {
    await assert.rejects(
      createRouter<StartJobs>({
        jobs: jobsIn(module),
        cpuParallelism: 2,
        minWorkers: 2,
        ...options,
      }),
      (error) => (check(error), true),
    );
  });
}

test("router tries again twice before a job fails as no worker can be made", guarded, async () => {
  for (const failures of [2, 5]) {
    let tries = 0;
    const router = await createFaultRouter({
      cpuParallelism: 1,
      worker: () => {
        if (++tries <= failures) throw new RangeError("no threads left");
        return new NodeWorker(new URL(fixtureUrl("fault_entry")));
      },
    });
    if (failures > 2) {
      await assert.rejects(router.submit("square", 2), WorkerCrashedError);
      assert.equal(tries, 3);
    }
    let output: number | undefined;
    while (output === undefined) {
      output = await router.run("square", 3).catch((error) => {
        assert.ok(failures > 2 && error instanceof WorkerCrashedError);
        return new Promise<undefined>((resolve) => setTimeout(resolve, 1));
      });
    }
    assert.deepEqual([output, tries], [9, failures + 1]);
    await square(router, 10);
    await router.close();
    assertNothingLeft(router.stats());
  }
});

test("router goes on with the workers it has when another cannot be made", guarded, async () => {
  let tries = 0;
  const router = await createFaultRouter({
    worker: () => {
      if (++tries === 2) throw new RangeError("no threads left");
      return new NodeWorker(new URL(fixtureUrl("fault_entry")));
    },
  });
  await square(router, 1);
  await square(router, 10);
  await until(() => tries >= 3 || router.stats().workers.crashed === 1);
  await square(router, 10);
  assert.equal(router.stats().failed, 0);
  await router.close();
  assertNothingLeft(router.stats());
});

test("router takes its time with workers that die without a job", guarded, async () => {
  const startedAtMs: number[] = [];
  const router = await createFaultRouter({
    cpuParallelism: 1,
    minWorkers: 1,
    worker: () => {
      startedAtMs.push(performance.now());
      const worker = new NodeWorker(new URL(fixtureUrl("fault_entry")));
      worker.on("message", ({ type }: { type: string }) => {
        if (type === "helix.ready") setTimeout(() => worker.terminate(), 0);
      });
      return worker;
    },
  });
  await until(() => startedAtMs.length === 4);
  await router.close();
  for (const [i, atMs] of startedAtMs.slice(1).entries()) {
    assert.ok(atMs - startedAtMs[i] >= 90, "The next worker was started too soon");
  }
  assertNothingLeft(router.stats());
});

test("close() ends a worker that never loads", guarded, async () => {
  const router = await createRouter({ jobs: jobsIn(fixtureUrl("never_loads")) });
  const refused = assert.rejects(router.submit("heavy", 1), RouterClosedError);
  assert.equal(router.stats().workers.starting, 1);
  await router.close({ drainMs: 10 });
  await refused;
  assertNothingLeft(router.stats());
});

test("createRouter() with minWorkers has them ready", guarded, async () => {
  const router = await createFaultRouter({ minWorkers: 2 });
  const { idle, started } = router.stats().workers;
  assert.deepEqual([idle, started], [2, 2]);
  await router.close();
  assertNothingLeft(router.stats());
});
