// What the queue of a pool tells of a job that comes, and what becomes of it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../../fixtures/property.ts";
import { createRandom } from "../../virtual/random.ts";
import { FairBench } from "./fair_bench.ts";

const outlookOf = (bench: FairBench, kind: number, latencyBudgetMs: number) => {
  const { waitMs, place } = bench.queue.outlook(bench.job(kind, { latencyBudgetMs }).facts);
  return [Math.round(waitMs), place];
};

test("FairQueue tells that a job is in time, may be, or is late", () => {
  const bench = new FairBench().know(0, 10).know(1, 2);
  assert.deepEqual(outlookOf(bench, 0, 11), [0, "in_time"]);
  assert.deepEqual(outlookOf(bench, 0, 10.1), [0, "doubtful"], "the margin is used up");
  assert.deepEqual(outlookOf(bench, 0, 9), [0, "late"]);
  bench.free = [15];
  assert.deepEqual(outlookOf(bench, 0, 24), [15, "late"]);
  assert.deepEqual(outlookOf(bench, 0, 26), [15, "in_time"]);
  for (let i = 0; i < 3; i++) bench.push(1, { latencyBudgetMs: 22 });
  assert.deepEqual(outlookOf(bench, 0, 30), [21, "late"]);
  assert.deepEqual(outlookOf(bench, 1, 23.1), [21, "doubtful"]);
  assert.deepEqual(outlookOf(bench, 1, 20), [15, "in_time"], "another one gives way");
});

test("FairQueue tells that a job is late whose budget no run has ever kept", () => {
  const bench = new FairBench();
  for (let i = 0; i < 50; i++) bench.know(0, i % 2 === 0 ? 10 : 100, 1);
  assert.deepEqual(outlookOf(bench, 0, 5), [0, "late"]);
  assert.deepEqual(outlookOf(bench, 0, 50), [0, "in_time"]);
  const [hopeless, hasty] = [5, 50].map((latencyBudgetMs) => bench.push(0, { latencyBudgetMs }));
  assert.deepEqual(bench.ends, [hasty.id, hopeless.id]);
});

test("FairQueue takes a job without a budget for late if it would wait long, in an overload alone", () => {
  const bench = new FairBench().know(0, 10);
  const outlook = () => bench.queue.outlook(bench.job(0).facts).place;
  for (let length = 0; length < 200; length++) {
    assert.equal(outlook(), "in_time", `${length}`);
    bench.push(0);
    if (length % 2 === 0) { // one of two starts
      bench.take();
      bench.load.nowMs += 10;
    }
  }
  const lengths: number[] = [];
  for (let i = 0; i < 1_000; i++) {
    bench.load.nowMs += 5;
    bench.push(0);
    if (i % 2 === 0) bench.take();
    if (outlook() === "late") lengths.push(bench.queue.length);
  }
  assert.ok(lengths.length > 0);
  assert.equal(outlook(), "late");
  const taken = [];
  while (outlook() === "late") taken.push(bench.take());
  // 10 ms, and four runs, are not too long; what has stepped back does not count.
  const started = taken.filter((call) => call?.ticket.isShed === false);
  assert.ok(started.length > 0 && started.length < 4, `${started.length}`);
  assert.ok(bench.queue.length > 100, `${bench.queue.length}`);
});

test("FairQueue is not changed by being asked for an outlook", () => {
  const bench = new FairBench().know(0, 10).know(1, 2);
  const jobs = [bench.push(0), bench.push(0)];
  for (let i = 0; i < 3; i++) outlookOf(bench, 1, 20);
  assert.equal(bench.queue.length, 2);
  assert.deepEqual(bench.drain(), jobs.map(({ id }) => id));
});

test("FairQueue puts a job that comes where its outlook said", () => {
  fc.assert(
    fc.property(fc.integer(), fc.boolean(), (seed, isFair) => {
      const random = createRandom(seed);
      const bench = new FairBench({ isFair }).know(0, 3).know(1, 10).know(2, 27).know(3, 60);
      bench.workers = 1 + Math.floor(2 * random());
      const lowest = bench.push(0, { priority: 0 }); // it is behind all that is planned
      for (let i = 0; i < 40; i++) {
        const job = bench.job(Math.floor(4 * random()), { latencyBudgetMs: 1 + 150 * random() });
        const { place } = bench.queue.outlook(job.facts);
        if (place === "late") continue;
        bench.queue.push(job, 0);
        const isPlanned = bench.aheadMs(job) < bench.aheadMs(lowest);
        assert.equal(isPlanned, place === "in_time", `job ${job.id} of ${bench.queue.length}`);
      }
    }),
    runs(200),
  );
});
