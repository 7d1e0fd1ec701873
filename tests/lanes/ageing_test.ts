import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Call } from "../../src/job/call.ts";
import { PriorityQueue } from "../../src/lanes/queue/priority_queue.ts";
import { runs } from "../fixtures/property.ts";
import { jobOf } from "./job_of.ts";

interface Arrival {
  readonly call: Call;
  readonly priority: number;
  readonly atMs: number;
}

const priority = fc.integer({ min: 0, max: 9 });

/** Whether `later` came so late that it must not be taken before `earlier`. */
function mustWait(later: Arrival, earlier: Arrival, ageingMs: number): boolean {
  return later.atMs - earlier.atMs > (later.priority - earlier.priority) * ageingMs;
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("push" as const), priority }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("take" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("putBack" as const), place: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("leave" as const), place: fc.nat(20) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(300) }) },
);

test("PriorityQueue takes a call before any that came later by more than its levels are worth", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 120, size: "max" }),
      fc.constantFrom(1, 50, 500),
      (plan, ageingMs) => {
        const queue = new PriorityQueue(ageingMs);
        let waiting: Arrival[] = [];
        let [nowMs, id] = [0, 0];
        const taken: Arrival[] = [];
        const take = () => {
          const call = queue.first!;
          const next = waiting.find((arrival) => arrival.call === call)!;
          assert.ok(queue.remove(call));
          waiting = waiting.filter((arrival) => arrival !== next);
          taken.push(next);
          for (const other of waiting) {
            assert.ok(!mustWait(next, other, ageingMs), "it has overtaken one it must not");
          }
        };
        for (const step of plan) {
          if (step.do === "wait") nowMs += step.ms;
          else if (step.do === "push") {
            const { priority } = step;
            const call = jobOf(++id, priority);
            queue.push(call, nowMs);
            waiting.push({ call, priority, atMs: nowMs });
          } else if (step.do === "take" && waiting.length > 0) take();
          else if (step.do === "putBack" && taken.length > 0) { // a worker gives it back
            const [back] = taken.splice(step.place % taken.length, 1);
            queue.putBack(back.call);
            waiting.push(back);
          } else if (step.do === "leave" && waiting.length > 0) {
            const [gone] = waiting.splice(step.place % waiting.length, 1);
            assert.ok(queue.remove(gone.call));
          }
          assert.equal(queue.length, waiting.length);
        }
        while (waiting.length > 0) take();
        assert.equal(queue.first, null);
      },
    ),
    runs(300),
  );
});

test("PriorityQueue takes every call in the end, however many of higher priority come", () => {
  fc.assert(
    fc.property(priority, fc.integer({ min: 1, max: 20 }), (level, ageingMs) => {
      const queue = new PriorityQueue(ageingMs);
      const patient = jobOf(0, level);
      queue.push(patient, 0);
      // Two of the highest priority come for each one that is taken: the queue only grows.
      let ms = 0;
      for (let call: Call | null = null; call !== patient; ms++) {
        for (const id of [2 * ms + 1, 2 * ms + 2]) queue.push(jobOf(id, 9), ms);
        call = queue.first!;
        queue.remove(call);
        assert.ok(ms < 1_000, "it starves");
      }
      // Those that had come by then are served first, and no others.
      assert.ok(ms <= 2 * ((9 - level) * ageingMs + 1) + 1, `taken after ${ms} ms`);
    }),
    runs(100),
  );
});
