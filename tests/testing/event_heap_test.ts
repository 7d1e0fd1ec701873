import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Due, EventHeap } from "../../src/testing/event_heap.ts";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";

const ignore = () => {};

/** What is done to a heap: an event is pushed, the next one is taken, or one of those pushed is cancelled. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ push: fc.oneof(fc.nat(5), fc.nat(1_000)) }) },
    { weight: 2, arbitrary: fc.constant({ take: true }) },
    { weight: 1, arbitrary: fc.record({ cancel: fc.nat() }) },
  ),
  { maxLength: 300, size: "max" },
);

test(
  "an event heap gives what a sorted array gives, equal times in order of pushes",
  guarded,
  () => {
    fc.assert(
      fc.property(steps, (plan) => {
        const heap = new EventHeap();
        const pushed: Due[] = [];
        let sorted: Due[] = [];
        for (const step of plan) {
          if ("push" in step) {
            const event = new Due(step.push, ignore, undefined);
            heap.push(event);
            pushed.push(event);
            const place = sorted.findIndex(({ atMs }) => atMs > event.atMs);
            sorted.splice(place < 0 ? sorted.length : place, 0, event);
          } else if ("take" in step) {
            if (heap.first !== undefined) heap.shift();
            sorted.shift();
          } else if (pushed.length > 0) {
            const event = pushed[step.cancel % pushed.length];
            event.cancel();
            sorted = sorted.filter((other) => other !== event);
          }
          assert.equal(heap.first, sorted[0]);
        }
        for (const event of sorted) {
          assert.equal(heap.first, event);
          heap.shift();
        }
        assert.equal(heap.first, undefined);
      }),
      runs(150),
    );
  },
);

test("an event fires with its argument, and counts as cancelled from then on", () => {
  const told: unknown[] = [];
  const event = new Due(3, (arg) => told.push(arg, event.isCancelled), "argument");
  event.fire();
  assert.deepEqual(told, ["argument", true]);
});
