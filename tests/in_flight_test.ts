import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InFlight } from "../src/in_flight.ts";
import type { Job } from "../src/job.ts";
import { runs } from "./virtual/property.ts";

/** As much of a job as the list looks at. */
function newJob(): Job {
  return { isListed: false, olderInFlight: null, newerInFlight: null } as unknown as Job;
}

test("InFlight holds what was added and not removed, the oldest first", () => {
  const steps = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constant("add" as const) },
      { weight: 2, arbitrary: fc.nat(30) },
    ),
    { maxLength: 80, size: "max" },
  );
  fc.assert(
    fc.property(steps, (plan) => {
      const list = new InFlight();
      const all: Job[] = [];
      const held = new Set<Job>();
      for (const step of plan) {
        if (step === "add") {
          const job = newJob();
          all.push(job);
          held.add(job);
          list.add(job);
        } else if (all[step] !== undefined) {
          held.delete(all[step]);
          list.remove(all[step]); // perhaps a second time
        }
        const found = list.all();
        assert.ok(found.length === held.size && [...held].every((job, i) => job === found[i]));
      }
      for (const job of all) {
        const isLinked = job.olderInFlight !== null || job.newerInFlight !== null;
        assert.ok(held.has(job) || !isLinked, "one that has left keeps no other alive");
      }
    }),
    runs(200),
  );
});
