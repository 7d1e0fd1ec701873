// Whatever runs, dies, idles and changes meanwhile: every job settles once, and so does recycleWorkers().
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { macrotask } from "../virtual/clock.ts";
import type { Task, Told } from "../virtual/world.ts";
import { createKnownWorld, run } from "./known_world.ts";

type Move =
  | { readonly do: "submit"; readonly ms: number; readonly end: Task["end"] }
  | { readonly do: "wait"; readonly ms: number }
  | { readonly do: "recycle" }
  | { readonly do: "resize"; readonly permits: number }
  | { readonly do: "close" };

const ends: readonly Task["end"][] = ["ok", "ok", "ok", "ok", "throw", "crash", "lost"];
const moves: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constant("submit"),
      ms: fc.constantFrom(0.1, 0.5, 1, 7, 30),
      end: fc.constantFrom(...ends),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.constantFrom(0.5, 2, 10, 60) }),
  },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("recycle") }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("resize"), permits: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("close") }) },
) as fc.Arbitrary<Move>;

const scenarios = fc.record({
  workers: fc.integer({ min: 1, max: 4 }),
  keepsAll: fc.boolean(),
  idleTimeoutMs: fc.constantFrom(5, 1_000),
  maxJobsPerWorker: fc.constantFrom(2, Infinity),
  startFailures: fc.constantFrom(0, 0, 0.3, 1),
  slowStarts: fc.constantFrom(0, 0.3),
  seed: fc.nat(),
  moves: fc.array(moves, { minLength: 1, maxLength: 40 }),
});

test("workers are replaced or kept, and nothing is lost or left pending", guarded, async () => {
  let replaced = 0;
  let failed = 0;
  await fc.assert(
    fc.asyncProperty(scenarios, async ({ workers, keepsAll, moves, ...drawn }) => {
      const { idleTimeoutMs, maxJobsPerWorker, startFailures, slowStarts, seed } = drawn;
      const model = { startFailures: 0, slowStarts: 0, seed, returnMs: 40 };
      const world = await createKnownWorld(workers, {
        minWorkers: keepsAll ? workers : 1,
        idleTimeoutMs,
        maxJobsPerWorker,
        workerStartTimeoutMs: 50,
        maxLostWorkers: 3,
        model,
      });
      Object.assign(world.ports.model, { startFailures, slowStarts });
      const jobs: Told[] = [];
      const asked: Promise<string>[] = [];
      let closing: Promise<void> | undefined;
      for (const move of moves) {
        if (move.do === "submit") {
          if (closing === undefined) jobs.push(run(world, move.ms, { end: move.end }));
        } else if (move.do === "wait") world.clock.advance(move.ms);
        else if (move.do === "recycle") {
          const old = [...world.ports.alive];
          asked.push(
            world.router.recycleWorkers().then(() => {
              assert.ok(old.every((port) => port.isDead) || closing !== undefined);
              return "replaced";
            }, () => "failed"),
          );
        } else if (move.do === "close") closing = world.router.close({ drainMs: 100 });
        else if (!keepsAll || move.permits >= workers) {
          world.router.configure({ cpuParallelism: move.permits });
        }
        await macrotask();
      }
      let isOver = false;
      const all = Promise.all(asked).then((how) => (isOver = true, how));
      for (let i = 0; i < 20_000 && !isOver; i++) {
        world.clock.step();
        await macrotask();
      }
      assert.ok(isOver, "each is told of its end");
      Object.assign(world.ports.model, { startFailures: 0, slowStarts: 0 });
      for (const how of await all) how === "replaced" ? replaced++ : failed++;
      closing ??= world.router.close({ drainMs: 1_000 });
      world.clock.run();
      await closing;
      assert.deepEqual(jobs.map((told) => told.jobs.length), jobs.map(() => 1));
      assert.deepEqual(world.ports.violations, []);
      assert.equal(world.router.stats().doubleSettled, 0);
      assert.equal(world.ports.alive.length, 0);
    }),
    runs(25),
  );
  assert.ok(replaced > 10 && failed > 0, `${replaced} replaced, ${failed} failed`);
});
