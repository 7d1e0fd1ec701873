import assert from "node:assert/strict";
import { test } from "node:test";
import { type Knowledge, KnowledgeOf } from "../../../src/simulation/oracle/knowledge.ts";
import { COST_WORDS, type CostWord } from "../../../src/simulation/workload/cost_words.ts";
import { busyMsOf, type LabJob } from "../../../src/simulation/workload/lab_job.ts";
import type { WorkloadSpec } from "../../../src/simulation/workload/spec.ts";
import { createRandom } from "../../virtual/random.ts";
import { drawJobs, shipped, workloadOf } from "../workload/drawn_jobs.ts";

const DURATION_MS = 2_000;

/** What is known of one of a workload's jobs, or of one like it. */
function knownOf(workload: WorkloadSpec, word: CostWord, like: Partial<LabJob> = {}): Knowledge {
  const [job] = drawJobs({ workload, word, durationMs: DURATION_MS });
  return new KnowledgeOf(workload, word, DURATION_MS).of({ ...job, ...like });
}

function assertNear(actual: number, wanted: number, share = 0.02): void {
  assert.ok(Math.abs(actual - wanted) <= share * Math.abs(wanted), `${actual}, not ${wanted}`);
}

test("where the cost determines the time, it is known, changes included", () => {
  for (const word of Object.keys(COST_WORDS) as CostWord[]) {
    if (word === "none" || word === "noise") continue;
    const workload = shipped("latch");
    const knowledge = new KnowledgeOf(workload, word, DURATION_MS);
    for (const job of drawJobs({ workload, word, durationMs: DURATION_MS })) {
      const known = knowledge.of(job);
      assert.deepEqual([known.meanMs, known.variance], [busyMsOf(job), 0]);
    }
  }
  const known = knownOf(workloadOf([{ perSizeMs: 4 }]), "ms");
  assert.deepEqual([0, 0.5, 1].map((share) => known.quantileMs(share)), [4, 4, 4]);
  assert.deepEqual([3.9, 4, 5].map((ms) => known.shareWithin(ms)), [0, 1, 1]);
  assert.deepEqual([0, 1, 5].map((ms) => known.leftMs(ms)), [4, 3, 0]);
});

test("without a cost, what is known is how the kind is", () => {
  // 1 + 2 × size: evenly from 1 to 3 ms.
  const known = knownOf(
    workloadOf([{ fixedMs: 1, perSizeMs: 2, size: { type: "uniform", min: 0, max: 1 } }]),
    "none",
  );
  assertNear(known.meanMs, 2);
  assertNear(known.variance, 4 / 12);
  for (const share of [0.1, 0.5, 0.9]) assertNear(known.quantileMs(share), 1 + 2 * share);
  assert.ok(known.quantileMs(0) >= 1 && known.quantileMs(0) < 1.001);
  assert.ok(known.quantileMs(1) <= 3 && known.quantileMs(1) > 2.999);
  assert.deepEqual([0, 0.99, 3, 9].map((ms) => known.shareWithin(ms)), [0, 0, 1, 1]);
  for (const ms of [1.5, 2, 2.8]) assertNear(known.shareWithin(ms), (ms - 1) / 2);
  assertNear(known.leftMs(0), 2);
  assertNear(known.leftMs(0.5), 1.5);
  for (const ms of [1, 2, 2.9]) assertNear(known.leftMs(ms), (3 - ms) / 2, 0.05);
  assert.deepEqual([3, 10].map((ms) => known.leftMs(ms)), [0, 0]);
});

test("an exponential time has as much left whatever it has had", () => {
  const known = knownOf(workloadOf([{ size: { type: "exponential", mean: 5 } }]), "none");
  for (const hadMs of [0, 1, 5, 10]) assertNear(known.leftMs(hadMs), 5, 0.05);
  assertNear(known.variance, 25, 0.03);
});

test("a change that is under way counts, whatever is said", () => {
  const workload = workloadOf([{
    size: { type: "uniform", min: 1, max: 3 },
    changes: [{ from: 0.5, busyFactor: 10 }],
  }]);
  for (const word of ["none", "noise"] as const) {
    const before = knownOf(workload, word, { atMs: 0.4 * DURATION_MS });
    const after = knownOf(workload, word, { atMs: 0.6 * DURATION_MS });
    assertNear(after.meanMs, 10 * before.meanMs, 1e-9);
    assertNear(after.variance, 100 * before.variance, 1e-9);
    assertNear(after.quantileMs(0.7), 10 * before.quantileMs(0.7), 1e-9);
    assert.equal(after.shareWithin(20), before.shareWithin(2));
    assertNear(after.leftMs(15), 10 * before.leftMs(1.5), 1e-9);
  }
});

test("noise says that a time is within a tenth and ten times of it, and no more", () => {
  const workload = workloadOf([{ size: { type: "exponential", mean: 20 } }]);
  // All jobs whose costs say about 2 ms.
  const jobs = drawJobs({ workload, word: "noise", load: 20_000, durationMs: 100 });
  const alike = jobs.filter(({ cost }) => Math.abs(cost! * 5e-5 - 2) < 0.1).map(busyMsOf);
  assert.ok(alike.length > 1_000, `${alike.length}`);
  const known = knownOf(workload, "noise", { cost: 2 / 5e-5 });
  assert.ok(known.quantileMs(0) >= 0.2 && known.quantileMs(0) < 0.21);
  assert.ok(known.quantileMs(1) <= 20 && known.quantileMs(1) > 19.9);
  const mean = alike.reduce((sum, ms) => sum + ms, 0) / alike.length;
  const square = alike.reduce((sum, ms) => sum + ms * ms, 0) / alike.length;
  assertNear(known.meanMs, mean, 0.05);
  assertNear(known.variance, square - mean * mean, 0.1);
  alike.sort((a, b) => a - b);
  for (const share of [0.25, 0.5, 0.75]) {
    assertNear(known.quantileMs(share), alike[Math.floor(share * alike.length)], 0.08);
  }
  const within = alike.filter((ms) => ms <= 5).length / alike.length;
  assertNear(known.shareWithin(5), within, 0.08);
  const left = alike.filter((ms) => ms > 5).map((ms) => ms - 5);
  assertNear(known.leftMs(5), left.reduce((sum, ms) => sum + ms, 0) / left.length, 0.08);
});

test("times that are all the same are known, too", () => {
  const known = knownOf(workloadOf([{ perSizeMs: 4 }]), "none");
  assert.deepEqual([3.9, 4, 5].map((ms) => known.shareWithin(ms)), [0, 1, 1]);
  assert.deepEqual([0, 1, 4, 5].map((ms) => known.leftMs(ms)), [4, 3, 0, 0]);
  assert.equal(known.quantileMs(0.5), 4);
});

test("a cost that no time of its kind explains leaves the nearest one", () => {
  const workload = workloadOf([{ size: { type: "uniform", min: 1, max: 2 } }]);
  for (const [saidMs, nearMs] of [[0.01, 1], [1_000, 2]]) {
    const known = knownOf(workload, "noise", { cost: saidMs / 5e-5 });
    assertNear(known.meanMs, nearMs, 0.001);
    assert.ok(known.variance < 1e-6);
  }
});

test("of a wait, what is known is how the kind waits, and the whole of it is if it is told", () => {
  const waitMs = { type: "uniform", min: 4, max: 8 } as const;
  const workload = workloadOf([{ perSizeMs: 2, size: { type: "exponential", mean: 1 }, waitMs }]);
  const [job] = drawJobs({ workload, word: "none", durationMs: DURATION_MS });
  const known = new KnowledgeOf(workload, "none", DURATION_MS).elapsedOf(job);
  assertNear(known.meanMs, 6 + 2);
  assertNear(known.variance, 16 / 12 + 4, 0.03);
  const random = createRandom(5);
  const draws = Array.from(
    { length: 200_000 },
    () => 4 + 4 * random() - 2 * Math.log(1 - random()),
  );
  for (const ms of [5, 7, 9, 14]) {
    const beyond = draws.filter((draw) => draw > ms);
    assert.ok(Math.abs(known.shareWithin(ms) - (1 - beyond.length / draws.length)) < 0.01, `${ms}`);
    const leftMs = beyond.reduce((sum, draw) => sum + draw - ms, 0) / beyond.length;
    assertNear(known.leftMs(ms), leftMs, 0.03);
  }
  for (const share of [0.1, 0.5, 0.8]) {
    assertNear(known.shareWithin(known.quantileMs(share)), share);
  }
  assert.equal(known.shareWithin(3.9), 0);
  const told = new KnowledgeOf(workload, "right", DURATION_MS, true).elapsedOf(job);
  const wholeMs = job.waitMs + busyMsOf(job);
  assertNear(told.meanMs, wholeMs, 1e-9);
  assert.deepEqual([wholeMs - 0.01, wholeMs + 0.01].map((ms) => told.shareWithin(ms)), [0, 1]);
});
