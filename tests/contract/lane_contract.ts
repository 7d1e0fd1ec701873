// What every lane must do with a job, whatever becomes of it. `lane_test.ts` runs it for each lane.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  type HelixRouter,
  JobFailedError,
  JobTimeoutError,
  type KindsOf,
  type LoadFigures,
  RouterClosedError,
  type RouterOptions,
  type Strategy,
} from "../../mod.ts";
import { runtimeDefaults } from "../../src/runtime/host.ts";
import { assertCountsAddUp, assertNothingLeft } from "../fixtures/assert_counts.ts";
import { createFlags, isUp, raise, RELEASED, STARTED, TOLD_TO_STOP } from "../fixtures/flags.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import type jobs from "../fixtures/lane_jobs.ts";
import { createThrown, describe, THROWN_NAMES } from "../fixtures/lane_jobs.ts";
import { guarded, until } from "../fixtures/until.ts";

type LaneJobs = typeof jobs;
type LaneRouter = HelixRouter<KindsOf<LaneJobs>>;

/** One lane, and how it is reached. */
export interface LaneWay {
  readonly name: string;
  readonly strategy: Strategy;
  readonly jobs: LaneJobs;
  /** Jobs that wait for it; absent where none ever waits: an inline job runs inside `submit()`. */
  readonly waiting?: (load: LoadFigures) => number;
  /** Whether the run happens on this thread, where a closed router can still tell it to stop. */
  readonly runsHere: boolean;
}

/** Name, message, own fields, causes and errors: what must be the same wherever a job ran. */
function shapeOf(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, cause, errors } = value as AggregateError;
  const known = ["name", "message", "stack", "cause", "errors"];
  return {
    name,
    message,
    fields: Object.entries(value).filter(([field]) => !known.includes(field)),
    cause: shapeOf(cause),
    errors: (errors as unknown[] | undefined)?.map(shapeOf),
  };
}

/** Runs the contract for one lane. */
export function laneContract(lane: LaneWay): void {
  type Options = Partial<RouterOptions<LaneJobs>>;

  /** One job at a time, batches of one: what waits and what runs is known. */
  function createLaneRouter(options: Options = {}): Promise<LaneRouter> {
    return createRouter<LaneJobs>({
      jobs: lane.jobs,
      policy: forcedPolicy(lane.strategy),
      cpuParallelism: 1,
      spawnConcurrency: 1,
      batchMaxSize: 1,
      ...options,
    });
  }

  function withRouter(
    name: string,
    body: (router: LaneRouter) => Promise<void>,
    options?: Options,
  ): void {
    test(`${lane.name}: ${name}`, guarded, async () => {
      const router = await createLaneRouter(options);
      try {
        await body(router);
        assertCountsAddUp(router.stats());
      } finally {
        await router.close({ drainMs: 0 });
      }
      assertNothingLeft(router.stats());
    });
  }

  /** Submits a job that runs until it is let go. */
  async function hold(router: LaneRouter, options = {}) {
    const flags = createFlags();
    const outcome = router.submit("hold", flags, options);
    outcome.catch(() => {}); // looked at later
    await until(() => isUp(flags, STARTED));
    return { flags, outcome };
  }

  withRouter("submit() completes with the output, the strategy and the times", async (router) => {
    const outcome = await router.submit("describe", [1, 2, 3]);
    assert.equal(outcome.status, "completed");
    if (outcome.status !== "completed") return;
    const { output, strategy, timing, withinBudget } = outcome;
    assert.deepEqual(output, describe([1, 2, 3]));
    assert.equal(strategy, lane.strategy);
    assert.equal(withinBudget, true);
    assert.ok(timing.waitMs >= 0 && timing.runMs >= 0 && timing.totalMs >= timing.runMs);
    const { completed, routed } = router.stats();
    assert.deepEqual([completed, routed[lane.strategy]], [1, 1]);
  });

  for (const kind of ["throw", "reject"] as const) {
    withRouter(`${kind} of anything becomes the cause of a JobFailedError`, async (router) => {
      for (const [i, name] of THROWN_NAMES.entries()) {
        const thrown = createThrown(name);
        const wanted = new JobFailedError(kind, thrown);
        await assert.rejects(router.submit(kind, name), (error) => {
          assert.ok(error instanceof JobFailedError, name);
          assert.equal(error.kind, kind, name);
          assert.equal(error.message, wanted.message, name);
          assert.deepEqual(shapeOf(error.cause), shapeOf(thrown), name);
          assert.equal(error.cause instanceof Error, thrown instanceof Error, name);
          if (error.cause instanceof Error && !(thrown instanceof DOMException)) {
            assert.match(error.cause.stack!, /lane_jobs/, name);
          }
          return true;
        });
        assert.equal(router.stats().failed, i + 1, name);
        const { status } = await router.submit("describe", [1]);
        assert.equal(status, "completed", `The lane must go on after ${name}`);
      }
    });
  }

  withRouter("abort before submit rejects with the reason and takes no job", async (router) => {
    const reason = { why: "not any more" };
    await assert.rejects(
      router.submit("describe", [1], { signal: AbortSignal.abort(reason) }),
      (error) => error === reason,
    );
    const { submitted, rejected } = router.stats();
    assert.deepEqual({ submitted, rejected }, { submitted: 0, rejected: { aborted: 1 } });
  });

  withRouter("abort while it runs rejects at once and tells the run", async (router) => {
    const controller = new AbortController();
    const { flags, outcome } = await hold(router, { signal: controller.signal });
    const reason = new Error("changed my mind");
    controller.abort(reason);
    assert.equal(router.stats().cancelled, 1);
    await assert.rejects(outcome, (error) => error === reason);
    await until(() => isUp(flags, TOLD_TO_STOP));
    const { status } = await router.submit("describe", [1]);
    assert.equal(status, "completed", "The place of the aborted run must be free again");
  });

  withRouter("abort after the end changes nothing", async (router) => {
    const controller = new AbortController();
    const { status } = await router.submit("describe", [1], { signal: controller.signal });
    controller.abort();
    assert.equal(status, "completed");
    const { completed, cancelled } = router.stats();
    assert.deepEqual({ completed, cancelled }, { completed: 1, cancelled: 0 });
  });

  withRouter("runTimeoutMs ends an asynchronous run and tells it", async (router) => {
    const flags = createFlags();
    await assert.rejects(router.submit("hold", flags, { runTimeoutMs: 20 }), (error) => {
      assert.ok(error instanceof JobTimeoutError);
      assert.deepEqual([error.kind, error.runTimeoutMs], ["hold", 20]);
      return true;
    });
    await until(() => isUp(flags, TOLD_TO_STOP));
    assert.equal(router.stats().timedOut, 1);
    const { status } = await router.submit("describe", [1]);
    assert.equal(status, "completed");
  });

  test(`${lane.name}: a budget that passes during the run is told, no more`, guarded, async () => {
    const { clock } = runtimeDefaults();
    let skippedMs = 0;
    const router = await createLaneRouter({
      clock: { ...clock, now: () => clock.now() + skippedMs },
    });
    const { flags, outcome } = await hold(router, { latencyBudgetMs: 60_000 });
    skippedMs = 120_000;
    raise(flags, RELEASED);
    const late = await outcome;
    assert.equal(late.status === "completed" && late.withinBudget, false);
    assert.equal(late.status === "completed" && late.output, "held");
    assert.ok(late.status === "completed" && late.timing.totalMs >= skippedMs);
    await router.close();
    assertNothingLeft(router.stats());
  });

  withRouter("close() lets a run end and refuses new jobs", async (router) => {
    const { flags, outcome } = await hold(router);
    const closed = router.close({ drainMs: 60_000 });
    await assert.rejects(router.submit("describe", [1]), RouterClosedError);
    raise(flags, RELEASED);
    assert.equal((await outcome).status, "completed");
    await closed;
    assert.deepEqual(router.stats().rejected, { closed: 1 });
  });

  withRouter("close() cancels a run that does not end", async (router) => {
    const { flags, outcome } = await hold(router);
    await router.close({ drainMs: 0 });
    await assert.rejects(outcome, RouterClosedError);
    assert.equal(router.stats().cancelled, 1);
    if (lane.runsHere) await until(() => isUp(flags, TOLD_TO_STOP));
  });

  const { waiting } = lane;
  if (waiting === undefined) return;

  const oneMayWait = { cpuQueueCapacity: 1, spawnQueueCapacity: 1 };

  withRouter("abort while it waits frees the place at once", async (router) => {
    const first = await hold(router);
    const controller = new AbortController();
    const flags = createFlags();
    const second = router.submit("hold", flags, { signal: controller.signal });
    assert.equal(waiting(router.stats().load), 1);
    controller.abort("no longer wanted");
    assert.equal(waiting(router.stats().load), 0);
    await assert.rejects(second, (error) => error === "no longer wanted");
    const third = router.submit("describe", [1]);
    raise(first.flags, RELEASED);
    assert.equal((await first.outcome).status, "completed");
    assert.equal((await third).status, "completed");
    assert.equal(isUp(flags, STARTED), false);
  }, oneMayWait);

  withRouter("a budget that passes while it waits drops the job then and there", async (router) => {
    const first = await hold(router);
    const flags = createFlags();
    const outcome = await router.submit("hold", flags, { latencyBudgetMs: 20 });
    assert.equal(outcome.status, "dropped");
    assert.equal(outcome.status === "dropped" && outcome.reason, "expired");
    assert.ok(outcome.status === "dropped" && outcome.retryAfterMs >= 1);
    const { load, dropReasons, routed } = router.stats();
    assert.equal(waiting(load), 0);
    assert.deepEqual(dropReasons, { expired: 1 });
    assert.equal(routed[lane.strategy], 2);
    raise(first.flags, RELEASED);
    assert.equal((await first.outcome).status, "completed");
    await router.drain();
    assert.equal(isUp(flags, STARTED), false);
  });

  test(`${lane.name}: a job whose budget is over never starts`, guarded, async () => {
    const { clock } = runtimeDefaults();
    let skippedMs = 0;
    const router = await createLaneRouter({
      clock: { ...clock, now: () => clock.now() + skippedMs },
    });
    const first = await hold(router);
    const flags = createFlags();
    const second = router.submit("hold", flags, { latencyBudgetMs: 60_000 });
    skippedMs = 120_000; // the deadline's timer does not know of it: the dequeue has to look
    raise(first.flags, RELEASED);
    const outcome = await second;
    assert.equal(outcome.status === "dropped" && outcome.reason, "expired");
    assert.equal(isUp(flags, STARTED), false);
    await router.close();
    assertNothingLeft(router.stats());
  });

  withRouter("runTimeoutMs does not run while the job waits", async (router) => {
    const first = await hold(router);
    const second = router.submit("hold", createFlags(), { runTimeoutMs: 20, latencyBudgetMs: 60 });
    const outcome = await second;
    assert.equal(outcome.status === "dropped" && outcome.reason, "expired");
    assert.equal(router.stats().timedOut, 0);
    raise(first.flags, RELEASED);
  });

  withRouter("close() cancels what waits", async (router) => {
    const first = await hold(router);
    const flags = createFlags();
    const second = router.submit("hold", flags);
    const refused = assert.rejects(second, RouterClosedError);
    await router.close({ drainMs: 0 });
    await refused;
    await assert.rejects(first.outcome, RouterClosedError);
    assert.equal(isUp(flags, STARTED), false);
    assert.equal(router.stats().cancelled, 2);
  });

  withRouter("a full queue refuses; a job that was refused was never taken", async (router) => {
    const first = await hold(router);
    const second = router.submit("describe", [1]);
    const third = await router.submit("describe", [2]);
    assert.equal(third.status === "dropped" && third.reason, "lane_full");
    raise(first.flags, RELEASED);
    assert.equal((await second).status, "completed");
    const { routed, dropReasons } = router.stats();
    assert.deepEqual([routed[lane.strategy], routed.backpressure_drop], [2, 1]);
    assert.deepEqual(dropReasons, { lane_full: 1 });
  }, oneMayWait);
}
