// The invariants are worth what they find: faults of the kinds that a router must not have are planted
// here, and a drawn scenario must show each.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Job } from "../src/job/job.ts";
import { Permits } from "../src/semaphore.ts";
import { runs } from "./fixtures/property.ts";
import { guarded } from "./fixtures/until.ts";
import { scenarios } from "./virtual/drawn_scenarios.ts";
import { Play } from "./virtual/play.ts";
import { ModelPort } from "./virtual/port.ts";

/** Plants a fault; returns what removes it. */
type Plant = () => () => void;

/** Replaces a method by what `wrap` makes of it. */
function replace<T extends object, K extends keyof T>(
  prototype: T,
  name: K,
  wrap: (method: T[K]) => T[K],
): () => void {
  const method = prototype[name];
  prototype[name] = wrap(method);
  return () => void (prototype[name] = method);
}

const FAULTS: Readonly<Record<string, Plant>> = {
  "a job is settled twice": () =>
    replace(Job.prototype, "settle", (settle) =>
      function (this: Job, status, value, nowMs) {
        settle.call(this, status, value, nowMs);
        if (this.id % 5 === 3) settle.call(this, status, value, nowMs);
      }),
  "a job is lost": () =>
    replace(Job.prototype, "settle", (settle) =>
      function (this: Job, status, value, nowMs) {
        if (this.id % 5 !== 3) settle.call(this, status, value, nowMs);
      }),
  "a permit is not given back": () => {
    let count = 0;
    return replace(Permits.prototype, "give", (give) =>
      function (this: Permits, giver) {
        if (++count % 5 !== 3) give.call(this, giver);
      });
  },
  "a job is run again after its worker died on it": () =>
    replace(ModelPort.prototype, "start", (start) =>
      function (this: ModelPort, owner) {
        const died: typeof owner.died = (port, death) => owner.died(port, { ...death, seq: 0 });
        start.call(
          this,
          new Proxy(owner, {
            get: (target, name) => {
              if (name === "died") return died;
              const value: unknown = Reflect.get(target, name);
              return typeof value === "function" ? value.bind(target) : value;
            },
          }),
        );
      }),
};

for (const [name, plant] of Object.entries(FAULTS)) {
  test(`the invariants find it when ${name}`, guarded, async () => {
    const remove = plant();
    try {
      const { failed, counterexample, seed, counterexamplePath } = await fc.check(
        fc.asyncProperty(scenarios, async (scenario) => {
          await Play.run(scenario);
        }),
        { ...runs(60), endOnFailure: true },
      );
      assert.ok(failed, "no scenario shows it");
      // The failing scenario is found again by its seed and path.
      assert.ok(counterexample !== null && counterexamplePath !== null && Number.isInteger(seed));
    } finally {
      remove();
    }
  });
}
