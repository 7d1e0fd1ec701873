import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ReadyQueue } from "../../src/testing/ready_queue.ts";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { ScriptedThread } from "./scripted_thread.ts";

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ add: fc.nat(6) }) },
    { weight: 1, arbitrary: fc.constant({ take: true }) },
    { weight: 1, arbitrary: fc.record({ remove: fc.nat() }) },
  ),
  { maxLength: 100, size: "max" },
);

test("a ready queue gives the thread that had the least, of equal ones the first", guarded, () => {
  fc.assert(
    fc.property(steps, (plan) => {
      const queue = new ReadyQueue();
      const added: ScriptedThread[] = [];
      const waiting: ScriptedThread[] = []; // in order of arrival
      const first = () =>
        waiting.reduce<ScriptedThread | undefined>(
          (best, thread) => best === undefined || thread.hadMs < best.hadMs ? thread : best,
          undefined,
        );
      const remove = (thread: ScriptedThread | undefined) => {
        const place = thread === undefined ? -1 : waiting.indexOf(thread);
        if (place >= 0) waiting.splice(place, 1);
      };
      for (const step of plan) {
        if ("add" in step) {
          const thread = new ScriptedThread();
          thread.hadMs = step.add;
          queue.add(thread);
          added.push(thread);
          waiting.push(thread);
        } else if ("take" in step) {
          const wanted = first();
          assert.equal(queue.take(), wanted);
          remove(wanted);
        } else if (added.length > 0) {
          const thread = added[step.remove % added.length]; // perhaps it does not wait any more
          queue.remove(thread);
          remove(thread);
        }
        assert.equal(queue.isEmpty, waiting.length === 0);
        assert.equal(queue.leastMs, first()?.hadMs ?? Infinity);
      }
    }),
    runs(150),
  );
});
