// How long a run keeps its thread busy, what it does after an `await` included, on workers and here.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, type Policy, type PolicyEvent, type Strategy } from "../../mod.ts";
import jobs from "../fixtures/busy_jobs.ts";
import { guarded } from "../fixtures/until.ts";

/** Runs a job of each kind, one after the other, and keeps what the policy is told of their ends. */
async function runAll(strategy: Strategy, transport: "shared_memory" | "messages") {
  const ends = new Map<string, PolicyEvent>();
  const policy: Policy = {
    name: "observes",
    decide: () => ({ strategy, reason: "test" }),
    observe: (_state, event) => {
      if (event.type === "settle") ends.set(event.job.kind.name, event);
    },
  };
  const router = await createRouter({ jobs, policy, transport, cpuParallelism: 1 });
  const isAsync: Record<string, boolean> = {};
  for (const [index, kind] of router.kinds.entries()) {
    await router.submit(kind, 1).catch(() => {});
    isAsync[kind] = router.load.model.predict({ index }, 1).isAsync;
  }
  await router.close();
  return { busyMs: (kind: string) => ends.get(kind)!.busyMs!, ends, isAsync };
}

const ways: readonly [Strategy, "shared_memory" | "messages"][] = [
  ["cpu_pool", "shared_memory"],
  ["cpu_pool", "messages"],
  ["inline", "messages"],
  ["spawn", "messages"],
];
for (const [strategy, transport] of ways) {
  test(
    `a run's busy time counts what follows an await, ${strategy}, ${transport}`,
    guarded,
    async () => {
      const { busyMs, ends, isAsync } = await runAll(strategy, transport);
      for (const kind of ["late", "throws_late", "between"]) {
        assert.ok(busyMs(kind) > 40, `${kind}: ${busyMs(kind)} ms of 60`);
        assert.ok(busyMs(kind) < ends.get(kind)!.runMs!, `${kind}: it has waited, too`);
      }
      assert.ok(busyMs("waits") < busyMs("late"), `${busyMs("waits")} ms for nothing`);
      assert.equal(busyMs("sync"), ends.get("sync")!.runMs);
      const { throws_late: _throws, ...ofKinds } = isAsync;
      assert.deepEqual(ofKinds, { waits: true, late: true, between: true, sync: false });
    },
  );
}
