import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  defineJobs,
  InvalidInputError,
  job,
  JobTimeoutError,
  type Policy,
  RouterClosedError,
  type SettledJob,
  type StandardSchema,
  type Strategy,
} from "../mod.ts";

const soon = { timeout: 10_000 };

/** A schema that answers when it is told to. */
function heldSchema() {
  const { promise, answer } = held();
  const schema: StandardSchema<{ n: number }> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: (value) => promise.then(() => ({ value: value as { n: number } })),
    },
  };
  return { schema, answer };
}

function held() {
  let answer!: () => void;
  const promise = new Promise<void>((resolve) => answer = resolve);
  return { promise, answer };
}

test(
  "a job whose timeout makes its own listener abort the caller is settled once",
  soon,
  async () => {
    const controller = new AbortController();
    const jobs = defineJobs({
      linked: job({
        cost: 1,
        run: (_: number, { signal }) =>
          new Promise<number>((_resolve, reject) => {
            signal.addEventListener("abort", () => {
              controller.abort(new Error("linked"));
              reject(signal.reason);
            });
          }),
      }),
    });
    const router = await createRouter({ jobs });
    const run = router.submit("linked", 1, { runTimeoutMs: 5, signal: controller.signal });
    await assert.rejects(run, JobTimeoutError);
    const { timedOut, cancelled, inFlight, doubleSettled } = router.stats();
    assert.deepEqual([timedOut, cancelled, inFlight, doubleSettled], [1, 0, 0, 0]);
    await router.close();
  },
);

/** A policy that aborts a job in one of its functions. */
function abortingPolicy(
  where: "admit" | "enqueue" | "start",
  abort: () => void,
  strategy: Strategy = "spawn",
): Policy {
  return {
    name: "aborting",
    decide: () => ({ strategy, reason: "test" }),
    admit() {
      if (where === "admit") abort();
      return "run";
    },
    observe(_state, { type }) {
      if (type === where) abort();
    },
  };
}

for (const where of ["admit", "enqueue", "start"] as const) {
  test(
    `a job that a policy aborts in ${where} is settled once and leaves nothing`,
    soon,
    async () => {
      const controller = new AbortController();
      const policy = abortingPolicy(where, () => controller.abort("stop"));
      const jobs = defineJobs({ one: { run: (n: number) => n, runTimeoutMs: 5 } });
      const router = await createRouter({ jobs, policy });
      const run = router.submit("one", 1, { signal: controller.signal });
      await assert.rejects(run, (reason) => reason === "stop");
      await router.drain();
      const { cancelled, timedOut, inFlight, doubleSettled, listenerErrors, load } = router.stats();
      assert.deepEqual([cancelled, timedOut, inFlight, doubleSettled], [1, 0, 0, 0]);
      assert.deepEqual([listenerErrors, load.spawnWaiting, load.spawnRunning], [0, 0, 0]);
      assert.equal(await router.run("one", 2), 2);
      await router.close();
    },
  );
}

for (const strategy of ["inline", "spawn", "batch"] as const) {
  test(`a job that a policy aborts as it starts is not run, ${strategy}`, soon, async () => {
    const controller = new AbortController();
    const policy = abortingPolicy("start", () => controller.abort("stop"), strategy);
    const ran: number[] = [];
    const run = (n: number) => ran.push(n);
    const jobs = defineJobs({ one: { run, runBatch: (all: readonly number[]) => all.map(run) } });
    const router = await createRouter({ jobs, policy });
    await assert.rejects(
      router.submit("one", 1, { signal: controller.signal }),
      (reason) => reason === "stop",
    );
    await router.drain();
    await router.run("one", 2);
    assert.deepEqual(ran, [2]);
    assert.deepEqual(router.load.spawnRunning, 0);
    await router.close();
  });
}

test(
  "a job whose budget ran out while its schema was asked has taken that long",
  soon,
  async () => {
    const { schema, answer } = heldSchema();
    const jobs = defineJobs({ one: { input: schema, cost: 1, run: (input) => input.n } });
    const router = await createRouter({ jobs });
    const settled = new Promise<SettledJob>((settled) => {
      const refused = () => assert.fail();
      router.offer("one", { n: 1 }, { latencyBudgetMs: 1 }, { settled, refused });
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    answer();
    const { status, value, totalMs, withinBudget } = await settled;
    assert.deepEqual([status, value, withinBudget], ["dropped", "expired", false]);
    assert.ok(totalMs > 1, `${totalMs} ms`);
    await router.close();
  },
);

test(
  "an abort while an asynchronous schema is asked settles the caller at once",
  soon,
  async () => {
    const { schema, answer } = heldSchema();
    const jobs = defineJobs({ one: { input: schema, cost: 1, run: (input) => input.n } });
    const router = await createRouter({ jobs });
    const controller = new AbortController();
    const run = router.submit("one", { n: 1 }, { signal: controller.signal });
    controller.abort("stop");
    await assert.rejects(run, (reason) => reason === "stop");
    answer();
    await router.drain();
    assert.deepEqual([router.stats().submitted, router.stats().rejected], [0, { aborted: 1 }]);
    await router.close();
  },
);

test("close() ends a submit whose schema never answers", soon, async () => {
  const { schema } = heldSchema();
  const jobs = defineJobs({ one: { input: schema, cost: 1, run: (input) => input.n } });
  const router = await createRouter({ jobs });
  const run = assert.rejects(router.submit("one", { n: 1 }), RouterClosedError);
  await router.close({ drainMs: 0 });
  await run;
});

test("the latency budget runs while an asynchronous schema is asked", soon, async () => {
  const { schema, answer } = heldSchema();
  const jobs = defineJobs({ one: { input: schema, cost: 1, run: (input) => input.n } });
  let nowMs = 1_000;
  const clock = {
    now: () => nowMs,
    setTimer: () => ({ cancel() {} }),
    post<A>(fn: (arg: A) => void, arg: A) {
      setTimeout(fn, 0, arg);
    },
  };
  const router = await createRouter({ jobs, clock });
  const run = router.submit("one", { n: 1 }, { latencyBudgetMs: 50 });
  nowMs += 51;
  answer();
  const outcome = await run;
  assert.equal(outcome.status === "dropped" && outcome.reason, "expired");
});

test("explain() leaves no rejection behind when an asynchronous schema refuses", soon, async () => {
  const refusing: StandardSchema<number> = {
    "~standard": {
      version: 1,
      vendor: "test",
      validate: () => Promise.resolve({ issues: [{ message: "no" }] }),
    },
  };
  const router = await createRouter({
    jobs: defineJobs({ one: { input: refusing, cost: 1, run: (n) => n } }),
  });
  assert.equal(router.explain("one", 1).strategy, "spawn");
  await assert.rejects(router.submit("one", 1), InvalidInputError);
  await router.close();
});

test(
  "a policy that names a strategy of Object.prototype is refused, and counted as such",
  soon,
  async () => {
    const policy: Policy = {
      name: "wrong",
      decide: () => ({ strategy: "constructor" as "inline", reason: "test" }),
    };
    const router = await createRouter({
      jobs: defineJobs({ one: { run: (n: number) => n } }),
      policy,
    });
    await assert.rejects(router.submit("one", 1), { name: "PolicyError" });
    assert.deepEqual(router.stats().rejected, { policy_error: 1 });
    await router.close();
  },
);

test("a sink that throws when it is refused holds nothing up", soon, async () => {
  const { schema, answer } = heldSchema();
  const jobs = defineJobs({ one: { input: schema, cost: () => -1, run: (input) => input.n } });
  const router = await createRouter({ jobs });
  router.offer("one", { n: 1 }, undefined, {
    settled() {},
    refused() {
      throw new Error("sink");
    },
  });
  answer();
  await router.drain();
  assert.equal(router.stats().listenerErrors, 1);
  await router.close();
});
