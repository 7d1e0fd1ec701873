// Jobs with a fixed part: a round trip of 2 ms, as to a database, and some 50 µs of work for each.

import { defineJobs } from "helixrouter/jobs";
import { loadWork } from "./work.ts";

const { burn } = await loadWork();

const ROUND_TRIP_MS = 2;
const EACH_MS = 0.05;

const word = new Int32Array(new SharedArrayBuffer(4));

function look(id: number): number {
  burn(EACH_MS);
  return id;
}

function run(id: number): number {
  Atomics.wait(word, 0, 0, ROUND_TRIP_MS);
  return look(id);
}

function runBatch(ids: readonly number[]): number[] {
  Atomics.wait(word, 0, 0, ROUND_TRIP_MS);
  return ids.map(look);
}

export default defineJobs(import.meta.url, {
  look_up: { run, runBatch },
  look_up_alone: { run },
  /** For policies that go by hints. */
  look_up_hinted: { cost: 1e6, scaling: 1, run, runBatch },
});
