import assert from "node:assert/strict";
import { test } from "node:test";
import type { Arrival } from "../../src/simulation/arrival.ts";
import type { DemoValues } from "../../src/simulation/mod.ts";
import { createWorkload } from "../../src/simulation/workload.ts";

/** FNV-1a over the text, 32 bits. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
  }
  return hash.toString(16).padStart(8, "0");
}

function toText(arrival: Arrival): string {
  return JSON.stringify(arrival, (_, value) => typeof value === "bigint" ? `${value}n` : value);
}

const inputOf = (arrival: Arrival) => arrival.input as DemoValues;

test("createWorkload() gives the same jobs on every runtime", () => {
  const texts = [...createWorkload({ jobs: 1_000, seed: 7 })].map(toText);
  assert.equal(digest(texts.join("\n")), "2eaede8f");
  const others = [...createWorkload({ jobs: 1_000, seed: 4_294_967_295 })].map(toText);
  assert.equal(digest(others.join("\n")), "4f9e22dd");
});

test("createWorkload() makes a job of the seed and its number only", () => {
  const few = [...createWorkload({ jobs: 10, seed: 3 })];
  const many = [...createWorkload({ jobs: 500, seed: 3 })];
  assert.deepEqual(many.slice(0, 10), few);
  assert.notDeepEqual([...createWorkload({ jobs: 10, seed: 4 })], few);
});

test("createWorkload() keeps to its ranges and reaches their ends", () => {
  const costs = {
    hash_mix: [500, 120_000],
    prime_count: [2_000, 80_000],
    monte_carlo_risk: [20_000, 250_000],
    llm_request: [NaN, NaN],
  };
  const seen = { lengths: new Set<number>(), budgets: new Set<number>() };
  let id = 0n;
  for (const arrival of createWorkload({ jobs: 5_000, seed: 1 })) {
    const { inputs, cost } = inputOf(arrival);
    const [least, most] = costs[arrival.kind];
    assert.ok(cost >= least && cost <= most, toText(arrival));
    assert.equal(inputOf(arrival).id, ++id);
    assert.equal(arrival.atMs, 0);
    for (const value of inputs) assert.ok(value >= 0n && value <= 200_000n, toText(arrival));
    const { scalingPotential = NaN, latencyBudgetMs = NaN } = arrival.hints;
    assert.ok(scalingPotential >= 0 && scalingPotential <= 1, toText(arrival));
    assert.ok(Number.isInteger(latencyBudgetMs), toText(arrival));
    seen.lengths.add(inputs.length);
    seen.budgets.add(latencyBudgetMs);
  }
  assert.deepEqual([...seen.lengths].sort(), [2, 3, 4, 5, 6]);
  assert.deepEqual([Math.min(...seen.budgets), Math.max(...seen.budgets)], [5, 80]);
});

test("createWorkload() mixes the kinds as it says", () => {
  const jobs = 20_000;
  const counts = new Map<string, number>();
  for (const { kind } of createWorkload({ jobs, seed: 11 })) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  for (
    const [kind, share] of [["prime_count", 0.55], ["hash_mix", 0.3375], [
      "monte_carlo_risk",
      0.1125,
    ]] as const
  ) {
    const seen = (counts.get(kind) ?? 0) / jobs;
    assert.ok(Math.abs(seen - share) < 0.015, `${kind}: ${seen}`);
  }
});

test("createWorkload() spreads costs and scaling evenly", () => {
  const jobs = [...createWorkload({ jobs: 20_000, seed: 5 })];
  const scaling = jobs.map(({ hints }) => hints.scalingPotential ?? NaN);
  const costs = jobs.filter(({ kind }) => kind === "hash_mix").map((job) =>
    Number(inputOf(job).cost)
  );
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  assert.ok(Math.abs(mean(scaling) - 0.5) < 0.01, `${mean(scaling)}`);
  assert.ok(Math.abs(mean(costs) - 60_250) < 1_500, `${mean(costs)}`);
});
