// The lane contract for every lane, and the batch lane's own part of it.
import { STRATEGIES } from "../../mod.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import moduleJobs, { jobsOfThisThread } from "../fixtures/lane_jobs.ts";
import { laneContract, type LaneWay } from "./lane_contract.ts";

const lanes: readonly LaneWay[] = [
  { name: "inline", strategy: "inline", jobs: moduleJobs, runsHere: true },
  {
    name: "spawn",
    strategy: "spawn",
    jobs: jobsOfThisThread, // a kind with a module would overflow to the pool
    waiting: (load) => load.spawnWaiting,
    runsHere: true,
  },
  {
    name: "cpu_pool",
    strategy: "cpu_pool",
    jobs: moduleJobs,
    waiting: (load) => load.poolWaiting,
    runsHere: false,
  },
  {
    name: "batch on the pool",
    strategy: "batch",
    jobs: moduleJobs,
    waiting: (load) => load.poolWaiting + load.batchWaiting,
    runsHere: false,
  },
  {
    name: "batch on this thread",
    strategy: "batch",
    jobs: jobsOfThisThread,
    waiting: (load) => load.spawnWaiting,
    runsHere: true,
  },
];

test("the lane contract knows every strategy that has a lane", () => {
  const known = new Set(lanes.map(({ strategy }) => strategy));
  assert.deepEqual(new Set(STRATEGIES), known.add("backpressure_drop"));
});

for (const lane of lanes) laneContract(lane);
