// Our own job file for jobs that take time: the same functions as the others have.

import { defineJobs } from "helixrouter/jobs";
import { loadWork } from "./work.ts";

const { sort, burn } = await loadWork();

/** Units of cost in a millisecond: one is nominally 50 ns, as in the simulation. */
const COST_PER_MS = 20_000;

export default defineJobs(import.meta.url, {
  sort: { run: (times: number) => sort(times) },
  burn: { cost: (ms: number) => ms * COST_PER_MS, run: (ms: number) => burn(ms) },
});
