import assert from "node:assert/strict";
import { test } from "node:test";
import { Shares } from "../../../src/simulation/oracle/shares.ts";
import { drawJobs, workloadOf } from "../workload/drawn_jobs.ts";

const [JOB] = drawJobs({ workload: workloadOf([{}]) });

test("jobs of a kind whose budgets have reached the same power of two are of one class", () => {
  const shares = new Shares();
  const classOf = (kind: number, budgetMs: number) => shares.classOf({ ...JOB, kind, budgetMs });
  const first = classOf(0, 64);
  assert.equal(classOf(0, 127.9), first);
  const others = [classOf(0, 128), classOf(0, 63.9), classOf(0, Infinity), classOf(1, 64)];
  assert.equal(new Set([first, ...others]).size, 5);
  assert.equal(classOf(0, 1e300), classOf(0, 1e300));
});

test("kinds have equal shares, and so have classes of a kind", () => {
  const shares = new Shares();
  const alone = shares.classOf({ ...JOB, kind: 0 });
  const pair = [50, 500].map((budgetMs) => shares.classOf({ ...JOB, kind: 1, budgetMs }));
  for (const one of [alone, ...pair]) shares.give(one, 10, 0);
  assert.deepEqual([alone, ...pair].map((one) => shares.of(one)), [10, 20, 20]);
});

test("half of what a class has had is forgotten in a second", () => {
  const shares = new Shares();
  const one = shares.classOf(JOB);
  shares.give(one, 100, 0);
  shares.give(one, 0, 1_000);
  assert.ok(Math.abs(shares.of(one) - 50) < 1e-9);
  for (let atMs = 1_010; atMs <= 3_000; atMs += 10) shares.give(one, 0, atMs);
  assert.ok(Math.abs(shares.of(one) - 12.5) < 1, `${shares.of(one)}`);
  shares.give(one, 7, 1e9);
  assert.ok(Math.abs(shares.of(one) - 7) < 0.1);
});
