import fc from "fast-check";
import { type Move, type Scenario, SIGNALS, type Submit } from "./scenario.ts";
import type { Task } from "./world.ts";

const CAPACITY = fc.integer({ min: 1, max: 12 });

/** Once in four times. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** What jobs are like. */
interface Sort {
  /** Of 1,000 moves so many close the router. */
  readonly closes: number;
  readonly kinds: readonly string[];
  readonly costs: readonly (number | undefined)[];
  readonly scalings: readonly number[];
  readonly ms: fc.Arbitrary<number>;
  /** Of 20 jobs so many end well. */
  readonly good: number;
}

const ANY: Sort = {
  closes: 10,
  kinds: ["local", "local_group", "shared", "group", "steady_group"],
  costs: [undefined, 0, 100, 8_000, 8_001, 60_000, 60_001, 1e6],
  scalings: [0, 0.5, 0.65, 0.7, 0.8, 1],
  ms: fc.integer({ min: 0, max: 25 }),
  good: 16,
};

/** Short enough for workers to be handed calls ahead of time; now and then one that is not. */
const SHORT: Sort = {
  closes: 2,
  kinds: ["shared", "shared", "group"],
  costs: [60_001],
  scalings: [0.65, 0.65, 0.65, 1],
  ms: fc.oneof(
    { weight: 14, arbitrary: fc.integer({ min: 0, max: 1 }) },
    { weight: 1, arbitrary: ANY.ms },
  ),
  good: 19,
};

function submitsOf({ kinds, costs, scalings, ms, good }: Sort): fc.Arbitrary<Submit> {
  return fc.record({
    do: fc.constant("submit" as const),
    kind: fc.constantFrom(...kinds),
    hints: fc.record({
      computeCost: fc.constantFrom(...costs),
      scalingPotential: fc.constantFrom(...scalings),
      latencyBudgetMs: rarely(fc.integer({ min: 1, max: 60 })),
      priority: fc.integer({ min: 0, max: 9 }),
      runTimeoutMs: rarely(fc.integer({ min: 1, max: 20 })),
      abortAfterMs: rarely(fc.integer({ min: 1, max: 20 })),
      whenFull: fc.constantFrom(undefined, "wait" as const),
    }),
    task: fc.record({
      ms,
      end: fc.oneof(
        { weight: good, arbitrary: fc.constant("ok" as const) },
        {
          weight: 20 - good,
          arbitrary: fc.constantFrom("throw", "crash", "lost", "uncloneable"),
        },
      ) as fc.Arbitrary<Task["end"]>,
      later: fc.boolean(),
      heeds: fc.boolean(),
    }),
    signal: rarely(fc.nat(SIGNALS - 1)),
    inRun: fc.constantFrom("nothing", "nothing", "submit", "abort"),
    inSink: fc.constantFrom("nothing", "nothing", "submit", "abort"),
  });
}

function movesOf(sort: Sort): fc.Arbitrary<readonly Move[]> {
  const move: fc.Arbitrary<Move> = fc.oneof(
    { weight: 650, arbitrary: submitsOf(sort) },
    {
      weight: 30,
      arbitrary: fc.record({ do: fc.constant("abort" as const), signal: fc.nat(SIGNALS - 1) }),
    },
    {
      weight: 130,
      arbitrary: fc.record({
        do: fc.constant("advance" as const),
        ms: fc.integer({ min: 0, max: 40 }),
      }),
    },
    { weight: 160, arbitrary: fc.record({ do: fc.constant("step" as const) }) },
    { weight: 20, arbitrary: fc.record({ do: fc.constant("kill" as const), worker: fc.nat(2) }) },
    {
      weight: sort.closes,
      arbitrary: fc.record({
        do: fc.constant("close" as const),
        drainMs: fc.constantFrom(0, 5, 50, 500),
      }),
    },
  );
  return fc.array(move, { maxLength: 60, size: "max" });
}

/** Any scenario. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  options: fc.record({
    cpuParallelism: fc.integer({ min: 1, max: 3 }),
    cpuQueueCapacity: fc.oneof(CAPACITY, fc.integer({ min: 12, max: 60 })),
    waitCapacity: fc.integer({ min: 1, max: 30 }),
    spawnConcurrency: fc.integer({ min: 1, max: 3 }),
    spawnQueueCapacity: CAPACITY,
    inlineSliceMs: fc.constantFrom(0, 4, 8, 1_000),
    batchMaxSize: fc.integer({ min: 1, max: 4 }),
    batchMaxDelayMs: fc.integer({ min: 0, max: 12 }),
    idleTimeoutMs: fc.integer({ min: 1, max: 40 }),
    abortGraceMs: fc.constantFrom(undefined, 0, 5),
    maxLostWorkers: fc.integer({ min: 1, max: 3 }),
    maxJobsPerWorker: fc.constantFrom(undefined, undefined, 1, 3),
    quarantineAfter: fc.constantFrom(undefined, 1, Infinity),
    quarantineMs: fc.constantFrom(10, 1_000),
    seed: fc.nat(1_000),
  }),
  model: fc.record({
    returnMs: rarely(fc.integer({ min: 1, max: 60 })),
    depth: fc.constantFrom(1, 2, 4, 4),
    startMs: fc.constantFrom(0, 1, 3),
    endMs: fc.constantFrom(0, 1, 400),
    dispatchMs: fc.constantFrom(0, 0, 2),
    startFailures: fc.constantFrom(0, 0, 0, 0, 0.3, 1),
    slowStarts: fc.constantFrom(0, 0, 0.3),
    lateResults: fc.constantFrom(0, 0.5),
    isQuiet: fc.boolean(),
    losesUntold: fc.boolean(),
    seed: fc.nat(1_000),
  }),
  hasOrder: fc.boolean(),
  hasAdmit: fc.boolean(),
  listener: fc.constantFrom("none", "looks", "submits"),
  meddles: fc.boolean(),
  moves: fc.oneof(movesOf(ANY), movesOf(SHORT)),
});
