// Random schedules: what must hold of each, and how near they come to cores that are shared evenly.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Machine } from "../../src/testing/machine.ts";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { ScriptedThread, watch } from "./scripted_thread.ts";

const SLICE_MS = 4;

/** A time that no float has exactly. */
const awkwardMs = (max: number) =>
  fc.integer({ min: 1, max: max * 10 }).map((tenths) => tenths / 10);

/** What a thread does: by turns it sleeps, and needs a core. */
const life = fc.array(fc.record({ sleepMs: awkwardMs(30), needMs: awkwardMs(25) }), {
  minLength: 1,
  maxLength: 12,
});

interface Phase {
  readonly sleepMs: number;
  readonly needMs: number;
}

/** Has a thread live on a machine from now on; tells when each of its bursts is over. */
function live(
  machine: Machine,
  phases: readonly Phase[],
  over: (phase: Phase, wokenAtMs: number) => void,
): ScriptedThread {
  let at = 0;
  let wokenAtMs = NaN;
  const thread: ScriptedThread = new ScriptedThread(() => {
    over(phases[at++], wokenAtMs);
    sleep();
    return NaN;
  });
  const sleep = (): void => {
    if (at === phases.length) return;
    machine.at(machine.nowMs + phases[at].sleepMs, () => {
      wokenAtMs = machine.nowMs;
      machine.wake(thread, phases[at].needMs);
    }, undefined);
  };
  sleep();
  return thread;
}

test("a machine loses no time, and lets no thread wait beside a free core", guarded, () => {
  fc.assert(
    fc.property(
      fc.array(life, { minLength: 1, maxLength: 8 }),
      fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(70)),
      fc.constantFrom(0, 1e6 + 0.3),
      (lives, cores, startMs) => {
        const machine = new Machine({ cores, sliceMs: SLICE_MS });
        machine.runUntil(startMs);
        let wantedMs = 0;
        let steps = 0;
        let inNeed = 0;
        const threads = lives.map((phases) => live(machine, phases, () => inNeed--));
        for (const phases of lives) for (const { needMs } of phases) wantedMs += needMs;
        const awake = new Set<ScriptedThread>();
        const had = watch(machine, threads, startMs + 10_000, () => {
          steps++;
          for (const thread of threads) {
            if (thread.needMs >= 0) awake.add(thread);
            else awake.delete(thread);
          }
          const running = threads.filter((thread) => machine.isRunning(thread));
          assert.ok(running.every((thread) => awake.has(thread)));
          assert.equal(running.length, Math.min(cores, awake.size));
        });
        assert.equal(awake.size, 0);
        assert.equal(machine.nextAtMs, Infinity);
        // Each burst is a wake-up, an end and a slice or a preemption now and then.
        const phases = -inNeed;
        assert.equal(phases, lives.flat().length);
        assert.ok(steps <= 6 * phases + 3 * wantedMs / SLICE_MS, `${steps} steps`);
        assert.ok(Math.abs(machine.busyMs - wantedMs) < 1e-5);
        threads.forEach((thread, i) => {
          const needsMs = lives[i].reduce((sum, { needMs }) => sum + needMs, 0);
          assert.ok(Math.abs(had.get(thread)! - needsMs) < 1e-5, `${had.get(thread)}, ${needsMs}`);
        });
      },
    ),
    runs(100),
  );
});

test("with a core for each, threads live as if alone", guarded, () => {
  fc.assert(
    fc.property(fc.array(life, { minLength: 1, maxLength: 6 }), fc.boolean(), (lives, isVast) => {
      const machine = new Machine({ cores: isVast ? Infinity : lives.length });
      for (const phases of lives) {
        live(machine, phases, ({ needMs }, wokenAtMs) => {
          assert.equal(machine.nowMs, wokenAtMs + needMs);
        });
      }
      machine.runUntil(10_000);
      const wantedMs = lives.flat().reduce((sum, { needMs }) => sum + needMs, 0);
      assert.ok(Math.abs(machine.busyMs - wantedMs) < 1e-6);
    }),
    runs(100),
  );
});

/** When bursts end if the cores are shared evenly at each moment: in small steps. */
function shareEvenly(bursts: readonly Phase[], cores: number): number[] {
  const STEP_MS = 0.05;
  const ends: number[] = bursts.map(() => NaN);
  const left = bursts.map(({ needMs }) => needMs);
  for (let step = 0; ends.some(Number.isNaN); step++) {
    const nowMs = step * STEP_MS;
    const running = bursts.flatMap(({ sleepMs }, i) => sleepMs <= nowMs && left[i] > 0 ? [i] : []);
    const each = STEP_MS * Math.min(1, cores / running.length);
    for (const i of running) {
      left[i] -= each;
      if (left[i] <= 0) ends[i] = nowMs + STEP_MS;
    }
  }
  return ends;
}

test("bursts end nearly when they would if cores were shared evenly", guarded, () => {
  const burst = fc.record({ sleepMs: awkwardMs(60), needMs: awkwardMs(60) });
  fc.assert(
    fc.property(
      fc.array(burst, { minLength: 2, maxLength: 7 }),
      fc.integer({ min: 1, max: 3 }),
      (bursts, cores) => {
        const machine = new Machine({ cores, sliceMs: SLICE_MS });
        const ends: number[] = [];
        bursts.forEach((burst, i) => live(machine, [burst], () => ends[i] = machine.nowMs));
        machine.runUntil(10_000);
        const wanted = shareEvenly(bursts, cores);
        // How far a thread may be behind, by a slice and by credits, takes it so long to make up.
        const boundMs = (SLICE_MS + 2 * 3) * Math.max(1, bursts.length / cores);
        ends.forEach((atMs, i) => {
          const differsMs = Math.abs(atMs - wanted[i]);
          assert.ok(differsMs <= boundMs, `${i}: at ${atMs}, wanted ${wanted[i]}`);
        });
      },
    ),
    runs(60),
  );
});

test("so many cores that they are looked at less often lose no time either", () => {
  const machine = new Machine({ cores: 70 });
  const phases = [{ sleepMs: 1.1, needMs: 9.3 }, { sleepMs: 0.7, needMs: 20.9 }];
  let over = 0;
  const threads = Array.from(
    { length: 100 },
    (_, i) => live(machine, [{ sleepMs: 0.1 * i, needMs: 0.3 * i + 0.1 }, ...phases], () => over++),
  );
  const had = watch(machine, threads, 1_000, () => {
    const running = threads.filter((thread) => machine.isRunning(thread)).length;
    const awake = threads.filter((thread) => thread.needMs >= 0).length;
    assert.equal(running, Math.min(70, awake));
  });
  assert.equal(over, 300);
  threads.forEach((thread, i) => {
    assert.ok(Math.abs(had.get(thread)! - (0.3 * i + 0.1 + 30.2)) < 1e-9);
  });
});
