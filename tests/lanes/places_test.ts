// `concurrency` and `concurrencyPerKey`: how many jobs of a kind, and of a key of it, run at a time.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  createRouter,
  defineJobs,
  type Policy,
  type Strategy,
  type SubmitOptions,
} from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import { workersHere } from "../../src/testing/mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import {
  createWorld,
  defineSet,
  offer,
  type Task,
  Told,
  type World,
  type WorldOptions,
} from "../virtual/world.ts";

const LANES: readonly Strategy[] = ["inline", "spawn", "cpu_pool", "batch"];
/** Sends a job to the lane that its cost names. */
const byCost: Policy = {
  name: "by_cost",
  decide: ({ computeCost }) => ({ strategy: LANES[computeCost] ?? "cpu_pool", reason: "test" }),
};

interface KeyedTask extends Task {
  readonly key: string;
}

/** A world with kinds that are limited, and what of them runs. */
class Limited {
  world!: World;
  readonly limits: Pick<AnyKind, "concurrency" | "concurrencyPerKey">;
  /** Keys of the runs on this thread. */
  readonly here: string[] = [];
  readonly order: number[] = [];
  most = 0;

  constructor(limits: Limited["limits"]) {
    this.limits = limits;
  }

  static async create(limits: Limited["limits"], options: WorldOptions = {}): Promise<Limited> {
    const limited = new Limited(limits);
    const { kind, other } = limited.#kinds();
    limited.world = await createWorld({
      policy: byCost,
      ...options,
      jobs: [defineSet({ kind, other }, "virtual:limited")],
    });
    return limited;
  }

  #kinds(): Record<string, AnyKind> {
    const begin = (key: string) => {
      this.here.push(key);
      this.check();
    };
    const end = (key: string) => void this.here.splice(this.here.indexOf(key), 1);
    const run = ({ key, ms, later, end: how, id }: KeyedTask) => {
      this.order.push(id);
      begin(key);
      const { clock } = this.world;
      if (!later) {
        clock.occupy(ms);
        end(key);
        if (how === "throw") throw new Error("test");
        return id;
      }
      return {
        then: (ok: (id: number) => void, fail: (error: Error) => void) =>
          void clock.setTimer(ms, () => {
            end(key);
            if (how === "throw") fail(new Error("test"));
            else ok(id);
          }, undefined),
      };
    };
    const runBatch = (tasks: readonly KeyedTask[]) => {
      run({ ...tasks[0], later: false });
      return tasks.map(({ id }) => id);
    };
    const kind = { run, runBatch, idempotent: true, ...this.limits } as unknown as AnyKind;
    return { kind, other: { run: () => 1 } as unknown as AnyKind };
  }

  /** Keys of the calls that run, on workers and on this thread. */
  get running(): string[] {
    const onWorkers = this.world.ports.all.flatMap(({ isDead, isLost, call }) => {
      if (isDead || isLost || call === null || call.kind !== "kind") return [];
      return [((call.isBatch ? (call.payload as KeyedTask[])[0] : call.payload) as KeyedTask).key];
    });
    return [...onWorkers, ...this.here];
  }

  check(): void {
    const { running, limits: { concurrency = Infinity, concurrencyPerKey = Infinity } } = this;
    this.most = Math.max(this.most, running.length);
    assert.ok(running.length <= concurrency, `${running.length} run`);
    for (const key of new Set(running)) {
      const count = running.filter((other) => other === key).length;
      assert.ok(count <= concurrencyPerKey, `${count} of ${key} run`);
    }
  }

  offer(lane: number, task: Partial<KeyedTask> = {}, options: SubmitOptions = {}): Told {
    const { key = "" } = task;
    const hints = { computeCost: lane, ...key === "" ? {} : { key }, ...options };
    return offer(this.world, "kind", { key, ...task } as Task, hints);
  }

  /** Lets time pass, and looks on. */
  run(ms: number): void {
    const { clock } = this.world;
    const endMs = clock.now() + ms;
    while (clock.now() < endMs) {
      clock.runUntil(Math.min(endMs, clock.now() + 0.5));
      this.check();
    }
  }
}

type Move =
  | {
    readonly do: "submit";
    readonly lane: number;
    readonly key: string;
    readonly ms: number;
    readonly later: boolean;
    readonly end: Task["end"];
    readonly options: SubmitOptions;
    readonly signal: number;
  }
  | { readonly do: "abort"; readonly signal: number }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "close"; readonly drainMs: number };

const SIGNALS = 4;
const ends: readonly Task["end"][] = ["ok", "ok", "ok", "throw", "crash", "lost", "uncloneable"];
const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 30,
    arbitrary: fc.record({
      do: fc.constant("submit"),
      lane: fc.nat(3),
      key: fc.constantFrom("", "a", "b", "c"),
      ms: fc.integer({ min: 0, max: 9 }),
      later: fc.boolean(),
      end: fc.constantFrom(...ends),
      options: fc.record({
        latencyBudgetMs: fc.constantFrom(undefined, undefined, 10, 40),
        priority: fc.integer({ min: 3, max: 6 }),
        runTimeoutMs: fc.constantFrom(undefined, undefined, 4),
        abortAfterMs: fc.constantFrom(undefined, undefined, 3),
        whenFull: fc.constantFrom(undefined, "wait"),
      }),
      signal: fc.nat(2 * SIGNALS),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("abort"), signal: fc.nat(SIGNALS - 1) }) },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.integer({ min: 0, max: 15 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("close"), drainMs: fc.constantFrom(0, 20, 900) }),
  },
) as fc.Arbitrary<Move>;

const scenarios = fc.record({
  limits: fc.record({
    concurrency: fc.constantFrom(undefined, 1, 2, 3),
    concurrencyPerKey: fc.constantFrom(undefined, 1, 2),
  }),
  cpuParallelism: fc.integer({ min: 1, max: 3 }),
  cpuQueueCapacity: fc.constantFrom(3, 1_000),
  spawnQueueCapacity: fc.constantFrom(3, 1_000),
  batchMaxSize: fc.integer({ min: 1, max: 4 }),
  depth: fc.constantFrom(1, 4),
  moves: fc.array(moves, { maxLength: 60, size: "max" }),
});

test(
  "no more run than may, of a kind and of a key, whatever happens, and all settle",
  guarded,
  async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async ({ limits, depth, moves, ...options }) => {
        const limited = await Limited.create(limits, {
          ...options,
          inlineSliceMs: 1_000, // none moves to the pool as it blocks
          abortGraceMs: 5,
          maxLostWorkers: 1_000,
          quarantineAfter: Infinity,
          model: { depth, returnMs: 3 },
        });
        const { world } = limited;
        const signals = Array.from({ length: SIGNALS }, () => new AbortController());
        const told: Told[] = [];
        let closing: Promise<void> | undefined;
        for (const move of moves) {
          if (move.do === "abort") signals[move.signal].abort();
          else if (move.do === "wait") limited.run(move.ms);
          else if (move.do === "close") closing ??= world.router.close({ drainMs: move.drainMs });
          else {
            const { lane, key, ms, later, end, options, signal } = move;
            const task = { id: told.length, key, ms, later, end };
            told.push(limited.offer(lane, task, { ...options, signal: signals[signal]?.signal }));
          }
          limited.check();
        }
        limited.run(500);
        world.clock.runUntil(world.clock.now() + 100_000);
        for (const { jobs, refusals } of told) assert.equal(jobs.length + refusals.length, 1);
        const { poolWaiting, spawnWaiting, poolRunning, spawnRunning, batchWaiting } =
          world.router.load;
        assert.deepEqual(
          { poolWaiting, spawnWaiting, poolRunning, spawnRunning, batchWaiting },
          { poolWaiting: 0, spawnWaiting: 0, poolRunning: 0, spawnRunning: 0, batchWaiting: 0 },
        );
        if (closing === undefined) {
          const { concurrency = 3, concurrencyPerKey = 3 } = limits;
          const many = Math.min(concurrency, concurrencyPerKey);
          for (let id = 0; id < many; id++) limited.offer(1, { id, key: "a", ms: 5, later: true });
          limited.run(3);
          assert.equal(limited.running.length, many, "no place is lost");
          world.clock.runUntil(world.clock.now() + 1_000);
          closing = world.router.close();
        }
        world.clock.runUntil(world.clock.now() + 100_000);
        await closing;
        assert.equal(world.clock.pending, 0);
      }),
      runs(200),
    );
  },
);

test("a job that an inline decision sends to a kind at its limit waits, and runs later", async () => {
  const limited = await Limited.create({ concurrency: 2 });
  const jobs = [1, 2, 3].map((id) => limited.offer(0, { id, ms: 10, later: true }));
  assert.equal(limited.running.length, 2);
  assert.equal(limited.world.router.load.spawnWaiting, 1);
  limited.run(30);
  assert.deepEqual(jobs.map(({ story }) => story), [
    "inline completed",
    "inline completed",
    "spawn completed",
  ]);
});

for (const [lane, name] of LANES.entries()) {
  test(`what waits for a place of its kind, on ${name}, counts as waiting and holds back no other kind`, async () => {
    const limited = await Limited.create({ concurrency: 1 }, { batchMaxSize: 1 });
    const { world } = limited;
    const jobs = Array.from(
      { length: 5 },
      (_, id) => limited.offer(lane, { id, ms: 10, later: true }),
    );
    limited.run(2);
    const { poolWaiting, spawnWaiting, poolWorkMs } = world.router.load;
    assert.deepEqual([poolWaiting + spawnWaiting, poolWorkMs], [4, 0]);
    const other = offer(world, "other", { ms: 1, later: true }, {
      computeCost: lane === 3 ? 2 : lane,
    });
    limited.run(3);
    assert.equal(other.status, "completed");
    assert.ok(jobs.some(({ status }) => status === "pending"));
    limited.run(60);
    assert.deepEqual(jobs.map(({ status }) => status), new Array(5).fill("completed"));
    assert.equal(limited.most, 1);
  });
}

test("keys run beside each other, each up to its limit", async () => {
  const limited = await Limited.create({ concurrencyPerKey: 2 }, { cpuParallelism: 4 });
  for (let id = 0; id < 20; id++) limited.offer(2, { id, key: "a", ms: 10 });
  limited.run(5);
  assert.deepEqual(limited.running, ["a", "a"]);
  for (let id = 0; id < 2; id++) limited.offer(2, { id, key: "b", ms: 10 });
  limited.run(5);
  assert.deepEqual(limited.running.toSorted(), ["a", "a", "b", "b"]);
});

test("those that wait for a place are served by priority, and keys take turns", async () => {
  const limited = await Limited.create({ concurrency: 1 });
  limited.offer(1, { id: 0, ms: 10, later: true });
  for (let id = 1; id <= 10; id++) limited.offer(1, { id, key: "a", ms: 10, later: true });
  limited.offer(1, { id: 11, key: "b", ms: 10, later: true });
  limited.offer(1, { id: 12, key: "b", ms: 10, later: true }, { priority: 9 });
  limited.run(200);
  assert.deepEqual(limited.order.slice(0, 4), [0, 12, 1, 11]);
});

test("a job that would have a place too late is dropped at once, as far as that is known", async () => {
  for (const lane of [0, 1, 2]) {
    const limited = await Limited.create({ concurrency: 1 });
    for (let id = 0; id < 9; id++) {
      limited.offer(lane, { id, ms: 10, later: true });
      limited.run(15);
    }
    for (let id = 0; id < 10; id++) limited.offer(lane, { id, ms: 10, later: true });
    const late = limited.offer(lane, { ms: 10 }, { latencyBudgetMs: 60 });
    assert.match(late.story, /^backpressure_drop dropped (too_late|spawn_saturated)$/);
    const calm = limited.offer(lane, { ms: 10, later: true }, { latencyBudgetMs: 500 });
    limited.run(300);
    assert.equal(calm.status, "completed");
  }
});

test("what waits for a place can expire and be aborted, which frees none", async () => {
  const limited = await Limited.create({ concurrency: 1 });
  const controller = new AbortController();
  limited.offer(2, { ms: 100 });
  limited.run(2);
  const hasty = limited.offer(2, { ms: 1 }, { latencyBudgetMs: 20 });
  const aborted = limited.offer(1, { ms: 1 }, { signal: controller.signal });
  const calm = limited.offer(2, { id: 7, ms: 1 });
  limited.run(30);
  controller.abort();
  assert.deepEqual([hasty.story, aborted.status], ["cpu_pool dropped expired", "cancelled"]);
  assert.equal(limited.running.length, 1);
  limited.run(100);
  assert.equal(calm.status, "completed");
});

test("close() runs what waits for a place while it drains, and cancels the rest", async () => {
  for (const [drainMs, status] of [[1_000, "completed"], [15, "cancelled"]] as const) {
    const limited = await Limited.create({ concurrency: 1 });
    const jobs = [0, 1, 2, 2].map((lane) => limited.offer(lane, { ms: 40, later: true }));
    limited.run(5);
    const closing = limited.world.router.close({ drainMs });
    limited.world.clock.runUntil(10_000);
    await closing;
    assert.deepEqual(jobs.map((job) => job.status), new Array(4).fill(status));
  }
});

test("explain() says when a job would wait for its kind or its key", async () => {
  const limited = await Limited.create({ concurrency: 3, concurrencyPerKey: 1 });
  const { router } = limited.world;
  const why = (key?: string) => router.explain("kind", {}, { computeCost: 2, key }).why;
  assert.equal(why("a"), undefined);
  limited.offer(1, { key: "a", ms: 100, later: true });
  limited.offer(1, { key: "a", ms: 100, later: true });
  assert.deepEqual(why("a"), [
    'It would wait until fewer jobs of its key of kind "kind" run than 1, its "concurrencyPerKey", behind 1 that wait already.',
  ]);
  assert.equal(why("b"), undefined);
  limited.offer(1, { key: "b", ms: 100, later: true });
  limited.offer(1, { ms: 100, later: true });
  assert.deepEqual(why("c"), [
    'It would wait until fewer jobs of kind "kind" run than 3, its "concurrency".',
  ]);
  assert.match(why()![0], /jobs of its key, which is none, of kind/);
  assert.equal(router.explain("other", {}).why, undefined);
});

test("a batch counts as one run, and is of one key where keys are counted", async () => {
  const limited = await Limited.create({ concurrencyPerKey: 1 }, { batchMaxSize: 4 });
  const jobs = Array.from(
    { length: 16 },
    (_, id) => limited.offer(3, { id, key: id % 2 === 0 ? "a" : "b", ms: 5 }),
  );
  limited.run(100);
  assert.deepEqual(jobs.map(({ job }) => job!.batchSize), new Array(16).fill(4));
  assert.equal(limited.most, 2);
});

test("defineJobs() takes a number of jobs, and nothing else", () => {
  for (const key of ["concurrency", "concurrencyPerKey"] as const) {
    for (const value of [0, -1, 1.5, NaN, Infinity, "2", null, 1_000_001]) {
      assert.throws(
        () => defineJobs({ k: { run: () => 1, [key]: value as number } }),
        {
          name: "TypeError",
          message: new RegExp(`"${key}" of kind "k" must be an integer from 1 to 1000000`),
        },
      );
    }
  }
});

test("on workers of the test's thread, too, no more run than may", guarded, async () => {
  let running = 0;
  let most = 0;
  const jobs = defineJobs(import.meta.url, {
    wait: {
      concurrency: 2,
      run: async (ms: number) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, ms));
        running--;
        return ms;
      },
    },
  });
  const policy = forcedPolicy("cpu_pool");
  const router = await createRouter({
    jobs,
    policy,
    cpuParallelism: 6,
    createPort: workersHere(jobs),
  });
  await Promise.all(Array.from({ length: 12 }, () => router.run("wait", 3)));
  await router.close();
  assert.deepEqual([most, running], [2, 0]);
});
