// A machine against a slow model of the same rules, which knows nothing of events: it goes on in small
// steps, and looks at everything in each of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Machine } from "../../src/testing/machine.ts";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { ScriptedThread } from "./scripted_thread.ts";

/** A power of two, so that sums are exact in both. */
const STEP_MS = 1 / 64;
const [SLICE_MS, WAKE_UP_MS, CREDIT_MS] = [4, 1, 3];

interface Phase {
  readonly sleepMs: number;
  readonly needMs: number;
}

interface SlowThread {
  readonly phases: Phase[];
  wakesAtMs: number;
  needMs: number;
  hadMs: number;
  coreSinceMs: number;
  readonly endsAtMs: number[];
}

/** When the bursts of each thread end. */
function playSlowly(lives: readonly (readonly Phase[])[], cores: number): number[][] {
  const threads: SlowThread[] = lives.map((phases) => ({
    phases: [...phases],
    wakesAtMs: phases[0].sleepMs,
    ...{ needMs: 0, hadMs: 0, coreSinceMs: 0, endsAtMs: [] },
  }));
  const running: SlowThread[] = []; // in the order in which they came to their cores
  const ready: SlowThread[] = []; // in the order in which they came
  let leastMs = 0;
  let tickAtMs = Infinity;
  let nowMs = 0;

  const takeNeediest = () => {
    let first = ready[0];
    for (const thread of ready) if (thread.hadMs < first.hadMs) first = thread;
    ready.splice(ready.indexOf(first), 1);
    return first;
  };
  const planTick = () => {
    if (tickAtMs < Infinity || ready.length === 0) return;
    for (const thread of running) {
      while (thread.coreSinceMs + SLICE_MS < nowMs) thread.coreSinceMs += SLICE_MS;
    }
    const sliceEnds = running.map(({ coreSinceMs }) => coreSinceMs + SLICE_MS);
    tickAtMs = Math.max(nowMs, Math.min(...sliceEnds));
  };
  const run = (thread: SlowThread) => {
    thread.coreSinceMs = nowMs;
    running.push(thread);
    planTick();
  };
  const giveWay = (thread: SlowThread, to: SlowThread) => {
    running.splice(running.indexOf(thread), 1);
    ready.push(thread);
    run(to);
  };
  const look = () => {
    const all = [...running, ...ready].map(({ hadMs }) => hadMs);
    if (all.length > 0) leastMs = Math.max(leastMs, Math.min(...all));
  };

  for (let step = 0; threads.some(({ phases }) => phases.length > 0); step++) {
    nowMs = step * STEP_MS;
    if (step > 0) {
      for (const thread of running) {
        thread.hadMs += STEP_MS;
        thread.needMs -= STEP_MS;
      }
    }
    for (const thread of [...running]) {
      if (thread.needMs > 0) continue;
      thread.endsAtMs.push(nowMs);
      thread.phases.shift();
      if (thread.phases.length > 0) thread.wakesAtMs = nowMs + thread.phases[0].sleepMs;
      running.splice(running.indexOf(thread), 1);
      if (ready.length > 0) run(takeNeediest());
    }
    for (const thread of threads) {
      if (thread.wakesAtMs !== nowMs) continue;
      look();
      thread.needMs = thread.phases[0].needMs;
      thread.hadMs = Math.max(thread.hadMs, leastMs - CREDIT_MS);
      if (running.length < cores) {
        run(thread);
        continue;
      }
      let most = running[0];
      for (const other of running) if (other.hadMs > most.hadMs) most = other;
      if (most.hadMs - thread.hadMs > WAKE_UP_MS) giveWay(most, thread);
      else ready.push(thread);
      planTick();
    }
    if (tickAtMs !== nowMs) continue;
    tickAtMs = Infinity;
    look();
    for (const thread of [...running]) {
      if (ready.length === 0 || nowMs < thread.coreSinceMs + SLICE_MS) continue;
      thread.coreSinceMs = nowMs;
      if (Math.min(...ready.map(({ hadMs }) => hadMs)) > thread.hadMs) continue;
      giveWay(thread, takeNeediest());
    }
    planTick();
  }
  return threads.map(({ endsAtMs }) => endsAtMs);
}

/** The same on a machine; `null` if two things happened at a time, as their order is a matter of taste. */
function play(lives: readonly (readonly Phase[])[], cores: number): number[][] | null {
  const machine = new Machine({
    ...{ cores, sliceMs: SLICE_MS, wakeUpMs: WAKE_UP_MS, creditMs: CREDIT_MS },
  });
  const ends = lives.map((phases) => {
    const endsAtMs: number[] = [];
    const thread: ScriptedThread = new ScriptedThread(() => {
      endsAtMs.push(machine.nowMs);
      sleep();
      return NaN;
    });
    const sleep = (): void => {
      const phase = phases[endsAtMs.length];
      if (phase === undefined) return;
      const atMs = machine.nowMs + phase.sleepMs;
      machine.at(atMs, () => machine.wake(thread, phase.needMs), undefined);
    };
    sleep();
    return endsAtMs;
  });
  let lastMs = -1;
  while (machine.nextAtMs < Infinity) {
    if (machine.nextAtMs === lastMs) return null;
    lastMs = machine.nextAtMs;
    machine.step();
  }
  return ends;
}

test("a machine does what a slow model of its rules does", guarded, () => {
  const ms = (max: number) => fc.integer({ min: 1, max: max / STEP_MS }).map((n) => n * STEP_MS);
  const life = fc.array(fc.record({ sleepMs: ms(12), needMs: ms(15) }), {
    minLength: 1,
    maxLength: 6,
  });
  let compared = 0;
  let total = 0;
  fc.assert(
    fc.property(
      fc.array(life, { minLength: 2, maxLength: 5 }),
      fc.integer({ min: 1, max: 2 }),
      (lives, cores) => {
        total++;
        const ends = play(lives, cores);
        if (ends === null) return;
        compared++;
        assert.deepEqual(ends, playSlowly(lives, cores));
      },
    ),
    runs(100),
  );
  assert.ok(compared > 0.4 * total, `${compared} of ${total}`);
});
