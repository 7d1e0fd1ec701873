// Functions that must answer at once, and are asynchronous: what they reject with ends no process. The
// runners of the three runtimes fail a test with a rejection that nobody hears.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  type Decision,
  defineJobs,
  InvalidHintError,
  type JobTelemetry,
  type Policy,
  PolicyError,
  type Telemetry,
} from "../../mod.ts";
import promisedJobs from "../fixtures/promised_jobs.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { guarded } from "../fixtures/until.ts";
import { macrotask } from "../virtual/clock.ts";
import { createWorld, offer } from "../virtual/world.ts";
import { byPriority } from "./wishes.ts";

/** What an asynchronous function with a mistake in it gives. */
const rejecting = (): never => Promise.reject(new Error("too late")) as never;

/** Time for the runtime to notice a rejection that is not heard. */
async function noticed(): Promise<void> {
  for (let i = 0; i < 3; i++) await macrotask();
}

test("a promise of a decision rejects the submit", async () => {
  const world = await createWorld({ policy: { ...byPriority, decide: rejecting } });
  const told = offer(world, "local");
  assert.ok(told.refusals[0] instanceof PolicyError);
  await noticed();
});

test("a promise of a cost rejects the submit", async () => {
  const router = await createRouter({
    jobs: defineJobs({ one: { cost: rejecting, run: () => 1 } }),
  });
  await assert.rejects(router.submit("one", undefined), InvalidHintError);
  await noticed();
  await router.close();
});

for (const name of ["admit", "order", "observe"] as const) {
  test(`a promise of "${name}" is counted, and the jobs go on`, async () => {
    const policy: Policy = { ...byPriority, [name]: rejecting };
    const world = await createWorld({ policy, cpuParallelism: 1 });
    const jobs = [1, 2, 3, 4].map(() => offer(world, "shared", {}, { priority: 2 }));
    world.clock.run();
    assert.deepEqual(jobs.map(({ status }) => status), Array(4).fill("completed"));
    await noticed();
    assert.ok(world.router.stats().listenerErrors >= 3);
  });
}

test("a promise of a policy's state or settings is refused", async () => {
  await assert.rejects(createWorld({ policy: { ...byPriority, init: rejecting } }), PolicyError);
  const world = await createWorld({ policy: { ...byPriority, configure: rejecting } });
  assert.throws(() => world.router.configure({ policy: { a: 1 } }), PolicyError);
  await noticed();
});

test("promises of listeners, sinks and telemetry that reject are counted", async () => {
  const ofJob: JobTelemetry = {
    waits: rejecting,
    starts: rejecting,
    context: rejecting,
    run: rejecting,
    settled: rejecting,
  };
  const telemetries: [Telemetry, number][] = [
    [{ submitted: () => ofJob }, 4 + 4], // waits, starts, context or run, settled
    [{ submitted: rejecting, observe: rejecting }, 1 + 2],
  ];
  for (const [telemetry, count] of telemetries) {
    const world = await createWorld({ telemetry, policy: byPriority });
    const jobs = [1, 2].map((priority) => offer(world, "shared", {}, { priority }));
    world.clock.run();
    assert.deepEqual(jobs.map(({ story }) => story), ["spawn completed", "cpu_pool completed"]);
    await noticed();
    assert.equal(world.router.stats().listenerErrors, count);
  }
  const world = await createWorld({ policy: byPriority });
  world.router.onDecision(rejecting);
  world.router.offer("local", { id: 1, ms: 1 }, { priority: 0 }, {
    settled: rejecting,
    refused: rejecting,
  });
  world.router.offer("nothing", { id: 1, ms: 1 }, {}, { settled: rejecting, refused: rejecting });
  await noticed();
  assert.equal(world.router.stats().listenerErrors, 3);
});

for (const transport of ["shared_memory", "messages"] as const) {
  test(
    `promises of what is moved fail the job, of progress are counted, ${transport}`,
    guarded,
    async () => {
      const router = await createRouter({
        jobs: promisedJobs,
        policy: forcedPolicy("cpu_pool"),
        cpuParallelism: 1,
        transport,
      });
      for (const kind of ["transfers", "transfersOutput"] as const) {
        await assert.rejects(router.run(kind, 1), {
          name: "JobFailedError",
          message: /must return an array/,
        });
      }
      assert.equal(await router.run("reports", 7, { onProgress: rejecting }), 7);
      await noticed();
      const { listenerErrors, workers } = router.stats();
      assert.deepEqual([listenerErrors, workers.crashed], [1, 0]);
      await router.close();
    },
  );
}

for (const name of ["strategy", "reason", "isProbe", "predictedRunMs"]) {
  test(`a decision whose "${name}" throws rejects the submit, whoever listens`, async () => {
    for (const strategy of ["inline", "spawn", "cpu_pool", "backpressure_drop"] as const) {
      const cause = new Error("no");
      const decision: Decision = Object.defineProperty({ strategy, reason: "odd" }, name, {
        enumerable: true,
        get() {
          throw cause;
        },
      });
      const telemetry: Telemetry = { submitted: () => null };
      const world = await createWorld({
        policy: { ...byPriority, decide: () => decision },
        telemetry,
      });
      world.router.onDecision(() => {});
      const [error] = offer(world, "shared").refusals;
      assert.ok(error instanceof PolicyError, `${strategy}: ${error}`);
      assert.equal(error.cause, cause);
      assert.throws(() => world.router.explain("shared", { id: 1, ms: 1 }), PolicyError);
      const { submitted, inFlight, rejected } = world.router.stats();
      assert.deepEqual([submitted, inFlight, rejected], [0, 0, { policy_error: 1 }]);
    }
  });
}

test("a decision that can be read only so often leaves no job in flight", async () => {
  for (let reads = 0; reads < 6; reads++) {
    let left = reads;
    const policy: Policy = {
      ...byPriority,
      decide: () => ({
        get strategy() {
          if (left-- === 0) throw new Error("no");
          return "spawn" as const;
        },
        reason: "odd",
      }),
    };
    const world = await createWorld({ policy, telemetry: { submitted: () => null } });
    world.router.onDecision(() => {});
    const told = offer(world, "local");
    world.clock.run();
    assert.equal(told.status, told.refusals.length > 0 ? "refused" : "completed");
    assert.equal(world.router.stats().inFlight, 0);
  }
});
