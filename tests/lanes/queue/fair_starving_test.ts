// What keeps waiting, and what does not, while more and more comes.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Job } from "../../../src/job/job.ts";
import { FairBench } from "./fair_bench.ts";

/** Two jobs come for each one that starts, every 10 ms; returns after how many ms these do. */
function flood(bench: FairBench, jobs: readonly Job[], come: () => void, forMs = 30_000): number[] {
  const startedAtMs = jobs.map(() => Infinity);
  for (let ms = 0; ms < forMs; ms += 10) {
    bench.load.nowMs = ms;
    come();
    come();
    const place = jobs.indexOf(bench.take() as Job);
    if (place >= 0) startedAtMs[place] = ms;
    // A pool drops what is too late.
    for (const call of bench.queue.all()) {
      const { arrivedAtMs, latencyBudgetMs } = call.facts;
      if (arrivedAtMs + latencyBudgetMs < ms) bench.queue.remove(call);
    }
    if (startedAtMs.every((ms) => ms < Infinity)) break;
  }
  return startedAtMs;
}

test("FairQueue starts a job of the lowest priority in the end, whatever comes with the highest", () => {
  const bench = new FairBench({ ageingMs: 100 }).know(0, 10).know(1, 10);
  const patient = bench.push(0, { priority: 0 });
  const [ms] = flood(bench, [patient], () => void bench.push(1, { priority: 9 }));
  assert.ok(ms >= 900 && ms < 2_200, `${ms}`);
});

test("FairQueue has a job overtake those of its priority that are due earlier by no age", () => {
  const bench = new FairBench({ ageingMs: 100 }).know(0, 10).know(1, 10);
  const patient = bench.push(0, { latencyBudgetMs: 5_000 });
  const [ms] = flood(bench, [patient], () => void bench.push(1, { latencyBudgetMs: 15 }));
  assert.ok(ms >= 4_900, `${ms}`);
});

test("FairQueue starts a job without a budget in the end, whatever comes with one", () => {
  for (
    const [isFair, ownMs, hadMs] of [[false, 10, 0], [false, 200, 0], [true, 200, 1e6]] as const
  ) {
    const bench = new FairBench({ isFair, ageingMs: 100 }).know(0, ownMs).know(1, 10);
    const before = bench.job(0);
    before.ticket.expectedMs = hadMs;
    bench.queue.started(before);
    const patient = bench.push(0);
    const [ms] = flood(bench, [patient], () => void bench.push(1, { latencyBudgetMs: 25 }));
    assert.ok(ms <= 1_020, `${isFair}, ${ownMs} ms: after ${ms} ms`);
  }
});

test("FairQueue has no more of those that waited too long start than one in each ageingMs", () => {
  const bench = new FairBench({ ageingMs: 100 }).know(0, 200).know(1, 10);
  const patient = Array.from({ length: 20 }, () => bench.push(0));
  const starts = flood(bench, patient, () => void bench.push(1, { latencyBudgetMs: 25 }));
  assert.ok(starts[0] >= 1_000 && starts[0] <= 1_020, `${starts}`);
  starts.slice(1).forEach((ms, i) => {
    assert.ok(ms >= starts[i] + 100 && ms <= starts[i] + 130, `${starts}`);
  });
});

test("FairQueue has one that waited too long start as usual if it can", () => {
  const bench = new FairBench({ ageingMs: 100 }).know(0, 200).know(1, 10);
  const patient = [bench.push(0), bench.push(0)];
  const hasty = bench.push(1, { latencyBudgetMs: 25 });
  bench.load.nowMs = 1_000;
  assert.equal(bench.queue.remove(hasty), true);
  assert.equal(bench.ends[0], patient[0].id);
  assert.equal(bench.queue.remove(patient[0]), true);
  assert.deepEqual(bench.drain(), [patient[1].id]);
  assert.deepEqual(bench.ends, [undefined, undefined]);
});
