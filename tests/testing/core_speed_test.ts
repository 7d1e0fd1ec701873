import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { KernelOptions } from "../../src/testing/kernel_options.ts";
import { Machine } from "../../src/testing/machine.ts";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { ScriptedThread } from "./scripted_thread.ts";

/** When threads end that want a core at times, each for so long: `[atMs, needMs]`. */
function endsOf(
  options: KernelOptions,
  ...lives: readonly (readonly [atMs: number, needMs: number])[]
): number[] {
  const machine = new Machine(options);
  const ends = lives.map(() => NaN);
  for (const [i, [atMs, needMs]] of lives.entries()) {
    const thread = new ScriptedThread(() => {
      ends[i] = Math.round(machine.nowMs * 1e9) / 1e9;
      return NaN;
    });
    machine.at(atMs, () => machine.wake(thread, needMs), undefined);
  }
  while (machine.nextAtMs < Infinity) machine.step();
  return ends;
}

test("cores of a pair are slower while both are busy, and at once as fast again", () => {
  const pair = { cores: 2, pairSpeed: 0.8 };
  assert.deepEqual(endsOf(pair, [0, 8]), [8]);
  assert.deepEqual(endsOf(pair, [0, 8], [0, 8]), [10, 10]);
  // The first has 5 alone, 4 in 5 ms beside the other one, and the last one alone.
  assert.deepEqual(endsOf(pair, [0, 10], [5, 4]), [11, 10]);
  assert.deepEqual(endsOf({ cores: 2 }, [0, 10], [5, 4]), [10, 9]);
  assert.deepEqual(endsOf({ cores: 1, pairSpeed: 0.8 }, [0, 8]), [8], "a core without another");
});

test("a pair is full only when each has a busy core, and what is lost is shared by all", () => {
  const cores = { cores: 4, pairSpeed: 0.5 };
  const same = (count: number) => Array.from({ length: count }, () => [0, 8] as const);
  assert.deepEqual(endsOf(cores, ...same(2)), [8, 8]);
  assert.deepEqual(endsOf(cores, ...same(3)), [12, 12, 12]); // two thirds of the speed
  assert.deepEqual(endsOf(cores, ...same(4)), [16, 16, 16, 16]);
  // Three cores are a pair and one that has no other.
  assert.deepEqual(endsOf({ ...cores, cores: 3 }, ...same(2)), [8, 8]);
  assert.deepEqual(endsOf({ ...cores, cores: 3 }, ...same(3)), [12, 12, 12]);
});

test("work of a thread that keeps its core takes longer, too, and slices do not", () => {
  const machine = new Machine({ cores: 2, pairSpeed: 0.5, heldShare: 1 });
  const [worker, beside, third] = [true, false, false].map((keeps) =>
    new ScriptedThread(undefined, keeps)
  );
  machine.wake(worker, NaN);
  machine.work(worker, 3);
  assert.equal(machine.nowMs, 3);
  machine.wake(beside, 2); // at half of the speed until 7
  machine.work(worker, 4);
  assert.equal(machine.nowMs, 3 + 4 + 2);
  machine.sleep(worker);
  for (const thread of [worker, beside]) machine.wake(thread, NaN);
  machine.runUntil(10);
  machine.wake(third, NaN);
  assert.ok(!machine.isRunning(third));
  machine.runUntil(12.9);
  assert.ok(!machine.isRunning(third));
  machine.runUntil(13.1);
  assert.ok(machine.isRunning(third));
});

test("each burst takes as long as the speeds say that its thread had meanwhile", guarded, () => {
  const ms = (max: number) => fc.double({ min: 0.01, max, noNaN: true });
  const bursts = fc.array(fc.record({ sleepMs: ms(12), needMs: ms(15) }), {
    minLength: 1,
    maxLength: 5,
  });
  const cell = fc.record({
    lives: fc.array(bursts, { minLength: 1, maxLength: 6 }),
    cores: fc.integer({ min: 1, max: 5 }),
    pairSpeed: fc.double({ min: 0.1, max: 0.99, noNaN: true }),
  });
  fc.assert(
    fc.property(cell, ({ lives, cores, pairSpeed }) => {
      const machine = new Machine({ cores, pairSpeed });
      const hadMs = new Map<ScriptedThread, number>();
      let ended = 0;
      const threads = lives.map((life) => {
        const phases = [...life];
        const thread: ScriptedThread = new ScriptedThread(() => {
          const { needMs } = phases.shift()!;
          assert.ok(
            Math.abs(hadMs.get(thread)! - needMs) < 1e-6,
            `${hadMs.get(thread)}, ${needMs}`,
          );
          ended++;
          sleep();
          return NaN;
        });
        const sleep = (): void => {
          hadMs.set(thread, 0);
          if (phases.length === 0) return;
          const [{ sleepMs, needMs }] = phases;
          machine.at(machine.nowMs + sleepMs, () => machine.wake(thread, needMs), undefined);
        };
        sleep();
        return thread;
      });
      while (machine.nextAtMs < Infinity) {
        const running = threads.filter((thread) => machine.isRunning(thread));
        const paired = Math.max(0, 2 * (running.length - Math.ceil(cores / 2)));
        const speed = ((running.length - paired) + paired * pairSpeed) / running.length;
        const passedMs = machine.nextAtMs - machine.nowMs;
        for (const thread of running) hadMs.set(thread, hadMs.get(thread)! + speed * passedMs);
        machine.step();
      }
      assert.equal(ended, lives.flat().length);
    }),
    runs(100),
  );
});

test("a speed that cannot be is refused", () => {
  for (const pairSpeed of [0, 0.09, 1.01, NaN]) {
    assert.throws(() => new Machine({ pairSpeed }), {
      name: "RangeError",
      message: `"pairSpeed" must be a number from 0.1 to 1: received ${pairSpeed}`,
    });
  }
});
