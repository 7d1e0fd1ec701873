// What the adaptive policy decides, of a job, a prediction and a load.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  adaptivePolicy,
  type BatchOutlook,
  InvalidOptionError,
  type JobFacts,
  type Load,
  type Outlook,
  type Prediction,
} from "../../mod.ts";
import { runs } from "../fixtures/property.ts";

interface Facts {
  readonly batchable?: boolean;
  readonly hasModule?: boolean;
  readonly scaling?: number;
  readonly budgetMs?: number;
}

function jobOf(
  { batchable = false, hasModule = true, scaling = 0, budgetMs = 100 }: Facts,
): JobFacts {
  return {
    id: 1,
    kind: { name: "k", index: 0, batchable, hasModule },
    computeCost: NaN,
    scalingPotential: scaling,
    latencyBudgetMs: budgetMs,
    priority: 5,
    key: "",
    submittedAtMs: 1_000,
    arrivedAtMs: 1_000,
  };
}

const NOTHING: Prediction = {
  ...{ typicalMs: NaN, highMs: NaN, samples: 0, runs: 8, ageMs: NaN, error: NaN, postMs: NaN },
  ...{ busyMs: NaN, busyMedianMs: NaN, busyTypicalMs: NaN, isAsync: false, probeAtMs: 0 },
};

/** What is known of runs that keep their thread busy all the time. */
function blocking(ms: number, known: Partial<Prediction> = {}): Prediction {
  const busy = { busyMs: ms, busyMedianMs: ms, busyTypicalMs: ms };
  return { ...NOTHING, typicalMs: ms, highMs: ms, samples: 8, ageMs: 0, ...busy, ...known };
}

/** Of runs that take so long, and keep their thread busy for less. */
function waiting(ms: number, busyMs: number, known: Partial<Prediction> = {}): Prediction {
  return { ...blocking(busyMs), typicalMs: ms, highMs: ms, isAsync: true, ...known };
}

const NO_BATCHES: BatchOutlook = {
  ...{ size: 8, itemMs: NaN, runMs: NaN, eachMs: NaN, aloneMs: NaN },
  ...{ pays: false, isUnknown: true, mayTry: true },
};

/** What is known of batches of 8, of which each job takes so long, beside so long alone. */
function batches(eachMs: number, aloneMs: number, known: Partial<BatchOutlook> = {}): BatchOutlook {
  const itemMs = eachMs / 10;
  const times = { itemMs, runMs: 8 * eachMs, eachMs, aloneMs };
  return { ...NO_BATCHES, ...times, isUnknown: false, pays: eachMs < aloneMs, ...known };
}

interface Situation extends Facts {
  readonly prediction?: Prediction;
  readonly place?: Outlook["place"];
  readonly lagMs?: number;
  readonly batch?: BatchOutlook;
  /** What else is so of the load. */
  readonly load?: Partial<Load>;
}

function loadOf(
  { prediction = NOTHING, place = "in_time", lagMs = 0, batch = NO_BATCHES, load }: Situation,
): Load {
  return {
    ...{ nowMs: 1_000, inFlight: 4, cpuParallelism: 4, poolOpen: true, workersStarting: 0 },
    ...{ workersReady: 4, poolRunning: 4, poolWaiting: 0, poolCapacity: 512, poolWorkMs: 0 },
    ...{
      waitingForRoom: 0,
      batchWaiting: 0,
      spawnRunning: 0,
      spawnWaiting: 0,
      spawnCapacity: 1_024,
      spawnWorkMs: 0,
    },
    ...{
      inlineSliceMs: 8,
      inlineTurnMs: 0,
      loopLagMs: 0,
      loopLagMeanMs: lagMs,
      loopUtilization: 0,
    },
    model: { predict: () => prediction, needsMs: () => NaN, leftMs: () => NaN },
    draw: () => 0.5,
    inFlightOf: () => NaN,
    aheadMs: () => NaN,
    leftMs: () => NaN,
    lastOf: () => undefined,
    outlook: () => ({ waitMs: NaN, place }),
    batchOf: () => batch,
    ...load,
  };
}

const here = { hasModule: false };
const group = { batchable: true, scaling: 0.7 };
const groupHere = { ...group, hasModule: false };
const plain = { batchable: true, scaling: 0.5 };
const plainHere = { ...plain, hasModule: false };
const waits: Partial<Load> = { spawnWaiting: 1 };
const oneFree: Partial<Load> = { poolRunning: 3, leftMs: () => 12 };
const twoFree: Partial<Load> = { poolRunning: 1, poolWaiting: 1 };
const saves = batches(1, 4);
const costs = batches(4, 4, { mayTry: false });
const tried = batches(4, 4);
const alone = batches(4, 4, { isUnknown: true, pays: false });
const busy: Partial<Load> = { loopUtilization: 0.51, poolRunning: 3, poolWaiting: 4 };
const crowded: Partial<Load> = { ...busy, poolRunning: 4, poolWaiting: 511 };
/** The same, where a job would wait so long. */
const queued = (waitMs: number, place: Outlook["place"] = "in_time"): Partial<Load> => ({
  ...crowded,
  outlook: () => ({ waitMs, place }),
});
const confirmed = { probeAtMs: 1_000.1 };
const outdated = { probeAtMs: 1_000 };

const table: readonly (readonly [string, Situation])[] = [
  // nothing is known
  ["cpu_pool unknown_time", {}],
  ["cpu_pool unknown_time", { place: "late" }],
  ["cpu_pool unknown_time", { lagMs: 90 }],
  ["cpu_pool unknown_time", {
    prediction: blocking(900, { samples: 0, runs: 7, probeAtMs: Infinity }),
    place: "late",
  }],
  ["spawn no_module", here],
  ["batch scales", group],
  ["batch scales", groupHere],
  // tiny
  ["inline tiny", { prediction: blocking(1) }],
  ["inline tiny", { prediction: blocking(0) }],
  ["inline tiny", { prediction: blocking(0.1), ...here }],
  ["inline tiny", { prediction: blocking(0.1), place: "late" }],
  ["cpu_pool in_time", { prediction: blocking(1.01) }],
  ["spawn no_module", { prediction: blocking(1.01), ...here }],
  ["cpu_pool in_time", { prediction: blocking(0.1, { samples: 7 }) }],
  ["spawn no_module", { prediction: blocking(0.1, { samples: 7 }), ...here }],
  // not so if some run is long, or the mean is
  ["inline tiny", { prediction: blocking(0.1, { busyMs: 8 }) }],
  ["cpu_pool in_time", { prediction: blocking(0.1, { busyMs: 8.1 }) }],
  ["cpu_pool in_time", { prediction: blocking(0.1, { busyTypicalMs: 1.01 }) }],
  ["cpu_pool in_time", { prediction: blocking(0.1, { busyMedianMs: 1.01 }) }],
  // mostly waiting
  ["inline mostly_waits", { prediction: waiting(100, 0.5) }],
  ["inline mostly_waits", { prediction: waiting(2, 1) }],
  ["inline mostly_waits", { prediction: waiting(24, 6) }],
  ["cpu_pool in_time", { prediction: waiting(24, 6.1) }],
  ["cpu_pool in_time", { prediction: waiting(1_000, 8.1) }],
  ["cpu_pool in_time", { prediction: waiting(100, 0.5, { samples: 7 }) }],
  ["cpu_pool in_time", { prediction: blocking(2, { typicalMs: 100 }) }],
  // so does what would hold up those that wait for a worker
  ["inline mostly_waits", { prediction: waiting(100, 8, { busyMs: 90 }) }],
  ["inline mostly_waits", { prediction: waiting(100, 2, { busyMs: 90, busyTypicalMs: 8 }) }],
  ["inline mostly_waits", { prediction: waiting(24, 6, { busyMs: 20 }), place: "late" }],
  ["inline mostly_waits", {
    prediction: waiting(100, 2, { busyMs: 90 }),
    load: { poolRunning: 3, poolWaiting: 1 },
  }],
  ["cpu_pool in_time", { prediction: waiting(100, 2, { busyMs: 90 }), load: { poolRunning: 3 } }],
  ["cpu_pool in_time", { prediction: waiting(100, 8.1, { busyMs: 90 }) }],
  ["cpu_pool in_time", { prediction: waiting(100, 2, { busyMs: 90, busyTypicalMs: 8.1 }) }],
  ["cpu_pool in_time", {
    prediction: waiting(100, 2, { busyMs: 8, busyTypicalMs: 8.1 }),
    load: oneFree,
  }],
  ["cpu_pool in_time", { prediction: waiting(24, 2, { busyMs: 20, busyTypicalMs: 6.1 }) }],
  ["cpu_pool in_time", { prediction: waiting(100, 2, { busyMs: 90, samples: 7 }) }],
  ["cpu_pool in_time", { prediction: waiting(100, 2, { busyMs: 90 }), lagMs: 15.1 }],
  ["inline mostly_waits", {
    prediction: waiting(100, 2, { busyMs: 90 }),
    load: { loopUtilization: 0.9 },
  }],
  ["cpu_pool in_time", {
    prediction: waiting(100, 2, { busyMs: 90 }),
    load: { loopUtilization: 0.51 },
    budgetMs: Infinity,
  }],
  ["batch batch_pays", { prediction: waiting(100, 2, { busyMs: 90 }), ...plain, batch: saves }],
  // a kind without a module has nowhere else to go
  ["inline tiny", { prediction: blocking(0.1, { busyMs: 8.1 }), ...here }],
  ["spawn no_module", { prediction: blocking(0.1, { busyTypicalMs: 1.01 }), ...here }],
  // this thread is late
  ["inline tiny", { prediction: blocking(0.09), lagMs: 90 }],
  ["inline tiny", { prediction: blocking(0.1), lagMs: 50 }],
  ["backpressure_drop loop_late", { prediction: blocking(0.1), lagMs: 50.1 }],
  ["backpressure_drop loop_late", { prediction: blocking(0.1), lagMs: 50.1, ...here }],
  ["inline mostly_waits", { prediction: waiting(100, 0.5), lagMs: 15 }],
  ["backpressure_drop loop_late", { prediction: waiting(100, 0.5), lagMs: 15.1 }],
  ["inline tiny", { prediction: blocking(0.1), lagMs: 1e6, budgetMs: Infinity }],
  ["cpu_pool in_time", { prediction: blocking(5), lagMs: 90 }],
  // this thread is busy, and workers have time
  ["cpu_pool loop_busy", { prediction: blocking(0.1), load: busy }],
  ["cpu_pool loop_busy", { prediction: blocking(1), load: busy }],
  ["cpu_pool loop_busy", { prediction: blocking(1), load: { inlineTurnMs: 4.1, poolRunning: 0 } }],
  ["inline tiny", { prediction: blocking(1), load: { inlineTurnMs: 4, poolRunning: 0 } }],
  ["inline tiny", { prediction: blocking(0.09), load: busy }],
  ["inline tiny", { prediction: blocking(0.09, { busyTypicalMs: 0.9 }), load: busy }],
  ["inline tiny", { prediction: blocking(1), load: { ...busy, loopUtilization: 0.5 } }],
  ["inline tiny", { prediction: blocking(1), load: { ...busy, poolWaiting: 5 } }],
  ["inline tiny", { prediction: blocking(1), load: { ...busy, poolOpen: false } }],
  ["inline tiny", { prediction: blocking(1), load: busy, ...here }],
  ["inline mostly_waits", { prediction: waiting(100, 1), load: busy }],
  ["inline tiny", {
    prediction: blocking(1),
    load: { ...busy, poolRunning: 4, poolWaiting: 1, poolCapacity: 1 },
  }],
  ["inline tiny", {
    prediction: blocking(1),
    load: { ...busy, poolRunning: 4, poolWaiting: 3, batchWaiting: 509 },
  }],
  // it is late as well
  ["cpu_pool loop_busy", { prediction: blocking(0.1), lagMs: 1.1, load: queued(1.1) }],
  ["inline tiny", { prediction: blocking(0.1), lagMs: 1.1, load: queued(1.2) }],
  ["inline tiny", { prediction: blocking(0.1), lagMs: 1.1, load: queued(1.1, "doubtful") }],
  ["inline tiny", { prediction: blocking(0.1), lagMs: 1.1, load: queued(1.1, "late") }],
  ["inline tiny", { prediction: blocking(0.1), lagMs: 1, load: queued(0) }],
  ["inline tiny", { prediction: blocking(0.09), lagMs: 1.1, load: queued(0) }],
  ["inline tiny", {
    prediction: blocking(0.1),
    lagMs: 1.1,
    load: { ...queued(0), loopUtilization: 0.5 },
  }],
  ["inline tiny", {
    prediction: blocking(0.1),
    lagMs: 1.1,
    load: { ...queued(0), poolOpen: false },
  }],
  ["inline tiny", {
    prediction: blocking(0.1),
    lagMs: 1.1,
    load: { ...queued(0), poolWaiting: 512 },
  }],
  ["cpu_pool loop_busy", {
    prediction: blocking(0.1),
    lagMs: 1.1,
    load: queued(1_000),
    budgetMs: Infinity,
  }],
  ["inline tiny", {
    prediction: blocking(0.1),
    lagMs: 1.1,
    load: queued(1_000, "late"),
    budgetMs: Infinity,
  }],
  ["inline tiny", { prediction: blocking(0.1), lagMs: 1.1, load: queued(0), ...here }],
  ["inline mostly_waits", { prediction: waiting(100, 1), lagMs: 1.1, load: queued(0) }],
  // batches of which nothing is known: by the hint, while all workers are busy
  ["inline tiny", { prediction: blocking(0.1), ...group }],
  ["batch scales", { prediction: blocking(0.1), ...groupHere }],
  ["batch scales", { prediction: blocking(50), ...group }],
  ["cpu_pool in_time", { prediction: blocking(50), ...group, load: oneFree }],
  ["cpu_pool unknown_time", { ...group, load: twoFree }],
  ["cpu_pool in_time", { prediction: blocking(50), ...group, scaling: 0.69 }],
  ["batch batch_tried", { prediction: blocking(50), ...plain, batch: alone }],
  ["cpu_pool in_time", { prediction: blocking(50), ...plain, batch: { ...alone, size: 1 } }],
  ["cpu_pool in_time", { prediction: blocking(50), ...plain, batch: alone, load: oneFree }],
  ["spawn no_module", { prediction: blocking(50), ...plainHere, batch: alone }],
  ["batch batch_tried", { prediction: blocking(50), ...plainHere, batch: alone, load: waits }],
  ["cpu_pool in_time", { prediction: blocking(50), scaling: 1, batch: saves }],
  ["backpressure_drop too_late", { prediction: blocking(50, confirmed), ...group, place: "late" }],
  ["batch scales", { prediction: blocking(50, confirmed), ...groupHere, place: "late" }],
  // batches that pay, whatever the hint
  ["batch batch_pays", { prediction: blocking(4), ...plain, scaling: 0, batch: saves }],
  ["batch batch_pays", { prediction: blocking(4), ...plainHere, batch: saves }],
  ["batch batch_pays", { prediction: blocking(0.5), ...plain, batch: saves, load: busy }],
  ["inline tiny", { prediction: blocking(0.5), ...plain, batch: saves }],
  ["batch batch_pays", {
    prediction: blocking(4, confirmed),
    ...plain,
    batch: saves,
    place: "doubtful",
  }],
  ["backpressure_drop too_late", {
    prediction: blocking(4, confirmed),
    ...plain,
    batch: saves,
    place: "late",
  }],
  // a free worker takes it at once
  ["cpu_pool in_time", { prediction: blocking(4), ...plain, batch: saves, load: oneFree }],
  // batches that do not pay, whatever the hint
  ["cpu_pool in_time", { prediction: blocking(4), ...group, batch: costs }],
  ["spawn no_module", { prediction: blocking(4), ...groupHere, batch: costs, load: waits }],
  ["batch batch_tried", { prediction: blocking(4), ...group, batch: tried }],
  ["cpu_pool in_time", { prediction: blocking(4), ...group, batch: tried, load: oneFree }],
  // more than can be done
  ["cpu_pool doubtful", { prediction: blocking(50, confirmed), place: "doubtful" }],
  ["backpressure_drop too_late", { prediction: blocking(50, confirmed), place: "late" }],
  ["cpu_pool probe", { prediction: blocking(50, outdated), place: "doubtful" }],
  ["cpu_pool probe", { prediction: blocking(50, outdated), place: "late" }],
  ["cpu_pool in_time", { prediction: blocking(50, outdated) }],
  ["spawn no_module", { prediction: blocking(50, confirmed), place: "late", ...here }],
];

test("adaptivePolicy() decides by the table", () => {
  const policy = adaptivePolicy();
  for (const [expected, situation] of table) {
    const { strategy, reason, isProbe } = policy.decide(jobOf(situation), loadOf(situation));
    assert.equal(`${strategy} ${reason}`, expected, JSON.stringify(situation));
    assert.equal(isProbe === true, reason === "probe");
  }
});

test("adaptivePolicy() moves a waiting job once its kind is known, and no other", () => {
  const { reconsider } = adaptivePolicy();
  const moves: [string | undefined, Situation][] = [
    [undefined, {}],
    [undefined, here],
    ["inline", { prediction: blocking(0.1) }],
    ["inline", { prediction: blocking(0.1), ...here }],
    ["inline", { prediction: waiting(100, 0.5) }],
    ["cpu_pool", { prediction: blocking(0.5), load: busy }],
    ["cpu_pool", { prediction: blocking(5) }],
    ["cpu_pool", { prediction: blocking(0.1, { samples: 7 }) }],
    [undefined, { prediction: blocking(5), ...here }],
    ["inline", { prediction: blocking(0.1), ...group }],
    ["cpu_pool", { prediction: blocking(50), ...group }],
    [undefined, { prediction: blocking(0.1), ...groupHere }],
    ["inline", { prediction: blocking(0.1), ...plainHere, batch: costs }],
    ["inline", { prediction: waiting(100, 2, { busyMs: 90 }) }],
    ["cpu_pool", { prediction: waiting(100, 2, { busyMs: 90 }), ...plain, batch: saves }],
    // it waits itself, and a worker is free
    ["cpu_pool", {
      prediction: waiting(100, 2, { busyMs: 90 }),
      load: { poolRunning: 3, poolWaiting: 1 },
    }],
  ];
  for (const [expected, situation] of moves) {
    const strategy = reconsider!(jobOf(situation), loadOf(situation));
    assert.equal(strategy, expected, JSON.stringify(situation));
  }
});

test("adaptivePolicy() shares its decisions and changes nothing", () => {
  const policy = adaptivePolicy({ objective: "count" });
  for (const [, situation] of table) {
    const [job, load] = [jobOf(situation), loadOf(situation)];
    const [jobBefore, loadBefore] = [structuredClone(job), { ...load }];
    const decision = policy.decide(job, load);
    const isShared = !(decision.gatherMs! > 0);
    if (isShared) assert.equal(policy.decide(job, load), decision);
    else assert.deepEqual(policy.decide(job, load), decision);
    assert.equal(Object.isFrozen(decision), isShared);
    assert.deepEqual([job, load], [jobBefore, loadBefore]);
  }
});

test("adaptivePolicy() never sends a job without a module to the pool, nor a long one inline", () => {
  const policy = adaptivePolicy();
  const ms = fc.oneof(fc.constantFrom(NaN, 0, 1, 8), fc.double({ min: 0, max: 50, noNaN: true }));
  fc.assert(
    fc.property(
      fc.record({
        ...{ typicalMs: ms, busyMs: ms, busyMedianMs: ms, busyTypicalMs: ms },
        samples: fc.nat(20),
        isAsync: fc.boolean(),
        probeAtMs: fc.constantFrom(0, Infinity),
      }),
      fc.record({
        ...{ batchable: fc.boolean(), hasModule: fc.boolean() },
        scaling: fc.double({ min: 0, max: 1, noNaN: true }),
        budgetMs: fc.constantFrom(1, 100, Infinity),
        place: fc.constantFrom("in_time", "doubtful", "late"),
        lagMs: fc.constantFrom(0, 10, 1_000),
      }),
      (known, situation) => {
        const job = jobOf(situation);
        const prediction = { ...NOTHING, ...known };
        const { strategy } = policy.decide(job, loadOf({ ...situation, prediction }));
        if (strategy === "inline") {
          assert.ok(known.samples >= 8);
          assert.ok(known.busyMedianMs <= 1 || known.isAsync);
          if (situation.hasModule && known.busyMs > 8) {
            assert.ok(known.isAsync && known.busyMedianMs <= 8 && known.busyTypicalMs <= 8);
          }
        }
        if (strategy === "batch") assert.ok(situation.batchable && situation.scaling >= 0.7);
        if (strategy === "cpu_pool") assert.ok(situation.hasModule);
        if (strategy === "spawn") assert.ok(!situation.hasModule);
      },
    ),
    runs(1_000),
  );
});

test("adaptivePolicy() keeps off this thread what blocks it for long, or could, while a worker is free", () => {
  for (const poolRunning of [0, 3]) {
    const prediction = waiting(100, 1, { busyMs: 8.1 });
    const { strategy } = adaptivePolicy().decide(
      jobOf({}),
      loadOf({ prediction, load: { poolRunning } }),
    );
    assert.equal(strategy, "cpu_pool");
  }
});

test("adaptivePolicy() says why what could block for long runs on this thread", () => {
  const prediction = waiting(100, 2, { busyMs: 90 });
  const [, inline] = adaptivePolicy().explain!(jobOf({}), loadOf({ prediction }));
  assert.match(
    inline,
    /^inline, 100 ms: yes, as it mostly waits: it works for 2 ms of 100 ms, and no worker is free/,
  );
});

test("adaptivePolicy() does not call what blocks for a slice on average short", () => {
  const prediction = waiting(100, 2, { busyMs: 7, busyTypicalMs: 9 });
  const words = adaptivePolicy().explain!(jobOf({}), loadOf({ prediction, load: oneFree }));
  const inline = words.find((line) => line.startsWith("inline"));
  assert.match(inline!, /: no, as some of the last runs blocked their thread for 9 ms/);
});

test("adaptivePolicy() has an objective: fair, unless it is told to count", () => {
  assert.deepEqual([adaptivePolicy().name, adaptivePolicy().objective], ["adaptive", "fair"]);
  assert.equal(adaptivePolicy({ objective: undefined }).objective, "fair");
  assert.equal(adaptivePolicy({ objective: "fair" }).objective, "fair");
  assert.equal(adaptivePolicy({ objective: "count" }).objective, "count");
});

test("adaptivePolicy() refuses wrong options by name", () => {
  const wrong: [unknown, RegExp][] = [
    [{ objective: "most" }, /"objective" must be "fair" or "count": received "most"$/],
    [{ objective: null }, /"objective" must be "fair" or "count": received null$/],
    [
      { objectiv: "fair" },
      /"objectiv" must be one of the options\. .* They are objective: received "fair"$/,
    ],
    [Object.create({ objective: "count" }), /"objective" must be an own property/],
    [null, /"options" must be an object: received null$/],
    ["count", /"options" must be an object: received "count"$/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => adaptivePolicy(options as object), (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.match(error.message, message);
      return true;
    });
  }
});
