import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type CellOptions,
  compare,
  type Comparison,
} from "../../../src/simulation/compare/compare.ts";
import { contestantOf, CONTESTANTS } from "../../../src/simulation/compare/contestants.ts";
import { spreadOf } from "../../../src/simulation/compare/score.ts";
import { WORKLOADS } from "../../../src/simulation/workload/shipped.ts";
import type { CostWord } from "../../../src/simulation/workload/cost_words.ts";
import { guarded } from "../../fixtures/until.ts";
import { Digest } from "../workload/digest.ts";
import { shipped } from "../workload/drawn_jobs.ts";

const contestants = (...names: string[]) =>
  new Map(names.map((name) => [name, CONTESTANTS[name].run]));

test("a comparison has the figures of each contestant on the same jobs", guarded, async () => {
  const done: number[] = [];
  const names = ["threshold", "inline-only", "pool-only", "oracle"];
  const options = { workload: shipped("uneven"), load: 1.5, durationMs: 500, repeat: 2 };
  const comparison = await compare(contestants(...names), options, (runs) => done.push(runs));
  assert.deepEqual(done, [1, 2, 3, 4, 5, 6, 7, 8]);
  const { workload, costSays, load, workers, cores, durationMs, seeds } = comparison;
  assert.deepEqual({ workload, costSays, load, workers, cores, durationMs, seeds }, {
    ...{ workload: "uneven", costSays: "right", load: 1.5, workers: 2, cores: 2 },
    ...{ durationMs: 500, seeds: [7, 8] },
  });
  assert.deepEqual(comparison.contestants.map(({ name }) => name), names);
  const submitted = (runs: Comparison["contestants"][number]["runs"]) =>
    runs.map((run) => run.submitted);
  for (const { runs, count, score } of comparison.contestants) {
    assert.deepEqual(submitted(runs), submitted(comparison.contestants[0].runs));
    assert.deepEqual(count, spreadOf(runs.map((run) => run.count)));
    assert.ok(score!.count >= 0 && score!.count <= 1);
  }
  assert.notEqual(...submitted(comparison.contestants[0].runs) as [number, number]);
  assert.equal(comparison.contestants[3].score!.count, 1);
});

test("without the oracle, nobody has a score", guarded, async () => {
  const options = { workload: shipped("mix"), durationMs: 100 };
  const comparison = await compare(contestants("pool-only"), options);
  assert.equal(comparison.contestants[0].score, undefined);
});

test("a seed gives the same bytes on every runtime, and each time", guarded, async () => {
  const cells: readonly (readonly [string, CostWord, number, boolean])[] = [
    ["mix", "right", 0.7, true],
    ["exp50", "noise", 2, true],
    ["late", "none", 2, false],
    ["bursty", "bytes", 2, true],
    ["crowd", "square", 0.7, true],
  ];
  const digest = new Digest();
  for (const [name, costSays, load, isWarm] of cells) {
    const options = { workload: shipped(name), costSays, load, isWarm, durationMs: 1_500 };
    const all = contestants("adaptive", "threshold", "inline-only", "pool-only", "oracle");
    const text = JSON.stringify(await compare(all, options));
    digest.addText(text);
    if (name === "exp50") assert.equal(JSON.stringify(await compare(all, options)), text);
  }
  assert.equal(digest.hex, "45d455a4");
});

test("what is given is checked, and what a policy throws is thrown", async () => {
  const oracle = new Map([["oracle", CONTESTANTS.oracle.run]]);
  const workload = WORKLOADS[0];
  for (
    const [options, message] of [
      [{ load: -1 }, /"load" must be a number from 0.000001 to 1000000: received -1/],
      [{ repeat: 0 }, /"repeat" must be an integer from 1 to 10000: received 0/],
      [{ costSays: "rigth" }, /"costSays" must be one of right, /],
      [{ loads: 2 }, /Cannot compare as there is no option "loads": wanted load, /],
      [{ workload: undefined }, /"workload" must be a workload/],
    ] as const
  ) {
    const given = { workload, ...options } as unknown as CellOptions;
    await assert.rejects(compare(oracle, given), { name: "RangeError", message });
  }
  await assert.rejects(compare(new Map(), { workload }), /"contestants" must be one at least/);
  const faulty = contestantOf(() => ({
    name: "faulty",
    decide: () => {
      throw new Error("no idea");
    },
  }));
  const run = compare(new Map([["faulty", faulty]]), { workload, durationMs: 100 });
  await assert.rejects(run, { name: "PolicyError" });
});
