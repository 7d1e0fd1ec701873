// What users of the library may do at a bad moment, or hand over: each promise settles, and close() ends.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  defineJobs,
  type HelixRouter,
  type Policy,
  PolicyError,
  RouterClosedError,
  Semaphore,
  type StandardSchema,
  type SubmitOptions,
} from "../../mod.ts";
import { guarded } from "../fixtures/until.ts";
import { createWorld, offer } from "../virtual/world.ts";

const jobs = defineJobs({ one: { cost: 1, run: (n: number) => n } });

/** A schema that answers later. */
const slow: StandardSchema<number> = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) => Promise.resolve({ value: value as number }),
  },
};

function policyOf(decide: Policy["decide"], more: Partial<Policy> = {}): Policy {
  return { name: "odd", decide, ...more };
}

for (const strategy of ["inline", "spawn", "cpu_pool", "batch"] as const) {
  test(`a policy that closes its router while it decides gets no job run, ${strategy}`, async () => {
    let close = (): void => {};
    const policy = policyOf(() => (close(), { strategy, reason: "odd" }));
    const world = await createWorld({ policy });
    close = () => void world.router.close();
    const told = offer(world, "group");
    assert.ok(told.refusals[0] instanceof RouterClosedError);
    world.clock.run();
    assert.deepEqual([world.router.stats().submitted, world.ports.calls.length], [0, 0]);
  });
}

test("a signal that cannot be left, or not be listened to, loses no job", guarded, async () => {
  const fail = () => {
    throw new Error("odd");
  };
  const signal = { aborted: false, reason: undefined, addEventListener() {} };
  const cases: [unknown, RegExp | null][] = [
    [signal, /"signal" .*AbortSignal/],
    [{ ...signal, removeEventListener: fail }, null],
    [{ ...signal, addEventListener: fail, removeEventListener() {} }, /^odd$/],
  ];
  for (const [signal, message] of cases) {
    const router = await createRouter({ jobs });
    const options = { signal } as SubmitOptions;
    const run = router.run("one", 7, options);
    if (message === null) assert.equal(await run, 7);
    else await assert.rejects(run, { message });
    assert.equal(router.stats().inFlight, 0);
    await router.close();
    const late = await createRouter({ jobs: defineJobs({ one: { input: slow, run: (n) => n } }) });
    const ran = late.run("one", 7, options);
    if (message === null) assert.equal(await ran, 7);
    else await assert.rejects(ran, { message });
    await late.close();
  }
});

test("a signal that is aborted while the job is decided on cancels it", guarded, async () => {
  for (const where of ["cost", "decide"]) {
    const controller = new AbortController();
    const abort = (at: string) => void (at === where && controller.abort("stop"));
    let ran = 0;
    const odd = defineJobs({ one: { cost: () => (abort("cost"), 1), run: () => ++ran } });
    const policy = policyOf(() => (abort("decide"), { strategy: "inline", reason: "odd" }));
    const router = await createRouter({ jobs: odd, policy });
    const run = router.submit("one", undefined, { signal: controller.signal });
    await assert.rejects(run, (reason) => reason === "stop");
    assert.deepEqual([ran, router.stats().cancelled, router.stats().inFlight], [0, 1, 0]);
    await router.close();
  }
});

test("a closed router asks no schema to answer later", guarded, async () => {
  const never: StandardSchema<number> = {
    "~standard": { version: 1, vendor: "test", validate: () => new Promise(() => {}) },
  };
  const router = await createRouter({ jobs: defineJobs({ one: { input: never, run: () => 1 } }) });
  await router.close();
  await assert.rejects(router.submit("one", 1), RouterClosedError);
});

test("an order that gives no number is counted, and holds nothing up", async () => {
  for (const order of [() => Symbol(), () => Object.create(null)] as unknown[]) {
    const policy = policyOf(() => ({ strategy: "cpu_pool", reason: "odd" }), {
      order: order as Policy["order"],
    });
    const world = await createWorld({ policy, cpuParallelism: 1 });
    const jobs = [1, 2, 3].map(() => offer(world, "shared"));
    world.clock.run();
    assert.deepEqual(jobs.map(({ status }) => status), ["completed", "completed", "completed"]);
    assert.ok(world.router.stats().listenerErrors > 0);
  }
});

test("a router is ready with fewer workers than minWorkers once its semaphore shrinks", async () => {
  const semaphore = new Semaphore(2);
  const making = createWorld({ cpuParallelism: semaphore, minWorkers: 2, model: { startMs: 50 } });
  semaphore.resize(1);
  const world = await making;
  assert.equal(world.router.stats().workers.idle, 1);
});

test("a policy that changes the priority of a waiting job disturbs no queue", async () => {
  for (const priority of [0, 9, 99, -1, NaN]) {
    const policy = policyOf((job) => {
      queueMicrotask(() => (job as { priority: number }).priority = priority);
      (job as { priority: number }).priority = priority;
      return { strategy: "cpu_pool", reason: "odd" };
    });
    const world = await createWorld({ policy, cpuParallelism: 1 });
    const jobs = [1, 2, 3, 4].map(() => offer(world, "shared"));
    await Promise.resolve();
    world.clock.run();
    assert.deepEqual(jobs.map(({ status }) => status), Array(4).fill("completed"));
  }
});

test(
  "a strategy that is no string, or another one each time, is no strategy",
  guarded,
  async () => {
    let reads = 0;
    const odd: [unknown, boolean][] = [
      [{ strategy: ["inline"], reason: "odd" }, false],
      [{ strategy: new String("inline"), reason: "odd" }, false],
      [{ strategy: "toString", reason: "odd" }, false],
      [Promise.resolve({ strategy: "inline", reason: "odd" }), false],
      [{
        get strategy() {
          throw new Error("odd");
        },
      }, false],
      [{
        get strategy() {
          return reads++ % 2 === 0 ? "inline" : "nothing";
        },
        reason: "odd",
      }, true],
    ];
    for (const [decision, isFine] of odd) {
      const router = await createRouter({ jobs, policy: policyOf(() => decision as never) });
      const run = router.run("one", 3);
      if (isFine) assert.equal(await run, 3);
      else await assert.rejects(run, PolicyError);
      const { submitted, inFlight, routed } = router.stats();
      assert.deepEqual([submitted, inFlight, routed.inline], isFine ? [1, 0, 1] : [0, 0, 0]);
      await router.close();
    }
  },
);

test("a cost as small or as large as can be spoils neither model nor advice", async () => {
  for (const computeCost of [5e-324, Number.MAX_VALUE]) {
    const world = await createWorld({ cpuParallelism: 1 });
    const costs = [computeCost, 1, computeCost, 100, computeCost];
    const jobs = costs.map((computeCost) =>
      offer(world, "shared", {}, { computeCost, latencyBudgetMs: 1e6 })
    );
    world.clock.run();
    const { load } = world.router;
    const { typicalMs, highMs } = load.model.predict({ index: 2 }, 7);
    // The last one is refused where one that seems to take for ever waits for the pool.
    const last = computeCost > 1 ? "dropped" : "completed";
    const statuses = jobs.map(({ status }) => status);
    assert.deepEqual(statuses, [...Array(4).fill("completed"), last]);
    assert.ok(Number.isFinite(typicalMs) && Number.isFinite(highMs), `${typicalMs} ${highMs}`);
  }
});

test("workers that cannot be made fail their jobs, and are tried again", async () => {
  let tries = 0;
  const createPort = () => {
    tries++;
    throw new Error("no thread");
  };
  const router = await createRouter({
    jobs: defineJobs("virtual:tasks", { one: { cost: 1e9, run: () => 1 } }),
    createPort,
  });
  await assert.rejects(router.submit("one", undefined), /Cannot make a worker.*no thread/);
  assert.ok(tries >= 3, `${tries} tries`);
  await router.close();
});

test("a semaphore is one that was made as such", async () => {
  for (const odd of [new Proxy(new Semaphore(1), {}), Object.create(Semaphore.prototype)]) {
    await assert.rejects(createRouter({ jobs, cpuParallelism: odd }), /"cpuParallelism" must be/);
  }
});

test("hooks without a URL, and what is no URL, are refused", () => {
  const define = defineJobs as (...args: unknown[]) => unknown;
  const kinds = { one: { run: () => 1 } };
  for (const args of [[kinds, { setup() {} }], [{ href: 1 }, kinds], [null, kinds]]) {
    assert.throws(() => define(...args), /"import.meta.url", a string, as first argument/);
  }
});

test("the promise of createRouter() says what is missing when it is used as a router", async () => {
  const promise = createRouter({ jobs });
  const { submit, close, map } = promise as unknown as HelixRouter<typeof jobs.kinds>;
  const message = (name: string) =>
    `Cannot call ${name}() of a promise: write "await createRouter(…)"`;
  assert.throws(() => submit("one", 1), { name: "TypeError", message: message("submit") });
  assert.throws(() => close(), { name: "TypeError", message: message("close") });
  assert.throws(() => map("one", [1]), { name: "TypeError", message: message("map") });
  assert.deepEqual(Object.keys(promise), [], "nothing that is listed");
  const router = await promise;
  assert.equal(await router.run("one", 1), 1);
  await router.close();
});
