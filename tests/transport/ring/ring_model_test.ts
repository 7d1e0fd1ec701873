// The rules of the ring, held against every order in which a plan lets two threads take turns.
import { test } from "node:test";
import fc from "fast-check";
import { guarded } from "../../fixtures/until.ts";
import { runs } from "../../fixtures/property.ts";
import { RingModel } from "./ring_model.ts";
import { ACTIONS, type Step } from "./ring_plan.ts";

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.oneof(
    {
      weight: 4,
      arbitrary: fc.constantFrom("submit", "post", "flush", "hearRouter", "hearWorker"),
    },
    { weight: 1, arbitrary: fc.constantFrom(...ACTIONS.router, ...ACTIONS.worker) },
  ) as fc.Arbitrary<Step["do"]>,
  pick: fc.nat(999),
});
const crossing = fc.record({
  after: fc.nat(15),
  do: step.map((step) => step.do),
  pick: fc.nat(999),
});

test(
  "every call over a ring has its one result, in order, whoever comes in between",
  guarded,
  () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60, size: "max" }),
        fc.array(crossing, { maxLength: 60, size: "max" }),
        fc.constantFrom(0, 1, 8),
        (plan, crossings, cores) => new RingModel(cores).play(plan, crossings),
      ),
      runs(300),
    );
  },
);
