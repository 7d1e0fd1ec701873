// When a thread that waits spins, and when it no longer does.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as ring from "../../../src/transport/ring/ring_memory.ts";
import { RingSleep } from "../../../src/transport/ring/ring_sleep.ts";
import { SpinBudget } from "../../../src/transport/ring/spin_budget.ts";

/** Waits so many times, each time spinning for `ms` if it may; returns how often it has spun. */
function wait(budget: SpinBudget, times: number, ms: number, calls: number): number {
  let spins = 0;
  for (let i = 0; i < times; i++) {
    if (!budget.take()) continue;
    spins++;
    budget.spend(ms, calls);
  }
  return spins;
}

test("spins that bring a call sooner than a wake-up would go on for ever", () => {
  assert.equal(wait(new SpinBudget(), 10_000, 0.02, 1), 10_000);
  assert.equal(wait(new SpinBudget(), 10_000, 0.2, 16), 10_000, "16 calls at a time");
});

test("spins in vain, or for longer than a wake-up takes, are given up", () => {
  for (const [ms, calls, most] of [[0.2, 0, 3], [0.14, 1, 5], [4, 1, 1], [4, 30, 1]]) {
    const budget = new SpinBudget();
    assert.equal(wait(budget, most + 2, ms, calls), most, `${ms} ms for ${calls}`);
    assert.equal(wait(budget, 5, ms, calls), 1, "a probe, after twice as many each time");
    assert.equal(wait(budget, 9 + 17 + 33 + 65 + 129, ms, calls), 5);
    assert.equal(wait(budget, 10 * 129, ms, calls), 10, "no more than 128 are passed over");
  }
});

test("a probe may find a call late, and once spins pay again a few in vain are overlooked", () => {
  const budget = new SpinBudget();
  wait(budget, 1_000, 0.2, 0);
  while (!budget.take());
  budget.spend(0.12, 1);
  assert.equal(wait(budget, 30, 0.002, 1), 30);
  assert.equal(wait(budget, 5, 0.2, 0), 3, "as at the start");
});

test("a worker that spins in vain sleeps at once for a while, and so gives its core to others", () => {
  const memory = ring.createRingMemory(new Int32Array(new SharedArrayBuffer(4)));
  const sleep = new RingSleep(memory, 8);
  const { now } = performance;
  let nowMs = 1_000;
  performance.now = () => nowMs += 0.02;
  try {
    const spunMs = Array.from({ length: 14 }, () => {
      const startMs = nowMs;
      assert.equal(sleep.wait(0, true), false);
      sleep.wake();
      return Math.round((nowMs - startMs) * 10) / 10;
    });
    assert.deepEqual(spunMs, [0.2, 0.2, 0.2, 0, 0, 0.2, 0, 0, 0, 0, 0.2, 0, 0, 0]);
  } finally {
    performance.now = now;
  }
});
