import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, type Transport, WorkerCrashedError } from "../../mod.ts";
import { runtimeDefaults } from "../../src/runtime/host.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import { createFaultRouter, square } from "../fixtures/fault_router.ts";
import jobs from "../fixtures/shared_output_jobs.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { guarded } from "../fixtures/until.ts";

const policy = forcedPolicy("cpu_pool");

for (const transport of ["auto", "messages"] satisfies Transport[]) {
  const create = () => createRouter({ jobs, transport, policy, cpuParallelism: 1, minWorkers: 1 });

  test(`an output is taken as it was when its job ended: ${transport}`, guarded, async () => {
    await using router = await create();
    for (let round = 0; round < 3; round++) {
      const outputs = await Promise.all(
        Array.from({ length: 20 }, () => router.run("count", null)),
      );
      const counts = outputs.map(({ count }) => count - round * 20);
      assert.deepEqual(counts, Array.from({ length: 20 }, (_, i) => i + 1));
    }
  });

  test(
    `an input that is spoilt after its submit harms no other: ${transport}`,
    guarded,
    async () => {
      await using router = await create();
      // Short, by now: calls of the kind are sent before the one that runs has ended.
      await Promise.all(Array.from({ length: 50 }, (_, n) => router.run("echo", n)));
      const spoilt: Record<string, unknown> = { n: 1 };
      const all = [router.run("echo", { n: 0 }), router.run("echo", spoilt), router.run("echo", 2)];
      spoilt.fn = () => {};
      // It goes as it was when it was sent, which in a turn that goes on may have been before; or not at all.
      const [before, itself, after] = await Promise.allSettled(all);
      assert.deepEqual(before, { status: "fulfilled", value: { n: 0 } });
      if (itself.status === "fulfilled") assert.deepEqual(itself.value, { n: 1 });
      assert.deepEqual(after, { status: "fulfilled", value: 2 });
      assert.equal(await router.run("echo", 3), 3);
    },
  );

  test(`what was answered before a crash counts: ${transport}`, guarded, async () => {
    await using router = await create();
    await Promise.all(Array.from({ length: 50 }, (_, n) => router.run("map", n))); // short, by now
    const answered = Array.from({ length: 5 }, (_, n) => router.run("map", n));
    const crashed = assert.rejects(router.run("throw_later", null), WorkerCrashedError);
    assert.deepEqual((await Promise.all(answered)).map((map) => map.size), [1, 1, 1, 1, 1]);
    await crashed;
  });

  test(`NaN in a batch with an item that cannot be sent: ${transport}`, guarded, async () => {
    await using router = await createRouter({
      jobs,
      transport,
      cpuParallelism: 1,
      policy: forcedPolicy("batch"),
    });
    const results = await Promise.allSettled([0, 1, 2].map((n) => router.run("odd_items", n)));
    assert.deepEqual(results.map(({ status }) => status), ["rejected", "fulfilled", "fulfilled"]);
    assert.deepEqual(results.slice(1).map((result) => "value" in result && result.value), [NaN, 2]);
  });

  test(
    `a try that is aborted before it begins says nothing of its kind: ${transport}`,
    guarded,
    async () => {
      const { clock } = runtimeDefaults();
      const quarantineMs = 600_000;
      let skippedMs = 0;
      const router = await createFaultRouter({
        transport,
        cpuParallelism: 1,
        quarantineAfter: 1,
        quarantineMs,
        clock: { ...clock, now: () => clock.now() + skippedMs },
      });
      await assert.rejects(router.submit("exit", 1), WorkerCrashedError);
      await square(router, 1); // a worker is there, which is handed the try at once
      skippedMs = quarantineMs + 1_000;
      const controller = new AbortController();
      const tried = assert.rejects(
        router.submit("exit", 1, { signal: controller.signal }),
        (error) => error === "not needed",
      );
      controller.abort("not needed");
      await tried;
      await square(router, 1); // it has been answered
      const outcome = await router.submit("exit", 1);
      assert.equal(outcome.status === "dropped" && outcome.reason, "kind_quarantined");
      assert.equal(router.stats().workers.crashed, 1);
      await router.close();
      assertNothingLeft(router.stats());
    },
  );
}

test("a job that ended in time is not timed out by a late thread", guarded, async () => {
  await using router = await createRouter({ jobs, policy, cpuParallelism: 1, minWorkers: 1 });
  await router.run("spin", 1);
  const done = router.run("spin", 5, { runTimeoutMs: 100 });
  await new Promise((resolve) => setTimeout(resolve)); // it is on its way
  const end = performance.now() + 300;
  while (performance.now() < end);
  assert.equal(await done, 5);
});

// By message an input is looked at first, and read again when it is sent with the others of its turn.
for (const [transport, read] of [["auto", 1], ["messages", 1], ["messages", 2]] as const) {
  test(
    `what a getter of an input submits does not overtake it: ${transport}, read ${read}`,
    guarded,
    async () => {
      await using router = await createRouter({ jobs, transport, policy, cpuParallelism: 1 });
      await Promise.all(Array.from({ length: 50 }, (_, n) => router.run("echo", n))); // short, by now
      let reads = 0;
      let inner: Promise<unknown[]> | undefined;
      const outer = router.run("echo", {
        get name() {
          // One goes alone, one together with others.
          const inputs = [new Date(5), 5];
          if (++reads === read) inner = Promise.all(inputs.map((i) => router.run("echo", i)));
          return "outer";
        },
      });
      assert.deepEqual(await outer, { name: "outer" });
      assert.deepEqual(await inner, [new Date(5), 5]);
    },
  );
}

test(
  "text goes by message where it cannot be put into shared memory, as in browsers",
  guarded,
  async () => {
    const { encodeInto } = TextEncoder.prototype;
    TextEncoder.prototype.encodeInto = () => {
      throw new TypeError("The provided Uint8Array value must not be shared");
    };
    try {
      await using router = await createRouter({ jobs, policy, cpuParallelism: 1 });
      assert.equal(await router.run("echo", "text"), "text");
      assert.deepEqual(await router.run("echo", { text: ["a"] }), { text: ["a"] });
    } finally {
      TextEncoder.prototype.encodeInto = encodeInto;
    }
  },
);
