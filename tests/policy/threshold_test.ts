import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  InvalidOptionError,
  type JobFacts,
  type Load,
  type Prediction,
  thresholdPolicy,
} from "../../mod.ts";
import { runs } from "../fixtures/property.ts";

interface Kind {
  readonly batchable?: boolean;
  readonly hasModule?: boolean;
}

function jobOf(computeCost: number, scalingPotential: number, kind: Kind = {}): JobFacts {
  return {
    id: 1,
    kind: { name: "k", index: 0, batchable: false, hasModule: true, ...kind },
    computeCost,
    scalingPotential,
    latencyBudgetMs: 100,
    priority: 5,
    key: "",
    submittedAtMs: 0,
    arrivedAtMs: 0,
  };
}

/** A model that knows what is given. */
function modelOf(known: Partial<Prediction>): Load["model"] {
  const nothing = {
    ...{ typicalMs: NaN, highMs: NaN, samples: 0, runs: 8, ageMs: NaN, error: NaN },
    ...{ postMs: NaN, busyMs: NaN, busyMedianMs: NaN, busyTypicalMs: NaN, isAsync: false },
  };
  const predict = () => ({ ...nothing, probeAtMs: Infinity, ...known });
  return { predict, needsMs: () => NaN, leftMs: () => NaN };
}

/** A model that predicts slow runs of so many ms. */
function slowRuns(highMs: number): Load["model"] {
  return modelOf({ highMs });
}

/** Every worker busy, everything else empty. */
const calm: Load = {
  nowMs: 0,
  inFlight: 4,
  waitingForRoom: 0,
  cpuParallelism: 4,
  poolOpen: true,
  workersStarting: 0,
  workersReady: 4,
  poolRunning: 4,
  poolWaiting: 0,
  poolCapacity: 512,
  poolWorkMs: 0,
  batchWaiting: 0,
  spawnRunning: 64,
  spawnWaiting: 0,
  spawnCapacity: 1_024,
  spawnWorkMs: 0,
  inlineSliceMs: 8,
  inlineTurnMs: 0,
  loopLagMs: 0,
  loopLagMeanMs: 0,
  loopUtilization: 0,
  model: slowRuns(NaN),
  draw: () => 0.5,
  inFlightOf: () => NaN,
  aheadMs: () => NaN,
  leftMs: () => NaN,
  lastOf: () => undefined,
  outlook: () => ({ waitMs: NaN, place: "in_time" }),
  batchOf: () => assert.fail("it goes by hints alone"),
};
const full: Load = { ...calm, poolWaiting: 512 };
const gatheringFull: Load = { ...calm, poolWaiting: 500, batchWaiting: 12 };
const almostFull: Load = { ...calm, poolWaiting: 500, batchWaiting: 11 };
const slow: Load = { ...calm, poolWaiting: 8, poolWorkMs: 320.1 }; // 4 workers, 80 of 100 ms
const almostSlow: Load = { ...calm, poolWaiting: 8, poolWorkMs: 320 };
const waiting60Ms: Load = { ...calm, poolWaiting: 8, poolWorkMs: 240 };
const unknown: Load = { ...calm, poolWaiting: 8, poolWorkMs: NaN };
const lost: Load = { ...calm, poolOpen: false };
const spawnFull: Load = { ...calm, spawnWaiting: 1_024 };
const allFull: Load = { ...spawnFull, poolWaiting: 512 };
const lostAndFull: Load = { ...spawnFull, poolOpen: false };

const here: Kind = { hasModule: false };
const batched: Kind = { batchable: true };
const batchedHere: Kind = { batchable: true, hasModule: false };

const table: readonly (readonly [JobFacts, Load, string])[] = [
  // tiny and not scaling
  [jobOf(0, 0), calm, "inline tiny"],
  [jobOf(8_000, 0.79), calm, "inline tiny"],
  [jobOf(8_000, 0.79, batched), calm, "inline tiny"],
  [jobOf(8_000, 0.79, here), calm, "inline tiny"],
  [jobOf(8_000, 0.79), allFull, "inline tiny"],
  [jobOf(8_000, 0.79), lostAndFull, "inline tiny"],
  // medium and not scaling
  [jobOf(8_001, 0), calm, "spawn medium"],
  [jobOf(60_000, 0.64), calm, "spawn medium"],
  [jobOf(60_000, 0.64, here), calm, "spawn medium"],
  [jobOf(60_000, 0.64, batched), calm, "spawn medium"],
  [jobOf(60_000, 0.64), full, "spawn medium"],
  [jobOf(60_000, 0.64), spawnFull, "spawn medium"], // the lane itself overflows to the pool
  // scaling, with a runBatch
  [jobOf(0, 0.8, batched), calm, "batch scales"],
  [jobOf(8_001, 0.7, batched), calm, "batch scales"],
  [jobOf(60_001, 0.7, batched), calm, "batch scales"],
  [jobOf(NaN, 0.7, batched), calm, "batch scales"],
  [jobOf(60_001, 0.7, batched), almostFull, "batch scales"],
  [jobOf(60_001, 0.7, batchedHere), calm, "batch scales"],
  [jobOf(60_001, 0.7, batchedHere), full, "batch scales"],
  // the pool
  [jobOf(0, 0.8), calm, "cpu_pool pays_off"],
  [jobOf(8_000, 1), calm, "cpu_pool pays_off"],
  [jobOf(8_001, 0.65), calm, "cpu_pool pays_off"],
  [jobOf(60_000, 0.65, batched), calm, "cpu_pool pays_off"],
  [jobOf(60_001, 0), calm, "cpu_pool heavy"],
  [jobOf(60_001, 0.69, batched), calm, "cpu_pool heavy"],
  [jobOf(60_001, 1), calm, "cpu_pool heavy"],
  [jobOf(NaN, 0), calm, "cpu_pool unknown_cost"],
  [jobOf(NaN, 1), calm, "cpu_pool unknown_cost"],
  // what does not saturate it
  [jobOf(60_001, 0), almostFull, "cpu_pool heavy"],
  [jobOf(60_001, 0), almostSlow, "cpu_pool heavy"],
  [jobOf(60_001, 0), unknown, "cpu_pool heavy"],
  [jobOf(60_001, 0), spawnFull, "cpu_pool heavy"],
  [jobOf(60_001, 0), { ...calm, model: slowRuns(500) }, "cpu_pool heavy"],
  [jobOf(60_001, 0), { ...waiting60Ms, model: slowRuns(20) }, "cpu_pool heavy"],
  [jobOf(60_001, 0), { ...waiting60Ms, model: slowRuns(20.1) }, "backpressure_drop pool_saturated"],
  [{ ...jobOf(60_001, 0), latencyBudgetMs: Infinity }, slow, "cpu_pool heavy"],
  // saturated: tiny inline, medium spawned, the rest dropped
  [jobOf(8_000, 0.8), full, "inline tiny_pool_saturated"],
  [jobOf(8_000, 0.8), gatheringFull, "inline tiny_pool_saturated"],
  [jobOf(8_000, 0.8), slow, "inline tiny_pool_saturated"],
  [jobOf(8_000, 0.8, batched), full, "inline tiny_pool_saturated"],
  [jobOf(8_000, 0.8), allFull, "inline tiny_pool_saturated"],
  [jobOf(8_001, 0.65), full, "spawn medium_pool_saturated"],
  [jobOf(60_000, 0.9, batched), gatheringFull, "spawn medium_pool_saturated"],
  [jobOf(60_000, 0.9), slow, "spawn medium_pool_saturated"],
  [jobOf(60_000, 0.9), allFull, "backpressure_drop pool_saturated"],
  [jobOf(60_001, 0), full, "backpressure_drop pool_saturated"],
  [jobOf(60_001, 0), gatheringFull, "backpressure_drop pool_saturated"],
  [jobOf(60_001, 0), slow, "backpressure_drop pool_saturated"],
  [jobOf(60_001, 1, batched), full, "backpressure_drop pool_saturated"],
  [jobOf(NaN, 0), full, "backpressure_drop pool_saturated"],
  [jobOf(NaN, 0), slow, "backpressure_drop pool_saturated"],
  // closed
  [jobOf(8_000, 0.8), lost, "inline tiny_pool_saturated"],
  [jobOf(60_000, 0.8), lost, "spawn medium_pool_saturated"],
  [jobOf(60_000, 0.8), lostAndFull, "backpressure_drop workers_lost"],
  [jobOf(60_001, 0), lost, "backpressure_drop workers_lost"],
  [jobOf(60_001, 1, batched), lost, "backpressure_drop workers_lost"],
  [jobOf(NaN, 0), lost, "backpressure_drop workers_lost"],
  // no module: never the pool, whatever its state
  [jobOf(8_000, 0.8, here), calm, "inline tiny"],
  [jobOf(60_000, 0.9, here), full, "spawn no_module"],
  [jobOf(60_001, 0, here), lost, "spawn no_module"],
  [jobOf(NaN, 0, here), calm, "spawn no_module"],
  [jobOf(8_000, 0.8, here), spawnFull, "inline tiny"],
  [jobOf(8_000, 0.8, batchedHere), spawnFull, "inline tiny"],
  [jobOf(8_001, 0.9, here), spawnFull, "backpressure_drop lane_full"],
  [jobOf(60_001, 0, here), spawnFull, "backpressure_drop lane_full"],
  [jobOf(60_001, 1, batchedHere), spawnFull, "backpressure_drop lane_full"],
  [jobOf(NaN, 0, here), spawnFull, "backpressure_drop lane_full"],
];

test("thresholdPolicy() decides by the table", () => {
  const policy = thresholdPolicy();
  for (const [job, load, expected] of table) {
    const { strategy, reason } = policy.decide(job, load);
    assert.equal(`${strategy} ${reason}`, expected, JSON.stringify({ job, load }));
  }
});

test("thresholdPolicy() shares its decisions and changes nothing", () => {
  const policy = thresholdPolicy();
  for (const [job, load] of table) {
    const [jobBefore, loadBefore] = [structuredClone(job), { ...load }];
    const decision = policy.decide(job, load);
    assert.equal(policy.decide(job, load), decision);
    assert.ok(Object.isFrozen(decision));
    assert.deepEqual([job, load], [jobBefore, loadBefore]);
  }
});

test("thresholdPolicy() takes every threshold from its options", () => {
  const policy = thresholdPolicy({
    inlineThreshold: 10,
    spawnThreshold: 20,
    inlineScalingLimit: 0.1,
    spawnScalingLimit: 0.2,
    batchScalingThreshold: 0.3,
  });
  const story = (cost: number, scaling: number, kind?: Kind) =>
    Object.values(policy.decide(jobOf(cost, scaling, kind), calm)).join(" ");
  assert.equal(story(10, 0.09), "inline tiny");
  assert.equal(story(10, 0.1), "spawn medium");
  assert.equal(story(11, 0.09), "spawn medium");
  assert.equal(story(20, 0.19), "spawn medium");
  assert.equal(story(20, 0.2), "cpu_pool pays_off");
  assert.equal(story(21, 0), "cpu_pool heavy");
  assert.equal(story(21, 0.29, batched), "cpu_pool heavy");
  assert.equal(story(21, 0.3, batched), "batch scales");
  assert.equal(thresholdPolicy({ inlineThreshold: 5, spawnThreshold: 5 }).name, "threshold");
  assert.equal(
    thresholdPolicy({ inlineThreshold: 0 }).decide(jobOf(0, 0), calm).strategy,
    "inline",
  );
});

test("thresholdPolicy() refuses options out of range, by name", () => {
  const wrong: [string, unknown, RegExp][] = [
    ["inlineThreshold", -1, /"inlineThreshold" must be a finite number >= 0: received -1$/],
    ["inlineThreshold", NaN, /received NaN$/],
    ["inlineThreshold", Infinity, /received Infinity$/],
    ["inlineThreshold", "8000", /received "8000"$/],
    [
      "inlineThreshold",
      60_001,
      /"spawnThreshold" must be a finite number >= 60001: received 60000$/,
    ],
    ["spawnThreshold", 7_999, /"spawnThreshold" must be a finite number >= 8000: received 7999$/],
    ["spawnThreshold", NaN, /received NaN$/],
    ["inlineScalingLimit", -0.1, /"inlineScalingLimit" must be a number from 0 to 1/],
    ["inlineScalingLimit", 1.1, /received 1.1$/],
    ["spawnScalingLimit", NaN, /"spawnScalingLimit" must be a number from 0 to 1/],
    ["spawnScalingLimit", null, /received null$/],
    ["batchScalingThreshold", 2, /"batchScalingThreshold" must be a number from 0 to 1/],
    [
      "inlineTreshold",
      5,
      /"inlineTreshold" must be one of the options\. .* inlineThreshold, spawnThreshold, .*: received 5$/,
    ],
  ];
  for (const [option, value, message] of wrong) {
    assert.throws(() => thresholdPolicy({ [option]: value }), (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.match(error.message, message);
      return true;
    });
  }
});

test("thresholdPolicy() never drops a tiny job for a busy pool, nor runs a heavy one inline", () => {
  const policy = thresholdPolicy();
  const jobs = fc.record({
    cost: fc.oneof(fc.constantFrom(NaN, 0, 8_000, 8_001, 60_000, 60_001), fc.nat(100_000)),
    scaling: fc.double({ min: 0, max: 1, noNaN: true }),
    batchable: fc.boolean(),
    hasModule: fc.boolean(),
  });
  const loads = fc.record({
    poolOpen: fc.boolean(),
    poolWaiting: fc.constantFrom(0, 1, 511, 512),
    batchWaiting: fc.constantFrom(0, 1, 8),
    poolWorkMs: fc.constantFrom(0, 399, 401, NaN),
    spawnWaiting: fc.constantFrom(0, 1_023, 1_024),
  });
  fc.assert(
    fc.property(jobs, loads, ({ cost, scaling, ...kind }, part) => {
      const load = { ...calm, ...part };
      const { strategy } = policy.decide(jobOf(cost, scaling, kind), load);
      if (cost <= 8_000) assert.notEqual(strategy, "backpressure_drop");
      else assert.notEqual(strategy, "inline");
      if (strategy === "batch") assert.ok(kind.batchable);
      if (strategy !== "cpu_pool" && strategy !== "batch") return;
      const isFull = load.poolWaiting + load.batchWaiting >= 512;
      if (kind.hasModule) assert.ok(load.poolOpen && !isFull);
      else assert.equal(strategy, "batch");
    }),
    runs(2_000),
  );
});

test("thresholdPolicy keeps from this thread what blocks it for longer than a slice", () => {
  const { decide } = thresholdPolicy();
  const word = (job: JobFacts, load: Load) => {
    const { strategy, reason } = decide(job, load);
    return `${strategy} ${reason}`;
  };
  const long = modelOf({ busyMs: 8.1 });
  for (const cost of [1, 10_000]) {
    const job = jobOf(cost, 0);
    assert.equal(word(job, { ...calm, model: long }), "cpu_pool occupies_thread");
    assert.notEqual(
      word(job, { ...calm, model: modelOf({ busyMs: 8 }) }).split(" ")[0],
      "cpu_pool",
    );
    assert.equal(word(job, { ...full, model: long }), "backpressure_drop pool_saturated");
    assert.notEqual(word(job, { ...lost, model: long }).split(" ")[0], "backpressure_drop");
  }
  assert.equal(word(jobOf(1, 0, here), { ...calm, model: long }), "inline tiny");
  assert.equal(word(jobOf(10_000, 0, here), { ...calm, model: long }), "spawn medium");
  assert.equal(word(jobOf(70_000, 0), { ...calm, model: long }), "cpu_pool heavy");
});

test("thresholdPolicy lets a job test an estimate that no run has confirmed", () => {
  const { decide } = thresholdPolicy();
  const slowAt = (probeAtMs: number): Load => ({
    ...waiting60Ms,
    nowMs: 1_000,
    model: modelOf({ highMs: 30, probeAtMs }),
  });
  const heavy = jobOf(70_000, 0);
  assert.equal(decide(heavy, slowAt(1_000.1)).reason, "pool_saturated");
  assert.deepEqual(decide(heavy, slowAt(1_000)), {
    ...{ strategy: "cpu_pool", reason: "probe", isProbe: true },
  });
  const hopeless: Load = { ...slowAt(0), poolWorkMs: 330 };
  assert.equal(decide(heavy, hopeless).reason, "pool_saturated", "the wait alone is too long");
  assert.equal(decide(heavy, { ...slowAt(0), poolWaiting: 512 }).reason, "pool_saturated");
});

test("thresholdPolicy takes a pool as full only if its free workers have been counted", () => {
  const { decide } = thresholdPolicy();
  const cold: Load = { ...calm, poolRunning: 0, poolCapacity: 2 };
  const heavy = jobOf(70_000, 0);
  assert.equal(decide(heavy, { ...cold, poolWaiting: 5 }).strategy, "cpu_pool");
  assert.equal(decide(heavy, { ...cold, poolWaiting: 6 }).reason, "pool_saturated");
});
