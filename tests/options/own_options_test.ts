// Options are what an object says itself: what it inherits is no option, or refused by name.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createRouter,
  defineJobs,
  InvalidOptionError,
  optionTable,
  thresholdPolicy,
} from "../../mod.ts";
import { resolveOptions, type RouterOptions } from "../../src/options/options.ts";
import basicJobs from "../fixtures/basic_jobs.ts";
import { whilePolluted } from "../fixtures/polluted.ts";
import { WatchedClock } from "../virtual/clock.ts";
import { createWorld } from "../virtual/world.ts";

const jobs = defineJobs({ five: { cost: 1, run: () => 5 } });
const runtime = {
  cpuParallelism: 3,
  idleTimeoutMs: 30_000,
  abortGraceMs: Infinity,
  workerOptions: ["env", "name", "resourceLimits"] as const,
  clock: new WatchedClock(),
  keepContext: () => undefined,
  warn: assert.fail,
};

/** Fails unless an inherited option is refused by name, with the way out. */
async function assertRefused(act: () => unknown, action: string, option: string): Promise<void> {
  await assert.rejects(async () => await act(), (error) => {
    assert.ok(error instanceof InvalidOptionError, String(error));
    assert.equal(error.option, option);
    const start = `Cannot ${action} as "${option}" must be an own property, `;
    assert.ok(error.message.startsWith(start), error.message);
    assert.match(error.message, /: copy it by name into a plain object: received /);
    return true;
  });
}

test("resolveOptions() takes nothing from Object.prototype", async () => {
  const names = Object.keys(optionTable).filter((name) => name !== "jobs");
  const expected = Object.entries(resolveOptions({ jobs }, runtime)).filter(isComparable);
  await whilePolluted(Object.fromEntries(names.map((name) => [name, "polluted"])), () => {
    const resolved = resolveOptions({ jobs }, runtime);
    for (const [name, value] of expected) {
      assert.equal(resolved[name as keyof RouterOptions], value, name);
    }
    assert.equal(resolved.policy.name, "adaptive");
  });
  await whilePolluted({ jobs }, () => {
    assert.throws(() => resolveOptions({} as RouterOptions, runtime), /"jobs" must be what/);
  });
});

/** What is not made anew each time. */
function isComparable([name]: [string, unknown]): boolean {
  return !["policy", "jobs", "semaphore"].includes(name);
}

test("createRouter() starts no worker that Object.prototype has", async () => {
  const worker = () => {
    throw new Error("polluted");
  };
  await whilePolluted({ worker, createPort: worker, cpuQueueCapacity: 1 }, async () => {
    await using router = await createRouter({ jobs: basicJobs });
    assert.equal(router.config().cpuQueueCapacity, 10_000);
    const outcome = await router.submit("heavy", { n: 5 });
    assert.ok(outcome.status === "completed" && outcome.strategy === "cpu_pool");
  });
});

test("HelixRouter.configure() takes nothing from Object.prototype", async () => {
  const { router } = await createWorld();
  const before = router.config();
  const polluted = { cpuQueueCapacity: 1, abortGraceMs: "x", inlineThreshold: 5, batchMaxSize: 3 };
  await whilePolluted(polluted, () => {
    assert.deepEqual(router.configure({ policy: {}, spawnConcurrency: 1_000 }), before);
  });
  await whilePolluted({ policy: { inlineThreshold: 5 } }, () => {
    assert.deepEqual(router.configure({}), before);
  });
});

test("HelixRouter.close() takes nothing from Object.prototype", async () => {
  await whilePolluted({ drainMs: -1 }, async () => {
    const { router } = await createWorld();
    await router.close({});
    await router.close();
  });
});

test("thresholdPolicy() takes nothing from Object.prototype", async () => {
  await whilePolluted({ inlineThreshold: -1, spawnThreshold: 1, spawnScalingLimit: "x" }, () => {
    const policy = thresholdPolicy({ batchScalingThreshold: 0.5 });
    assert.equal(policy.init?.().inlineThreshold, 8_000);
    assert.equal(policy.init?.().spawnThreshold, 60_000);
  });
});

test("an option that is inherited is refused by name, and says what to do", async () => {
  class Settings {
    get cpuParallelism(): number {
      return 2;
    }
    get cpuQueueCapacity(): number {
      return 2;
    }
    get drainMs(): number {
      return 2;
    }
    get inlineThreshold(): number {
      return 2;
    }
  }
  const { router } = await createWorld();
  const create = (options: object) => () => resolveOptions(options as RouterOptions, runtime);
  const bare = Object.assign(Object.create(null), { cpuParallelism: 2 });
  for (const from of [Settings.prototype, { cpuParallelism: 2 }, Object.create(bare)]) {
    const options = Object.assign(Object.create(from), { jobs });
    await assertRefused(create(options), "create router", "cpuParallelism");
  }
  await assertRefused(create(Object.create({ jobs })), "create router", "jobs");
  const before = router.config();
  for (const name of ["cpuParallelism", "cpuQueueCapacity"]) {
    const change = Object.create({ [name]: 2 });
    await assertRefused(() => router.configure(change), "configure router", name);
  }
  await assertRefused(
    () => router.configure(new Settings() as never),
    "configure router",
    "cpuParallelism",
  );
  for (const options of [new Settings(), Object.create({ inlineThreshold: 2 })]) {
    const configure = () => router.configure({ policy: options });
    await assertRefused(configure, "configure router", "policy.inlineThreshold");
    await assertRefused(() => thresholdPolicy(options), "create policy", "inlineThreshold");
  }
  assert.deepEqual(router.config(), before);
  for (const options of [new Settings(), Object.create({ drainMs: 2 })]) {
    await assertRefused(() => router.close(options), "close router", "drainMs");
  }
  assert.ok(!router.closed);
});

test("options may be any object that has them itself", async () => {
  class Settings {
    readonly cpuParallelism = 2;
    readonly jobs = jobs;
  }
  const bare = (own: object) => Object.assign(Object.create(null), own);
  for (const options of [new Settings(), bare(new Settings())]) {
    assert.equal(resolveOptions(options, runtime).cpuParallelism, 2);
  }
  const { router } = await createWorld();
  assert.equal(router.configure(bare({ batchMaxSize: 3 })).batchMaxSize, 3);
  await router.close(bare({ drainMs: 0 }));
  assert.equal(thresholdPolicy(bare({ inlineThreshold: 5 })).init?.().inlineThreshold, 5);
});

test("what is no object of options is refused as such", async () => {
  const { router } = await createWorld();
  for (const options of [null, 5, "text", true, [], () => 0] as never[]) {
    const wanted = { name: "InvalidOptionError", option: "options" };
    assert.throws(() => resolveOptions(options, runtime), wanted);
    assert.throws(() => router.configure(options), wanted);
    assert.throws(() => thresholdPolicy(options), wanted);
    await assert.rejects(router.close(options), wanted);
  }
});

test("HelixRouter.close() refuses an unknown option", async () => {
  const { router } = await createWorld();
  const closing = router.close({ drainMS: 5 } as object);
  await assert.rejects(closing, {
    message:
      'Cannot close router as "drainMS" must be one of the options. Did you mean drainMs? They are ' +
      "drainMs: received 5",
  });
  assert.ok(!router.closed);
});
