import assert from "node:assert/strict";
import { test } from "node:test";
import { Shares } from "../../../src/lanes/queue/shares.ts";
import type { JobFacts } from "../../../src/policy/policy.ts";

function jobOf(kind: number, latencyBudgetMs = Infinity): JobFacts {
  return { kind: { index: kind }, latencyBudgetMs } as JobFacts;
}

function near(actual: number, wanted: number, share = 0.04): void {
  assert.ok(Math.abs(actual - wanted) <= share * wanted, `${actual}, not ${wanted}`);
}

test("Shares puts jobs of one kind in a class if their budgets have reached the same power of two", () => {
  const shares = new Shares();
  const classOf = (kind: number, budgetMs: number) => shares.classOf(jobOf(kind, budgetMs));
  assert.equal(classOf(0, 64), classOf(0, 127.9));
  assert.equal(classOf(0, 0.1), classOf(0, 0.9));
  assert.equal(classOf(0, Infinity), classOf(0, Infinity));
  const classes = [0.5, 1, 2, 64, 128, 2 ** 31 - 1, Infinity].flatMap((budgetMs) => [
    classOf(0, budgetMs),
    classOf(1, budgetMs),
  ]);
  assert.equal(new Set(classes).size, 14);
  assert.equal(classOf(0, 1e12), classOf(0, 2 ** 31), "beyond what a timer can wait");
});

test("Shares compares kinds by the time that they had", () => {
  const shares = new Shares();
  const [a, b] = [shares.classOf(jobOf(0)), shares.classOf(jobOf(1))];
  assert.deepEqual([shares.of(a), shares.of(b)], [0, 0]);
  shares.give(a, 10, 0);
  shares.give(b, 20, 0);
  shares.give(a, 5, 0);
  assert.equal(shares.of(b), 20);
  assert.equal(shares.of(a), 15);
});

test("Shares gives each class of a kind an equal part of its share", () => {
  const shares = new Shares();
  const [hasty, patient] = [shares.classOf(jobOf(0, 50)), shares.classOf(jobOf(0))];
  const other = shares.classOf(jobOf(1));
  shares.give(hasty, 10, 0);
  shares.give(patient, 10, 0);
  shares.give(other, 20, 0);
  assert.equal(shares.of(hasty), shares.of(other));
  assert.equal(shares.of(patient), shares.of(other));
});

test("Shares counts no class of which nothing has come lately", () => {
  const shares = new Shares();
  const [a, b] = [shares.classOf(jobOf(0, 50)), shares.classOf(jobOf(1, 50))];
  for (let budgetMs = 1; budgetMs < 1e6; budgetMs *= 2) {
    shares.give(shares.classOf(jobOf(0, budgetMs)), 10, 0);
  }
  for (let ms = 0; ms < 20_000; ms += 20) {
    shares.give(a, 10, ms);
    shares.give(b, 10, ms);
  }
  near(shares.of(a) / shares.of(b), 1);
  shares.give(shares.classOf(jobOf(0, 500)), 1_000, 20_000);
  near(shares.of(a) / shares.of(b), 2);
});

test("Shares forgets a half in each second", () => {
  const shares = new Shares();
  const [old, young] = [shares.classOf(jobOf(0)), shares.classOf(jobOf(1))];
  shares.give(old, 100, 0);
  shares.give(young, 50, 1_000);
  near(shares.of(old) / shares.of(young), 1, 0.08);
  shares.give(young, 0, 4_000);
  near(shares.of(old) / shares.of(young), 1, 0.08);
  shares.give(young, 50, 4_000);
  near(shares.of(old) / shares.of(young), 6.25 / 56.25, 0.15);
});

test("Shares begins anew after a minute in which nothing ran", () => {
  const shares = new Shares();
  const [old, young] = [shares.classOf(jobOf(0)), shares.classOf(jobOf(1))];
  shares.give(old, 1e9, 0);
  shares.give(young, 1, 60_101);
  assert.equal(shares.of(old), 0);
  assert.equal(shares.of(young), 1);
});

test("Shares still compares after a day of steps, with numbers that stay finite", () => {
  const shares = new Shares();
  const [a, b] = [shares.classOf(jobOf(0)), shares.classOf(jobOf(1))];
  for (let ms = 0; ms < 86_400_000; ms += 30_000) {
    shares.give(a, 30, ms);
    shares.give(b, 10, ms);
    assert.ok(shares.of(a) < 1e24 && shares.of(b) > 0);
    near(shares.of(a) / shares.of(b), 3);
  }
});
