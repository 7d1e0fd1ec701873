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
    [null, /as it is wrong: it must be an object: received null$/],
    [
      { name: "none" },
      /"kinds" is wrong: it must be an array of 1 to 100 items: received undefined/,
    ],
    [{ ...shipped("mix"), kinds: [] }, /"kinds"/],
    [
      { ...shipped("mix"), speed: 1 },
      /"speed" is wrong: it must be absent, as only name, kinds, about, arrivals, pauses are known/,
    ],
    [
      JSON.parse('{ "name": "a", "kinds": [], "__proto__": {} }'),
      /"__proto__" is wrong: it must be absent/,
    ],
    [
      workloadOf([{ size: { type: "normal", mean: 1 } as never }]),
      /"kinds\.0\.size\.type" .* one of fixed, uniform/,
    ],
    [workloadOf([{ size: { type: "uniform", min: 2, max: 1 } }]), /"kinds\.0\.size" .*"min"/],
    [workloadOf([{ size: { type: "fixed", value: Number.NaN } }]), /"kinds\.0\.size\.value"/],
    [
      workloadOf([{
        size: {
          type: "bimodal",
          share: 0.5,
          first: { type: "fixed", value: 1 },
          second: { type: "pareto", min: 1, max: 9, shape: 1 },
        },
      }]),
      /"kinds\.0\.size\.second\.shape" is wrong: it must be a number above 1, at most 100: received 1$/,
    ],
    [workloadOf([{ changes: [{ from: 0.5, to: 0.5 }] }]), /"kinds\.0\.changes\.0" .*"from"/],
    [workloadOf([{ budgets: [{ share: 1, priority: 1.5 }] }]), /an integer from 0 to 9/],
    [workloadOf([{ name: "" }]), /a string of 1 to 100 characters: received ""/],
    [workloadOf([{}], { arrivals: { type: "bursty", onMs: 1 } as never }), /"arrivals\.offMs"/],
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
