// onProgress runs in the context of its submit, and what it throws is counted.
import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { test } from "node:test";
import { createRouter } from "../../mod.ts";
import { defineJobs, type JobContext } from "../../src/define/jobs.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import jobs, { jobsOfThisThread } from "../fixtures/progress_jobs.ts";
import { guarded } from "../fixtures/until.ts";
import { createWorld, offer } from "../virtual/world.ts";

const caller = new AsyncLocalStorage<string>();

for (const strategy of ["inline", "spawn", "cpu_pool", "batch"] as const) {
  test(`onProgress sees the context of its submit on ${strategy}`, guarded, async () => {
    const policy = forcedPolicy(strategy);
    await using router = await createRouter({ jobs, policy, cpuParallelism: 1 });
    const seen: unknown[] = [];
    const submit = (name: string) =>
      caller.run(name, () =>
        router.run("steps", 2, {
          onProgress: (step) => void seen.push(`${caller.getStore()} ${step}`),
        }));
    await submit("one");
    await submit("two");
    assert.deepEqual(seen, ["one 1", "one 2", "two 1", "two 2"]);
  });
}

test("what onProgress throws or rejects with is counted, and harms no job", guarded, async () => {
  await using router = await createRouter({
    jobs: jobsOfThisThread,
    policy: forcedPolicy("spawn"),
  });
  const fail = (): never => {
    throw new Error("a listener's");
  };
  assert.equal(await router.run("steps", 2, { onProgress: fail }), 2);
  assert.equal(await router.run("steps", 3, { onProgress: () => Promise.reject(0) }), 3);
  await new Promise((resolve) => setTimeout(resolve));
  assert.equal(router.stats().listenerErrors, 5);
});

for (const strategy of ["inline", "spawn", "cpu_pool"] as const) {
  test(`close({ drainMs: 0 }) waits for no job on ${strategy}`, async () => {
    const world = await createWorld({ policy: forcedPolicy(strategy), cpuParallelism: 1 });
    const endless = { ms: 1e6, later: true };
    const running = offer(world, "shared", endless);
    const waiting = offer(world, "shared", endless);
    world.clock.advance(20);
    const startMs = world.clock.now();
    let isClosed = false;
    void world.router.close({ drainMs: 0 }).then(() => isClosed = true);
    while (running.status === "pending" || waiting.status === "pending") world.clock.step();
    assert.deepEqual([running.status, waiting.status], ["cancelled", "cancelled"]);
    assert.equal(world.clock.now(), startMs);
    world.clock.advance(100);
    await new Promise((resolve) => setTimeout(resolve));
    assert.ok(isClosed);
  });
}

test(
  "a job of this thread that never settles is told to stop as the router closes",
  guarded,
  async () => {
    let told: unknown;
    const never = (_: number, { signal }: JobContext): Promise<number> => {
      signal.addEventListener("abort", () => told = signal.reason);
      return new Promise(() => {});
    };
    const router = await createRouter({
      jobs: defineJobs({ never: { run: never } }),
      policy: forcedPolicy("inline"),
    });
    const running = assert.rejects(router.run("never", 1), { name: "RouterClosedError" });
    await router.close({ drainMs: 0 });
    await running;
    assert.equal((told as Error).name, "RouterClosedError");
  },
);
