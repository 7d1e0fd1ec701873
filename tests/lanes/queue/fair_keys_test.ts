// Keys, and kinds without budgets, take turns.
import assert from "node:assert/strict";
import { test } from "node:test";
import { FairQueue } from "../../../src/lanes/queue/fair_queue.ts";
import { PriorityQueue } from "../../../src/lanes/queue/priority_queue.ts";
import { Flow, Turns } from "../../../src/lanes/queue/turns.ts";
import { guarded } from "../../fixtures/until.ts";
import { FairBench } from "./fair_bench.ts";

/** Puts in so many jobs of one key, then one of another; the place at which that starts, from 0. */
function placeBehind(
  bench: FairBench,
  flood: number,
  options: { latencyBudgetMs?: number } = {},
): number {
  for (let i = 0; i < flood; i++) bench.push(0, { ...options, key: "flood" });
  bench.load.nowMs += 1;
  const one = bench.push(0, { ...options, key: "one" });
  return bench.drain().indexOf(one.id);
}

for (const flood of [100, 10_000]) {
  test(`FairQueue has one job of a key start second behind ${flood} of another, without a budget`, () => {
    assert.equal(placeBehind(new FairBench({ isFair: true }).know(0, 5), flood), 1);
  });

  test(`FairQueue does so with a budget that all of ${flood} can make`, () => {
    const bench = new FairBench({ isFair: true }).know(0, 0.05);
    assert.equal(placeBehind(bench, flood, { latencyBudgetMs: 2_000 }), 1);
  });

  test(`FairQueue does so with a budget that few of ${flood} can make`, () => {
    const bench = new FairBench({ isFair: true }).know(0, 20);
    assert.equal(placeBehind(bench, flood, { latencyBudgetMs: 1_000 }), 1);
  });

  test(`FairQueue has one job of a kind start second behind ${flood} of another, without a budget`, () => {
    const bench = new FairBench({ isFair: true }).know(0, 5).know(1, 5);
    for (let i = 0; i < flood; i++) bench.push(0);
    bench.load.nowMs += 1;
    const one = bench.push(1);
    assert.equal(bench.drain().indexOf(one.id), 1);
  });
}

test("FairQueue has kinds take turns first, and keys within a kind", () => {
  const bench = new FairBench({ isFair: true }).know(0, 5).know(1, 5);
  for (let i = 0; i < 100; i++) bench.push(0, { key: `k${i}` });
  const one = bench.push(1, { key: "k0" });
  assert.equal(bench.drain().indexOf(one.id), 1);
});

test("FairQueue gives keys equal time, not equal numbers", () => {
  const bench = new FairBench({ isFair: true });
  for (const [cost, ms] of [[1, 1], [100, 10]]) {
    for (let i = 0; i < 50; i++) bench.model.learn({ index: 0 }, cost, ms, ms, 0);
  }
  const small = new Set<number>();
  for (let i = 0; i < 100; i++) {
    small.add(bench.push(0, { key: "small", computeCost: 1 }).id);
    bench.push(0, { key: "large", computeCost: 100 });
  }
  const first = bench.drain().slice(0, 55);
  const count = first.filter((id) => small.has(id)).length;
  assert.ok(count >= 45 && count <= 52, `${count} small ones`);
});

test("FairQueue charges a key for what its jobs have turned out to take", () => {
  const bench = new FairBench({ isFair: true }).know(0, 1);
  const long = new Set<number>();
  for (let i = 0; i < 100; i++) {
    long.add(bench.push(0, { key: "long" }).id);
    bench.push(0, { key: "short" });
  }
  let count = 0;
  for (let i = 0; i < 55; i++) {
    const call = bench.take()!;
    const isLong = long.has(call.facts.id);
    bench.queue.ran!(call, isLong ? 10 : 1);
    if (isLong) count++;
  }
  assert.ok(count >= 4 && count <= 8, `${count} long ones`);
});

test("FairQueue starts, of a key, what is due first, then what came first", () => {
  const bench = new FairBench({ isFair: true }).know(0, 1);
  const other = bench.push(0, { key: "b", latencyBudgetMs: 900 });
  const jobs = [900, 700, 800, 700].map((latencyBudgetMs) =>
    bench.push(0, { key: "a", latencyBudgetMs }).id
  );
  assert.deepEqual(
    bench.drain().filter((id) => id !== other.id),
    [jobs[1], jobs[3], jobs[2], jobs[0]],
  );
});

test("FairQueue starts a higher priority first, whatever its key has had", () => {
  for (const budget of [{}, { latencyBudgetMs: 900 }]) {
    const bench = new FairBench({ isFair: true }).know(0, 1);
    const low = bench.push(0, { ...budget, key: "b" });
    const high = Array.from(
      { length: 5 },
      () => bench.push(0, { ...budget, key: "a", priority: 6 }),
    );
    assert.deepEqual(bench.drain(), [...high, low].map(({ id }) => id));
  }
});

test("FairQueue has the flooding key step back, and no other", () => {
  const bench = new FairBench({ isFair: true }).know(0, 10);
  const flood = Array.from({ length: 50 }, () => bench.push(0, { key: "a", latencyBudgetMs: 100 }));
  const quiet = ["b", "c", "d"].map((key) => bench.push(0, { key, latencyBudgetMs: 100 }));
  const further = bench.job(0, { key: "a", latencyBudgetMs: 100 }).facts;
  assert.notEqual(bench.queue.outlook(further).place, "in_time");
  const place = bench.queue.outlook(bench.job(0, { key: "e", latencyBudgetMs: 100 }).facts).place;
  assert.equal(place, "in_time");
  const order = bench.drain();
  assert.equal(order.length, flood.length + quiet.length);
  assert.ok(quiet.every(({ id }) => order.indexOf(id) < 5), "each in its turn");
});

test("FairQueue tells a quiet key that it waits for few of a flood", () => {
  const bench = new FairBench({ isFair: true }).know(0, 5).know(1, 5);
  for (let i = 0; i < 100; i++) bench.push(0, { key: "a" });
  const first = bench.queue.outlook(bench.job(0, { key: "b" }).facts).waitMs;
  assert.equal(Math.round(first), 5);
  bench.push(0, { key: "b" });
  const wait = (kind: number, key: string) =>
    Math.round(bench.queue.outlook(bench.job(kind, { key }).facts).waitMs);
  assert.deepEqual([wait(0, "a"), wait(0, "b"), wait(0, "c")], [505, 15, 10]);
  bench.push(1); // from now on, there is a plan
  assert.deepEqual([wait(0, "a"), wait(0, "c"), wait(1, "c")], [510, 15, 15]);
});

test("FairQueue leaves keys as they come where the number of jobs alone counts", () => {
  const bench = new FairBench({ isFair: false }).know(0, 5);
  assert.equal(placeBehind(bench, 20), 20);
  const planned = new FairBench({ isFair: false }).know(0, 5);
  assert.equal(placeBehind(planned, 20, { latencyBudgetMs: 1_000 }), 20);
});

test("FairQueue is a plain list while all jobs are of one key", () => {
  const bench = new FairBench({ isFair: true }).know(0, 5);
  const [a, b] = [bench.push(0, { key: "a" }), bench.push(0, { key: "a" })];
  assert.ok(a.ticket.next === b);
  assert.equal(a.ticket.flow, null);
  bench.push(0, { key: "b" });
  assert.notEqual(a.ticket.flow, null);
  bench.drain();
  const c = bench.push(0, { key: "b" });
  assert.equal(c.ticket.flow, null, "none waited any more");
});

test("PriorityQueue gives back a call that has not run without a charge", () => {
  const bench = new FairBench();
  const queue = new PriorityQueue(500);
  const push = (key: string) => {
    const job = bench.job(0, { key });
    job.ticket.expectedMs = 5;
    queue.push(job, 0);
    return job;
  };
  const jobs = ["a", "b", "a", "b"].map(push);
  const take = () => {
    const call = queue.first!;
    queue.remove(call);
    queue.started(call);
    return call;
  };
  const first = take();
  assert.equal(first, jobs[0]);
  queue.putBack(first);
  assert.deepEqual([take(), take(), take(), take()].map(({ facts }) => facts.key), [
    "b",
    "a",
    "b",
    "a",
  ]);
});

test(
  "Turns remembers those of which none waits until they count no more, and at most 1,000",
  guarded,
  () => {
    const turns = new Turns<Flow>();
    const steady = turns.add(new Flow("steady"));
    turns.wait(steady, 1); // somebody always waits
    for (let i = 0; i < 1_000_000; i++) {
      const flow = turns.get(i) ?? turns.add(new Flow(i));
      turns.wait(flow, 1);
      turns.leave(flow, 1);
      turns.charge(flow, 1, true);
      if (i % 1_000 === 0) assert.ok(turns.known <= 1_002, `${turns.known}`);
    }
    assert.ok(turns.known <= 1_002);
    assert.equal(turns.count, 1);
  },
);

test("FairQueue holds nothing of a million keys that have come and gone", guarded, () => {
  for (const options of [{}, { latencyBudgetMs: 1_000 }]) {
    const bench = new FairBench({ isFair: true }).know(0, 0.1);
    const { queue } = bench;
    for (let i = 0; i < 20; i++) bench.push(0, { ...options, key: `k${i}` });
    for (let i = 20; i < 100_000; i++) {
      bench.push(0, { ...options, key: `k${i}` });
      bench.inFlight(0, -1);
      assert.notEqual(bench.take(), null);
    }
    assert.equal(queue.length, 20);
    bench.drain();
    const after = bench.push(0, { ...options, key: "a" });
    assert.equal(after.ticket.flow, null, "it begins anew");
    assert.ok(queue instanceof FairQueue);
  }
});
