// Whatever is submitted, aborted, lost and closed: no more jobs of a kind, or of a key, run than may, and all settle.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { SubmitOptions } from "../../mod.ts";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import type { Task, Told } from "../virtual/world.ts";
import { Limited } from "./limited_world.ts";

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
