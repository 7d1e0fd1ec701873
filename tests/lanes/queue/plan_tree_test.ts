// The tree of a plan, against a plain list.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Call } from "../../../src/job/call.ts";
import { type Entry, type Place, PlanTree } from "../../../src/lanes/queue/plan_tree.ts";
import { runs } from "../../fixtures/property.ts";
import { createRandom } from "../../virtual/random.ts";

const nobody = null as unknown as Call;

/** Small numbers, so that many are equal and all sums are exact. */
const few = fc.integer({ min: 0, max: 6 });
const entryFields = fc.record({
  level: fc.integer({ min: 0, max: 2 }),
  dueMs: few,
  latestStartMs: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constant(Infinity)),
  keepsMs: few,
  variance: few,
});

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("add" as const), entry: entryFields }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), place: fc.nat(40) }) },
);
const plans = fc.array(step, { maxLength: 80, size: "max" });

function isBefore(a: Place, b: Place): boolean {
  if (a.level !== b.level) return a.level > b.level;
  return a.dueMs !== b.dueMs ? a.dueMs < b.dueMs : a.id < b.id;
}

function sumOf(entries: readonly Entry[], field: "keepsMs" | "variance"): number {
  return entries.reduce((sum, entry) => sum + entry[field], 0);
}

/** Plays a plan on a tree and on a list in order; returns both. */
function play(
  plan: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
  workers: number,
): { tree: PlanTree; list: Entry[] } {
  const tree = new PlanTree(workers);
  const list: Entry[] = [];
  plan.forEach((move, id) => {
    if (move.do === "add") {
      const entry = { ...move.entry, call: nobody, id };
      const place = list.findIndex((other) => isBefore(entry, other));
      list.splice(place < 0 ? list.length : place, 0, entry);
      tree.add(entry);
    } else if (list.length > 0) {
      const [gone] = list.splice(move.place % list.length, 1);
      tree.remove(gone);
    }
  });
  return { tree, list };
}

test("PlanTree keeps its entries in order: by level, by what is due first, by number", () => {
  fc.assert(
    fc.property(plans, (plan) => {
      const { tree, list } = play(plan, 1);
      assert.deepEqual([...tree.entries()].map(({ id }) => id), list.map(({ id }) => id));
      assert.equal(tree.size, list.length);
      assert.equal(tree.first, list[0] ?? null);
      assert.equal(tree.last, list.at(-1) ?? null);
    }),
    runs(300),
  );
});

test("PlanTree sums up all entries, and those before any place, in it or not", () => {
  fc.assert(
    fc.property(plans, entryFields, (plan, other) => {
      const { tree, list } = play(plan, 1);
      assert.equal(tree.keepsMs, sumOf(list, "keepsMs"));
      assert.equal(tree.variance, sumOf(list, "variance"));
      for (const place of [...list, { ...other, id: 40 }, { ...other, id: Infinity }]) {
        const before = list.filter((entry) => isBefore(entry, place));
        assert.deepEqual(tree.before(place), {
          keepsMs: sumOf(before, "keepsMs"),
          variance: sumOf(before, "variance"),
        });
      }
    }),
    runs(300),
  );
});

test("PlanTree finds the first entry that would be late, whenever the workers get free", () => {
  fc.assert(
    fc.property(
      plans,
      fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 0, max: 3 }),
      (plan, free, doubt) => {
        const workers = free.length;
        const freeInMs = free.toSorted((a, b) => a - b);
        const startMs = (keepsMs: number, variance: number): number => {
          let sum = keepsMs;
          const shared = freeInMs.map((ms, i) => (sum += ms) / (i + 1));
          return Math.min(...shared) + doubt * Math.sqrt(variance) / workers;
        };
        const sumMs = freeInMs.reduce((sum, ms) => sum + ms, 0);
        const atMostMs = (variance: number) =>
          sumMs / workers + doubt * Math.sqrt(variance) / workers;
        const { tree, list } = play(plan, workers);
        const late = list.find((entry, place) => {
          const before = list.slice(0, place);
          return startMs(sumOf(before, "keepsMs"), sumOf(before, "variance")) >
            entry.latestStartMs;
        });
        assert.equal(tree.firstLate(startMs, atMostMs), late ?? null);
        const more = { ...list[0], id: 99, level: 9, dueMs: 0, latestStartMs: Infinity };
        if (list.length === 0 || !tree.hasTimeFor(more, atMostMs)) return;
        tree.add(more);
        assert.equal(tree.firstLate(startMs, atMostMs), null, "it has said that there is time");
      },
    ),
    runs(500),
  );
});

test("PlanTree knows whether there is time for one more, without adding it", () => {
  const tree = new PlanTree(2);
  const entry = {
    call: nobody,
    id: 1,
    level: 0,
    dueMs: 50,
    keepsMs: 10,
    variance: 0,
    latestStartMs: 40,
  };
  const more = { ...entry, id: 2, keepsMs: 60 };
  assert.ok(tree.hasTimeFor(more, () => 1e9), "nobody is there to be late");
  tree.add(entry);
  assert.ok(tree.hasTimeFor(more, () => 10));
  assert.ok(!tree.hasTimeFor(more, () => 10.1));
});

test("PlanTree finds the largest entry up to a place, in its level; of equals any", () => {
  fc.assert(
    fc.property(plans, entryFields, (plan, other) => {
      const { tree, list } = play(plan, 1);
      for (const place of [...list, { ...other, call: nobody, id: 40 }]) {
        const upTo = list.filter((entry) => entry.level === place.level && !isBefore(place, entry));
        const largest = tree.largestUpTo(place);
        assert.equal(largest === null, upTo.length === 0);
        if (largest === null) continue;
        assert.ok(upTo.includes(largest));
        assert.equal(largest.keepsMs, Math.max(...upTo.map(({ keepsMs }) => keepsMs)));
      }
    }),
    runs(300),
  );
});

test("PlanTree is as good as new once all of its entries have left", () => {
  const { tree, list } = play(
    [3, 1, 2, 2, 0].map((dueMs) => ({
      do: "add" as const,
      entry: { level: 0, dueMs, latestStartMs: 1, keepsMs: 2, variance: 1 },
    })),
    2,
  );
  for (const entry of list) tree.remove(entry);
  assert.deepEqual([tree.size, tree.keepsMs, tree.variance], [0, 0, 0]);
  assert.deepEqual([tree.first, tree.last, [...tree.entries()]], [null, null, []]);
  assert.equal(tree.firstLate(() => 1e9, () => 1e9), null);
  assert.equal(tree.largestUpTo(list[0]), null);
});

/** An entry that counts how often it is compared by when it is due. */
function countedEntry(id: number, dueMs: number, looks: { count: number }): Entry {
  return {
    ...{ call: nobody, id, level: 5, latestStartMs: 1e6 + dueMs, keepsMs: 1 + id % 7, variance: 1 },
    get dueMs() {
      looks.count++;
      return dueMs;
    },
  };
}

for (
  const [order, dueOf] of [["ascending", (id: number) => id], ["descending", (id: number) => -id], [
    "random",
    createRandom(1),
  ]] as const
) {
  test(`PlanTree looks at few of ten thousand entries that come in ${order} order`, () => {
    const looks = { count: 0 };
    const tree = new PlanTree(2);
    const entries = Array.from({ length: 10_000 }, (_, id) => countedEntry(id, dueOf(id), looks));
    for (const entry of entries) tree.add(entry);
    looks.count = 0;
    let most = 0;
    let starts = 0;
    const startMs = (keepsMs: number) => {
      starts++;
      return keepsMs / 2;
    };
    for (const entry of entries.slice(4_000, 6_000)) {
      tree.before(entry);
      tree.largestUpTo(entry);
      tree.remove(entry);
      tree.add(entry);
      tree.firstLate(startMs, () => 0);
      most = Math.max(most, looks.count);
      looks.count = 0;
    }
    assert.ok(most < 600, `${most} looks`); // of a balanced tree 14 deep, five times, some with two
    assert.equal(starts, 0, "it is plain at the top that none is late");
  });
}

test("PlanTree asks few of ten thousand entries which is the first to be late", () => {
  const tree = new PlanTree(1);
  for (let id = 0; id < 10_000; id++) {
    const latestStartMs = id === 7_777 ? 7_776 : 20_000 + id;
    tree.add({ call: nobody, id, level: 0, dueMs: id, latestStartMs, keepsMs: 1, variance: 0 });
  }
  let starts = 0;
  const late = tree.firstLate((keepsMs) => {
    starts++;
    return keepsMs;
  }, () => 0);
  assert.equal(late?.id, 7_777);
  assert.ok(starts < 40, `${starts} of 10,000`);
});
