// What a job does to its worker must cost that job only.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  JobFailedError,
  JobTimeoutError,
  RouterClosedError,
  runtimeInfo,
  WorkerCrashedError,
} from "../../mod.ts";
import { assertCountsAddUp, assertNothingLeft } from "../fixtures/assert_counts.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import {
  assertTwoWorkersRun,
  createFaultRouter,
  type FaultRouter,
  square,
} from "../fixtures/fault_router.ts";
import { createFlags, isUp, STARTED } from "../fixtures/flags.ts";
import { guarded, until } from "../fixtures/until.ts";

const runtime = runtimeInfo().name;
const onDeno = runtime === "deno";

interface Fault {
  readonly name: string;
  /** Submits the faulty job. */
  readonly submit: (router: FaultRouter) => Promise<unknown>;
  /** Looks at what its promise rejects with. */
  readonly check: (error: unknown) => void;
  readonly status: "failed" | "timedOut" | "cancelled";
  /** Workers that die of it by themselves, and those that are ended for it. */
  readonly crashed?: number;
  readonly ended?: number;
  readonly options?: Parameters<typeof createFaultRouter>[0];
  /** Why this runtime cannot have it. */
  readonly skip?: string | false;
}

function failedWith(name: string, message: RegExp) {
  return (error: unknown): void => {
    assert.ok(error instanceof JobFailedError, `${error}`);
    assert.ok(error.cause instanceof Error);
    assert.equal(error.cause.name, name);
    assert.match(error.cause.message, message);
  };
}

/** What an uncaught error gives; Bun's is 0 after a rejection, and with its test runner after a throw, too. */
const FAILED = onDeno ? [undefined] : runtime === "bun" ? [0, 1] : [1];

function crashedWith(message: RegExp, exitCodes: readonly unknown[] = [undefined]) {
  return (error: unknown): void => {
    assert.ok(error instanceof WorkerCrashedError, `${error}`);
    assert.match(error.message, message);
    assert.ok(exitCodes.includes(error.exitCode), `exit code ${error.exitCode}`);
  };
}

const unstoppable = onDeno &&
  "Deno cannot stop a synchronous loop (denoland/deno#35657): see runaway_test.ts";
const aborting = new AbortController();

const faults: readonly Fault[] = [
  {
    name: "a job that throws",
    submit: (router) => router.submit("throwAtOnce", "thrown"),
    check: failedWith("RangeError", /^thrown$/),
    status: "failed",
  },
  {
    name: "a job that rejects",
    submit: (router) => router.submit("reject", "rejected"),
    check: failedWith("RangeError", /^rejected$/),
    status: "failed",
  },
  {
    name: "a job that throws undefined",
    submit: (router) => router.submit("throwNothing", ""),
    check: (error) => {
      assert.ok(error instanceof JobFailedError);
      assert.equal(error.cause, undefined);
    },
    status: "failed",
  },
  {
    name: "an output that cannot be cloned",
    submit: (router) => router.submit("giveFunction", ""),
    check: failedWith("DataCloneError", /^Output of the job cannot be sent: ./),
    status: "failed",
  },
  {
    name: "an input that cannot be cloned",
    submit: (router) => router.submit("takeAny", () => 1),
    check: failedWith("DataCloneError", /^Input of the job cannot be sent: ./),
    status: "failed",
  },
  {
    name: "process.exit() in a job",
    submit: (router) => router.submit("exit", 3),
    check: crashedWith(/exited/, [onDeno ? undefined : 3]),
    status: "failed",
    crashed: 1,
  },
  {
    name: "Deno.exit() in a job",
    submit: (router) => router.submit("denoExit", 3),
    check: crashedWith(/exited/),
    status: "failed",
    crashed: 1,
    skip: !onDeno && "there is no Deno.exit",
  },
  {
    name: "self.close() in a job",
    submit: (router) => router.submit("closeSelf", ""),
    check: crashedWith(/exited/),
    status: "failed",
    crashed: 1,
    skip: !onDeno && "workers have no self.close",
  },
  {
    name: "an unhandled rejection in a worker",
    submit: (router) => router.submit("rejectUnheard", "unheard"),
    check: crashedWith(/unheard/, FAILED),
    status: "failed",
    crashed: 1,
  },
  {
    name: "a throw outside the job",
    submit: (router) => router.submit("throwOutside", "outside"),
    check: crashedWith(/outside/, FAILED),
    status: "failed",
    crashed: 1,
  },
  {
    name: "an endless loop with a run timeout",
    submit: (router) => router.submit("loopForEver", createFlags(), { runTimeoutMs: 50 }),
    check: (error) => assert.ok(error instanceof JobTimeoutError, `${error}`),
    status: "timedOut",
    ended: 1,
    skip: unstoppable,
  },
  {
    name: "an endless loop that is aborted, with abortGraceMs",
    submit: async (router) => {
      const flags = createFlags();
      const outcome = router.submit("loopForEver", flags, { signal: aborting.signal });
      outcome.catch(() => {});
      await until(() => isUp(flags, STARTED));
      aborting.abort("enough");
      await outcome;
    },
    check: (error) => assert.equal(error, "enough"),
    status: "cancelled",
    ended: 1,
    options: { abortGraceMs: 10 },
    skip: unstoppable,
  },
  {
    name: "a job that runs out of memory",
    submit: (router) => router.submit("outOfMemory", ""),
    check: crashedWith(/memory/, FAILED),
    status: "failed",
    crashed: 1,
    options: { resourceLimits: { maxOldGenerationSizeMb: 32 } },
    skip: runtime !== "node" &&
      "Deno ends the whole process, Bun knows no limit for one worker",
  },
];

for (const fault of faults) {
  const { name, submit, check, status, crashed = 0, ended = 0, options } = fault;
  const { skip: reason = false } = fault;
  const skip = skippedIf(reason !== false, name, `${reason}`);
  test(`router survives ${name}`, { ...guarded, skip }, async () => {
    const router = await createFaultRouter(options);
    const before = square(router, 10);
    const refused = assert.rejects(submit(router), (error) => (check(error), true));
    const after = square(router, 10);
    await Promise.all([before, refused, after]);
    await assertTwoWorkersRun(router);
    const stats = router.stats();
    assertCountsAddUp(stats);
    assert.deepEqual([stats.completed, stats[status]], [22, 1]);
    const { workers } = stats;
    assert.equal(workers.crashed, crashed);
    assert.equal(workers.started, 2 + crashed + ended);
    assert.equal(workers.lost, 0);
    await router.close();
    assertNothingLeft(router.stats());
  });
}

test("router survives a worker that dies between two jobs", guarded, async () => {
  const router = await createFaultRouter();
  assert.equal(await router.run("throwAfterwards", "too late"), "done");
  await until(() => router.stats().workers.crashed === 1);
  await square(router, 10);
  await assertTwoWorkersRun(router);
  const { completed, failed, workers } = router.stats();
  assert.deepEqual([completed, failed], [13, 0]);
  assert.ok(workers.started >= 3);
  await router.close();
  assertNothingLeft(router.stats());
});

test("router survives a crash of every worker at once", guarded, async () => {
  const router = await createFaultRouter({ quarantineAfter: Infinity });
  const crashes = Array.from(
    { length: 6 },
    () => assert.rejects(router.submit("exit", 1), WorkerCrashedError),
  );
  await Promise.all([...crashes, square(router, 10)]);
  const { workers, failed } = router.stats();
  assert.deepEqual([workers.crashed, failed], [6, 6]);
  await router.close();
  assertNothingLeft(router.stats());
});

/** Runs a job that never ends by itself, aborts it, and waits for its caller to hear. */
async function abortOneThatStays(router: FaultRouter, runTimeoutMs?: number): Promise<void> {
  const flags = createFlags();
  const controller = new AbortController();
  const outcome = router.submit("meet", { mine: flags, other: createFlags() }, {
    signal: controller.signal,
    runTimeoutMs,
  });
  const refused = assert.rejects(outcome, (error) => error === "no longer wanted");
  await until(() => isUp(flags, STARTED));
  controller.abort("no longer wanted");
  await refused;
}

test("router keeps the permit of an aborted job until its worker reports", guarded, async () => {
  const router = await createFaultRouter({ cpuParallelism: 1 });
  await abortOneThatStays(router);
  const waiting = assert.rejects(router.submit("square", 2), RouterClosedError);
  const { poolRunning, poolWaiting, inFlight } = router.stats().load;
  assert.deepEqual([poolRunning, poolWaiting, inFlight], [1, 1, 1]);
  await router.close({ drainMs: 0 });
  await waiting;
  assertNothingLeft(router.stats());
});

test("router ends the worker of an aborted job after abortGraceMs", guarded, async () => {
  const router = await createFaultRouter({ cpuParallelism: 1, abortGraceMs: 10 });
  await abortOneThatStays(router);
  assert.equal(await router.run("square", 3), 9);
  assert.equal(router.stats().workers.started, 2);
  await router.close();
  assertNothingLeft(router.stats());
});

test("router ends the worker of an aborted job after its run timeout", guarded, async () => {
  const router = await createFaultRouter({ cpuParallelism: 1 });
  await abortOneThatStays(router, 2_000);
  assert.equal(await router.run("square", 3), 9);
  const { cancelled, timedOut, workers } = router.stats();
  assert.deepEqual([cancelled, timedOut, workers.started], [1, 0, 2]);
  await router.close();
  assertNothingLeft(router.stats());
});
