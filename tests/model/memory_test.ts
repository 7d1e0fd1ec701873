// What is learned of a kind takes so much memory, and no more, whatever comes.
import assert from "node:assert/strict";
import { test } from "node:test";
import { guarded } from "../fixtures/until.ts";
import process from "node:process";
import { adaptivePolicy } from "../../mod.ts";
import { RunTimeModel } from "../../src/model/model.ts";
import { hasReturned, sampleMemory, uncheckedReason } from "../chaos/memory.ts";
import { FairBench } from "../lanes/queue/fair_bench.ts";
import { createRandom } from "../virtual/random.ts";

const DECISIONS = process.env.HELIX_LONG === "1" ? 10_000_000 : 200_000;
const kind = { index: 0 };

/** Saved bins of all octaves, and the most that one has. */
function sizesOf(model: RunTimeModel): { octaves: number; bins: number } {
  const [{ run, busy }] = model.save(["k"], 0);
  const octaves = [...run.octaves, ...busy?.octaves ?? []];
  return {
    octaves: octaves.length,
    bins: Math.max(...octaves.map(([, , spread]) => spread.length)),
  };
}

test("RunTimeModel has at most 82 places for the costs of a kind, and 128 for times at each", () => {
  const random = createRandom(1);
  const model = new RunTimeModel(1);
  const learn = (count: number) => {
    for (let i = 0; i < count; i++) {
      const cost = random() < 0.02 ? NaN : 2 ** (120 * random() - 50);
      const ms = 2 ** (60 * random() - 30);
      model.learn(kind, cost, ms, ms * random(), i);
    }
  };
  learn(20_000);
  const { octaves } = sizesOf(model);
  assert.ok(octaves > 100 && octaves <= 2 * 82, `${octaves}`);
  learn(100_000);
  assert.ok(sizesOf(model).octaves <= 2 * 82);
  assert.ok(sizesOf(model).bins <= 128);
});

test("RunTimeModel predicts numbers, whatever costs and times it was given", () => {
  const random = createRandom(2);
  const model = new RunTimeModel(1);
  const costs = [NaN, 0, 5e-324, 1e-12, 1, 1e15, 1e300, Number.MAX_VALUE];
  const times = [0, 5e-324, 1e-9, 1, 1e9, 1e15];
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];
  for (let i = 0; i < 20_000; i++) {
    const [cost, ms] = [one(costs), one(times)];
    if (i % 50 === 7) model.endProbe(kind, cost, { runMs: ms, busyMs: ms, isQuick: true }, i);
    else if (i % 50 === 8) model.learnAtLeast(kind, cost, ms);
    else model.learn(kind, cost, ms, Math.min(ms, one(times)), i);
    const asked = one(costs);
    const { typicalMs, highMs, busyMs, busyTypicalMs, busyMedianMs } = model.predict(kind, asked);
    const figures = { typicalMs, highMs, busyTypicalMs, busyMedianMs };
    const within = one(times);
    const more = {
      needs: model.needsMs(kind, asked, within),
      left: model.leftMs(kind, asked, within),
      share: model.shareWithin(kind, asked, within),
      variance: model.variance(kind, asked),
    };
    for (const [name, figure] of Object.entries({ ...figures, ...more })) {
      assert.ok(figure >= 0, `${name} is ${figure} after ${i} runs, at ${asked}, within ${within}`);
    }
    assert.ok(!(busyMs < 0), `${busyMs}`); // after a single run, it is not known
    assert.ok(more.share <= 1 + 1e-9, `${more.share}`);
    if (i % 500 > 0) continue;
    const saved = JSON.parse(JSON.stringify(model.save(["k"], i)));
    assert.ok(new RunTimeModel(1).load(saved, ["k"], i), `after ${i} runs`);
  }
});

test("decisions leave nothing behind on the heap", guarded, async (t) => {
  const policy = adaptivePolicy();
  const random = createRandom(3);
  const bench = new FairBench({ isFair: true });
  bench.workers = 4;
  const decide = (count: number) => {
    for (let i = 0; i < count; i++) {
      const job = bench.job(Math.floor(4 * random()), {
        computeCost: 2 ** (80 * random() - 30),
        ...random() < 0.3 ? {} : { latencyBudgetMs: 2 ** (16 * random()) },
      });
      const { strategy } = policy.decide(job.facts, bench.load);
      if (strategy === "cpu_pool") bench.queue.push(job, bench.load.nowMs);
      if (bench.queue.length > 100) bench.take();
      const ms = 2 ** (20 * random() - 10);
      if (i % 4 === 0) bench.model.learn(job.kind, job.facts.computeCost, ms, ms, bench.load.nowMs);
      bench.inFlight(job.kind.index, -1);
      bench.load.nowMs += random();
    }
  };
  decide(20_000);
  const before = await sampleMemory();
  decide(DECISIONS);
  const after = await sampleMemory();
  const returned = hasReturned(before, after);
  if (returned === undefined) return t.skip(uncheckedReason());
  assert.ok(returned, `${before.heapBytes} bytes grew to ${after.heapBytes}`);
});
