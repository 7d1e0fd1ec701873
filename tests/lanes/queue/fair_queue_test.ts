// In which order the calls of a pool start.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BatchCall } from "../../../src/lanes/batch_call.ts";
import { PriorityQueue } from "../../../src/lanes/queue/priority_queue.ts";
import { runs } from "../../fixtures/property.ts";
import { FairBench } from "./fair_bench.ts";

const move = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("push" as const), level: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("take" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("putBack" as const), place: fc.nat(9) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.nat(400) }) },
);

test("FairQueue is a list by priority and arrival while all are of one kind, without budgets", () => {
  fc.assert(
    fc.property(fc.array(move, { maxLength: 100, size: "max" }), (plan) => {
      const [bench, twin] = [new FairBench({ ageingMs: 100 }), new FairBench()];
      bench.know(0, 5);
      const list = new PriorityQueue(100);
      const out: [ReturnType<FairBench["job"]>, ReturnType<FairBench["job"]>][] = [];
      const twins = new Map<unknown, ReturnType<FairBench["job"]>>();
      const takeBoth = () => {
        const [call, other] = [bench.take(), list.first];
        assert.equal(call?.facts.id, other?.facts.id);
        if (call === null) return false;
        list.remove(other!);
        out.push([call as never, other as never]);
        return true;
      };
      for (const step of plan) {
        if (step.do === "wait") bench.load.nowMs += step.ms;
        else if (step.do === "push") {
          const call = bench.push(0, { priority: step.level });
          const other = twin.job(0, { priority: step.level });
          twins.set(call, other);
          list.push(other, bench.load.nowMs);
        } else if (step.do === "take") takeBoth();
        else {
          const [back] = out.splice(step.place, 1);
          if (back === undefined) continue;
          bench.queue.putBack(back[0]);
          list.putBack(back[1]);
        }
        assert.equal(bench.queue.length, list.length);
        assert.equal(bench.queue.last?.facts.id, list.last?.facts.id);
      }
      while (takeBoth());
    }),
    runs(200),
  );
});

test("FairQueue has those of a second kind start when they are due", () => {
  const bench = new FairBench().know(0, 100).know(1, 1);
  const [a, b] = [bench.push(0), bench.push(0)];
  const c = bench.push(1); // due in 15 ms, the others in 510 ms
  assert.deepEqual(bench.drain(), [c.id, a.id, b.id]);
  assert.equal(bench.queue.length, 0);
});

test("FairQueue is a list again once it was empty", () => {
  const bench = new FairBench().know(0, 10).know(1, 1);
  bench.push(0);
  const hasty = bench.push(1, { latencyBudgetMs: 20 });
  assert.equal(bench.take()?.facts.id, hasty.id);
  assert.notEqual(bench.take(), null);
  const [a, b] = [bench.push(0), bench.push(0)];
  assert.ok(a.ticket.next === b, "a list");
  assert.deepEqual(bench.drain(), [a.id, b.id]);
});

test("FairQueue starts what is due first, as long as all are in time", () => {
  const bench = new FairBench().know(0, 5);
  const jobs = [90, 40, 120, 60, 200].map((latencyBudgetMs) => bench.push(0, { latencyBudgetMs }));
  assert.deepEqual(bench.drain(), [1, 3, 0, 2, 4].map((place) => jobs[place].id));
});

test("FairQueue starts a higher priority first, whatever is due", () => {
  const bench = new FairBench().know(0, 5);
  const low = bench.push(0, { latencyBudgetMs: 50, priority: 4 });
  const high = bench.push(0, { latencyBudgetMs: 500, priority: 6 });
  const patient = bench.push(0, { priority: 6 });
  assert.deepEqual(bench.drain(), [patient.id, high.id, low.id]);
});

test("FairQueue has the largest wait until no other does", () => {
  const bench = new FairBench().know(0, 5).know(1, 40);
  const large = bench.push(1, { latencyBudgetMs: 100 });
  const small = Array.from({ length: 8 }, () => bench.push(0, { latencyBudgetMs: 100 }));
  assert.equal(bench.ends[0], large.id, "both can be in time");
  const more = Array.from({ length: 8 }, () => bench.push(0, { latencyBudgetMs: 100 }));
  assert.equal(bench.ends[1], large.id);
  assert.equal(bench.queue.length, 17);
  assert.equal(bench.take()?.facts.id, small[0].id);
  assert.equal(bench.queue.remove(small[1]), true);
  assert.deepEqual(bench.drain(), [...small.slice(2), ...more, large].map(({ id }) => id));
});

test("FairQueue starts the shortest first of those that have stepped back", () => {
  const bench = new FairBench().know(0, 30).know(1, 20).know(2, 10);
  const jobs = [0, 1, 2].map((kind) => bench.push(kind, { latencyBudgetMs: 12 }));
  assert.deepEqual(bench.drain(), jobs.toReversed().map(({ id }) => id));
});

test("FairQueue has a call step back that has come too late to be in time", () => {
  const bench = new FairBench().know(0, 10).know(1, 10);
  const hasty = bench.push(0, { latencyBudgetMs: 50 });
  const calm = bench.push(1, { latencyBudgetMs: 100 });
  bench.load.nowMs = 45; // 5 ms are left, but may be enough for some
  for (let i = 0; i < 25; i++) bench.model.learn(hasty.kind, NaN, 2, 2, 45);
  assert.equal(bench.ends[0], calm.id);
});

test("FairQueue gives out what is hopeless, so that it is dropped", () => {
  const bench = new FairBench().know(0, 10).know(1, 10);
  const hasty = bench.push(0, { latencyBudgetMs: 50 });
  bench.push(1, { latencyBudgetMs: 100 });
  bench.load.nowMs = 45;
  assert.equal(bench.ends[0], hasty.id);
});

test("FairQueue starts a probe before all others of its level", () => {
  const bench = new FairBench().know(0, 10).know(1, 1);
  const due = bench.push(1, { latencyBudgetMs: 15 });
  const slow = bench.push(0, { latencyBudgetMs: 60 });
  const probe = bench.job(0, { latencyBudgetMs: 5 });
  probe.isProbe = true;
  bench.queue.push(probe, 0);
  const high = bench.push(0, { priority: 9 });
  assert.deepEqual(bench.drain(), [high, probe, due, slow].map(({ id }) => id));
});

test("FairQueue weighs a batch by its jobs", () => {
  const bench = new FairBench().know(0, 10).know(1, 30);
  const batchOf = (latencyBudgetMs: number) => {
    const batch = new BatchCall(bench.job(0, { latencyBudgetMs }));
    for (let i = 0; i < 4; i++) batch.add(bench.job(0, { latencyBudgetMs }));
    bench.queue.push(batch, 0);
    return batch.facts.id;
  };
  const batch = batchOf(100);
  const single = bench.push(1, { latencyBudgetMs: 105 });
  assert.equal(bench.aheadMs(single), 50);
  assert.deepEqual(bench.ends, [batch, single.id]);
  const other = bench.push(1, { latencyBudgetMs: 95 });
  assert.deepEqual(bench.ends, [other.id, batch], "it is the largest");
  assert.deepEqual([bench.queue.length, bench.queue.all().length], [3, 3]);
  const late = batchOf(109); // it would start in time if it were a single job
  assert.deepEqual(bench.drain(), [other.id, single.id, batch, late]);
});

test("FairQueue gives a call that is put back its place again", () => {
  const bench = new FairBench({ ageingMs: 100 }).know(0, 5).know(1, 5);
  const jobs = [0, 1, 0, 1].map((kind) => bench.push(kind));
  const [a, b] = [bench.take()!, bench.take()!];
  bench.load.nowMs = 50;
  bench.queue.putBack(b);
  bench.queue.putBack(a);
  assert.equal(b.ticket.queuedAtMs, 0);
  assert.deepEqual(bench.drain(), jobs.map(({ id }) => id));
  const handed = bench.job(0); // it has never been in it
  bench.queue.putBack(handed);
  assert.deepEqual([handed.ticket.queuedAtMs, bench.ends[0]], [50, handed.id]);
});

test("FairQueue tells what is ahead of a call, planned or stepped back, and of one that comes", () => {
  const bench = new FairBench().know(0, 10).know(1, 40);
  const large = bench.push(1, { latencyBudgetMs: 60 });
  const jobs = [70, 50, 60].map((latencyBudgetMs) => bench.push(0, { latencyBudgetMs }));
  assert.equal(bench.ends[1], large.id);
  assert.deepEqual(jobs.map((job) => bench.aheadMs(job)), [20, 0, 10]);
  assert.equal(bench.aheadMs(large), 30, "it starts last");
  const larger = bench.push(1, { latencyBudgetMs: 45 });
  assert.equal(bench.aheadMs(larger), 70);
  assert.equal(bench.aheadMs(bench.job(0, { latencyBudgetMs: 65 })), 20);
  assert.equal(bench.aheadMs(bench.job(0, { latencyBudgetMs: 65, priority: 9 })), 0);
  assert.equal(bench.aheadMs(bench.job(0, { latencyBudgetMs: 65, priority: 1 })), 30);
});

test("FairQueue has classes that have had less go before those that had most", () => {
  for (const greedy of [0, 1]) {
    const bench = new FairBench({ isFair: true }).know(0, 10).know(1, 12);
    bench.know(2, 10);
    for (let i = 0; i < 9; i++) {
      bench.push(greedy, { latencyBudgetMs: 30 });
      bench.take();
    }
    const jobs = [0, 1].map((kind) => bench.push(kind, { latencyBudgetMs: 30 }));
    const late = bench.push(2, { latencyBudgetMs: 20 }); // it is due first, and takes the time of one
    const [modest, other] = greedy === 0 ? jobs.toReversed() : jobs;
    assert.deepEqual(bench.drain(), [late.id, modest.id, other.id]);
  }
});

test("FairQueue sees how busy the workers are when a call comes", () => {
  for (const [busyMs, isPlanned] of [[0, true], [31, false]] as const) {
    const bench = new FairBench().know(0, 10).know(1, 20);
    const large = bench.push(1, { latencyBudgetMs: 60 });
    bench.free = [busyMs];
    const small = bench.push(0, { latencyBudgetMs: 61 });
    assert.deepEqual(bench.drain(), isPlanned ? [large.id, small.id] : [small.id, large.id]);
  }
});
