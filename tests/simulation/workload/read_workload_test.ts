import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidWorkloadError, readWorkload } from "../../../src/simulation/mod.ts";
import { WORKLOADS } from "../../../src/simulation/workload/shipped.ts";
import { shipped, workloadOf } from "./drawn_jobs.ts";

test("every shipped workload is one, has a name of its own and comes back as it is", () => {
  for (const workload of WORKLOADS) assert.deepEqual(readWorkload(workload), workload);
  assert.equal(new Set(WORKLOADS.map(({ name }) => name)).size, 12);
});

test("what is missing, unknown or out of range is refused with its place", () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [null, /as it is wrong/],
    [{ ...shipped("mix"), kinds: [] }, /"kinds"/],
    [{ ...shipped("mix"), speed: 1 }, /speed/],
    [workloadOf([{ size: { type: "normal", mean: 1 } as never }]), /"kinds\.0\.size/],
    [workloadOf([{ budgets: [{ share: 1, budgetMs: 0 }] }]), /"kinds\.0\.budgets\.0\.budgetMs"/],
    [workloadOf([{}, { name: "kind0" }]), /same name/],
    [workloadOf([{ perSizeMs: 0 }]), /needs a core/],
    [workloadOf([{ size: { type: "fixed", value: 0 } }]), /needs a core/],
    [workloadOf([{ share: 0 }]), /needs a core/],
    [workloadOf([{ changes: [{ from: 0, rateFactor: 0 }] }]), /needs a core/],
    [
      workloadOf([{ changes: [{ from: 0.5, rateFactor: 0 }] }], {
        arrivals: { type: "closed", clients: 1, thinkMs: 0 },
      }),
      /clients must always have a job/,
    ],
  ];
  for (const [value, message] of wrong) {
    assert.throws(() => readWorkload(value), (error) => {
      assert.ok(error instanceof InvalidWorkloadError);
      assert.match(error.message, /^Cannot use workload as /);
      assert.match(error.message, message);
      return true;
    });
  }
});
