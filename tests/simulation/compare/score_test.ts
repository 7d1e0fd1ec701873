import assert from "node:assert/strict";
import { test } from "node:test";
import { figuresOf, type RunFigures } from "../../../src/simulation/compare/figures.ts";
import { scoreOf, spreadOf } from "../../../src/simulation/compare/score.ts";
import { JobTally } from "../../../src/simulation/laboratory/job_tally.ts";
import { workloadOf } from "../workload/drawn_jobs.ts";

const EMPTY = figuresOf({ tally: new JobTally(1, 1), wallMs: 1 }, workloadOf([{}]), 1);
const run = (count: number, work: number, delay: number): RunFigures => ({
  ...EMPTY,
  ...{ count, work, delay },
});

test("a score is the mean over the seeds of ours beside the oracle's, at most 1", () => {
  const ours = [run(0.4, 0.9, 4), run(0.9, 0.3, 1)];
  const oracles = [run(0.8, 0.6, 2), run(0.6, 0.6, 3)];
  assert.deepEqual(scoreOf(ours, oracles), { count: 0.75, work: 0.75, delay: 0.75 });
  assert.deepEqual(scoreOf(oracles, oracles), { count: 1, work: 1, delay: 1 });
});

test("where the oracle has under 2 %, nobody is more than 2 points behind it", () => {
  assert.equal(scoreOf([run(0, 0, 1)], [run(0.0199, 0.0199, 1)]).count, 1);
  assert.equal(scoreOf([run(0, 0, 1)], [run(0.02, 0.0199, 1)]).count, 0);
  assert.equal(scoreOf([run(0.01, 0, 1)], [run(0.02, 0.02, 1)]).count, 0.5);
  assert.equal(scoreOf([run(0.01, 0, 1)], [run(0.02, 0.02, 1)]).work, 0);
});

test("who completes nothing is not quick", () => {
  const delay = (ours: number, oracle: number) =>
    scoreOf([run(1, 1, ours)], [run(1, 1, oracle)]).delay;
  assert.deepEqual([delay(0, 2), delay(2, 0), delay(0, 0), delay(4, 2)], [0, 1, 1, 0.5]);
});

test("a spread is the standard deviation", () => {
  assert.deepEqual(spreadOf([1, 3]), { mean: 2, spread: 1 });
  assert.deepEqual(spreadOf([5]), { mean: 5, spread: 0 });
});
