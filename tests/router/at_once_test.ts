// Jobs that are over at once have no job object: nobody can tell.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  adaptivePolicy,
  createRouter,
  defineJobs,
  type HelixRouter,
  type Policy,
  type SubmitOptions,
} from "../../mod.ts";
import { sharedRuns } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { WatchedClock } from "../virtual/clock.ts";

interface Step {
  readonly ms: number;
  readonly end: "ok" | "throw" | "later" | "later throw" | "thenable";
  /** Steps of the job itself, before it ends. */
  readonly within: readonly Step[];
  readonly options: SubmitOptions | undefined;
  readonly aborts: boolean;
  readonly closes: boolean;
  readonly listens: boolean;
}

const options: fc.Arbitrary<SubmitOptions | undefined> = fc.option(
  fc.record({
    computeCost: fc.constantFrom(1, 1, 2, 1_000),
    latencyBudgetMs: fc.constantFrom(1, 50, 1_000),
    priority: fc.nat(9),
    key: fc.constantFrom("a", "b"),
    runTimeoutMs: fc.constantFrom(1, 5, 1_000),
    abortAfterMs: fc.constantFrom(3, 1_000),
    whenFull: fc.constantFrom("wait", "drop"),
  }, { requiredKeys: [] }),
  { nil: undefined },
);

const stepOf = (within: fc.Arbitrary<readonly Step[]>): fc.Arbitrary<Step> =>
  fc.record({
    ms: fc.constantFrom(0, 0, 0, 0, 0, 0, 0.004, 0.02, 3),
    end: fc.constantFrom("ok", "ok", "ok", "ok", "ok", "throw", "later", "later throw", "thenable"),
    within,
    options,
    aborts: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    closes: fc.integer({ min: 0, max: 99 }).map((n) => n === 0),
    listens: fc.integer({ min: 0, max: 49 }).map((n) => n === 0),
  });
const leaf = stepOf(fc.constant([]));
const step = stepOf(fc.oneof(
  { weight: 9, arbitrary: fc.constant([]) },
  { weight: 1, arbitrary: fc.array(leaf, { maxLength: 3 }) },
));

/** The default policy; that a job would always run inline must be true of the worst of them. */
function watched(decided: () => void = () => {}): Policy {
  const adaptive = adaptivePolicy();
  return {
    ...adaptive,
    decide(job, load) {
      decided();
      return adaptive.decide(job, load);
    },
    isAlwaysInline(kind, computeCost, load) {
      const isSure = adaptive.isAlwaysInline!(kind, computeCost, load);
      const worst = { id: 1, scalingPotential: 1, latencyBudgetMs: 0, priority: 0, key: "" };
      const now = { submittedAtMs: load.nowMs, arrivedAtMs: load.nowMs };
      const { strategy } = adaptive.decide({ kind, computeCost, ...worst, ...now }, load);
      if (isSure) assert.equal(strategy, "inline");
      return isSure;
    },
  };
}

/** A router on a clock of its own, and what becomes of steps. `isHeard`: someone listens to outcomes. */
async function play(steps: readonly Step[], isHeard: boolean): Promise<unknown[]> {
  const clock = new WatchedClock();
  const told: unknown[] = [];
  const submit = (next: Step, name: string): void => {
    const controller = new AbortController();
    const given = next.aborts ? { ...next.options, signal: controller.signal } : next.options;
    router.submit("nothing", next, given).then(
      (outcome) => told.push([name, clock.now(), outcome]),
      (error) => told.push([name, clock.now(), error.name, error.cause?.message]),
    );
    if (next.aborts) controller.abort();
  };
  const nothing = {
    run(next: Step): unknown {
      clock.occupy(next.ms);
      next.within.forEach((inner, i) => submit(inner, `within ${i}`));
      if (next.closes) void router.close();
      if (next.listens) router.on("outcome", () => {});
      if (next.end === "ok") return next.ms;
      if (next.end === "throw") throw new Error("thrown");
      if (next.end === "thenable") return { then: (heard: (value: number) => void) => heard(7) };
      return new Promise((resolve, reject) => {
        const end = next.end === "later" ? () => resolve(1) : () => reject(new Error("rejected"));
        clock.setTimer(4, end, undefined);
      });
    },
  };
  const jobs = defineJobs({ nothing });
  const router: HelixRouter<{ nothing: { run(step: Step): unknown } }> = await createRouter({
    ...{ jobs, clock, policy: watched(), spawnConcurrency: 4 },
  });
  if (isHeard) router.on("outcome", () => {});
  const quick = { end: "ok", ms: 0, within: [], options: { computeCost: 1 } } as never;
  for (let i = 0; i < 20; i++) submit(quick, `warm ${i}`);
  await clock.runAsync();
  for (const [i, next] of steps.entries()) {
    submit(next, `${i}`);
    if (i % 5 === 4) await clock.runAsync();
  }
  await clock.runAsync();
  told.push(router.stats());
  return told;
}

test(
  "a router that nobody listens to gives the same outcomes and counts the same",
  guarded,
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60 }), async (steps) => {
        assert.deepEqual(await play(steps, false), await play(steps, true));
      }),
      sharedRuns(40),
    );
  },
);

test("a job that is over at once gives a plain object", async () => {
  const jobs = defineJobs({ add: { cost: 1, run: (n: number) => n + 1 } });
  const clock = new WatchedClock();
  const router = await createRouter({ jobs, clock });
  const expected = {
    status: "completed",
    output: 3,
    strategy: "inline",
    timing: { waitMs: 0, runMs: 0, totalMs: 0 },
    withinBudget: true,
  };
  for (let i = 0; i < 200; i++) {
    const submitted = router.submit("add", 2);
    await clock.runAsync();
    const outcome = await submitted;
    if (i < 20) continue; // those that were not trusted yet
    assert.deepEqual(outcome, expected);
    assert.equal(Object.getPrototypeOf(outcome), Object.prototype);
    assert.deepEqual(structuredClone(outcome), expected);
  }
  await router.close();
});

test("a job of a kind that takes no time may submit itself, and does not fill the stack", async () => {
  const clock = new WatchedClock();
  let calls = 0;
  const router = await createRouter({
    clock,
    spawnConcurrency: 3,
    jobs: defineJobs({
      again: {
        run(left: number): number {
          if (left > 0) void router.submit("again", left - 1);
          return ++calls;
        },
      },
    }),
  });
  for (let i = 0; i < 20; i++) void router.submit("again", 0);
  await clock.runAsync();
  calls = 0;
  void router.submit("again", 50);
  assert.ok(calls < 5, `${calls} calls, one in the other`);
  await clock.runAsync();
  assert.equal(calls, 51);
});

test("of a kind that takes no time, most jobs are not decided on", async () => {
  const clock = new WatchedClock();
  let decisions = 0;
  const router = await createRouter({
    ...{ clock, policy: watched(() => decisions++) },
    jobs: defineJobs({ nothing: { run: () => null } }),
  });
  for (let i = 0; i < 20; i++) void router.submit("nothing", null);
  await clock.runAsync();
  decisions = 0;
  for (let i = 0; i < 10_240; i++) void router.submit("nothing", null, { latencyBudgetMs: 50 });
  assert.equal(decisions, 10, "those that are looked back on");
  const stop = router.on("decision", () => {});
  for (let i = 0; i < 100; i++) void router.submit("nothing", null);
  assert.equal(decisions, 110, "all of which someone hears");
  stop();
});

test("a cost function that closes its router has its job refused, at once or not", async () => {
  const clock = new WatchedClock();
  let isLast = false;
  const router: HelixRouter<{ nothing: { run(): null } }> = await createRouter({
    clock,
    jobs: defineJobs({
      nothing: {
        cost() {
          if (isLast) void router.close();
          return 1;
        },
        run: () => null,
      },
    }),
  });
  for (let i = 0; i < 40; i++) {
    void router.submit("nothing", null as never);
    await clock.runAsync();
  }
  assert.ok(router.stats().routed.inline > 20);
  isLast = true;
  await assert.rejects(router.submit("nothing", null as never), { name: "RouterClosedError" });
  await clock.runAsync();
});

test("a policy that does not say whether a job always runs inline decides on it, which is counted", async () => {
  const answers: readonly (() => never)[] = [
    () => Promise.reject(new Error("too late")) as never,
    () => "yes" as never,
    () => {
      throw new Error("no answer");
    },
  ];
  for (const isAlwaysInline of answers) {
    const clock = new WatchedClock();
    const router = await createRouter({
      ...{ clock, policy: { ...adaptivePolicy(), isAlwaysInline } },
      jobs: defineJobs({ nothing: { run: () => 1 } }),
    });
    for (let i = 0; i < 40; i++) {
      const submitted = router.submit("nothing", null as never);
      await clock.runAsync();
      assert.equal((await submitted).status, "completed");
    }
    assert.equal(router.stats().listenerErrors, 40);
    await router.close();
  }
});
