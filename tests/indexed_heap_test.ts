import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { IndexedHeap } from "../src/indexed_heap.ts";
import { runs } from "./fixtures/property.ts";

interface Item {
  readonly key: number;
  readonly id: number;
  place: number;
}

const steps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.record({ push: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ removeAt: fc.nat(60) }) },
    { weight: 1, arbitrary: fc.constant("pop" as const) },
  ),
  { maxLength: 200, size: "max" },
);

test("IndexedHeap gives what a sorted array gives, and every item knows its place", () => {
  fc.assert(
    fc.property(steps, (plan) => {
      const before = (a: Item, b: Item) => a.key !== b.key ? a.key < b.key : a.id < b.id;
      const heap = new IndexedHeap<Item>(before, (item, place) => item.place = place);
      const sorted: Item[] = [];
      const gone: Item[] = [];
      const remove = (item: Item | undefined) => {
        if (item === undefined) return;
        heap.removeAt(item.place);
        gone.push(...sorted.splice(sorted.indexOf(item), 1));
      };
      plan.forEach((step, id) => {
        if (step === "pop") {
          remove(heap.first);
        } else if ("push" in step) {
          const item = { key: step.push, id, place: -2 };
          heap.push(item);
          sorted.push(item);
          sorted.sort((a, b) => before(a, b) ? -1 : 1);
        } else {
          remove(sorted[step.removeAt]);
        }
        assert.equal(heap.size, sorted.length);
        assert.equal(heap.first, sorted[0]);
        const places = sorted.map((item) => item.place).sort((a, b) => a - b);
        assert.deepEqual(places, places.map((_, i) => i), "each place is taken once");
        assert.ok(gone.every((item) => item.place === -1));
      });
      const rest = sorted.map(() => {
        const first = heap.first!;
        heap.removeAt(0);
        return first;
      });
      assert.deepEqual(rest, sorted);
      assert.equal(heap.first, undefined);
    }),
    runs(300),
  );
});
