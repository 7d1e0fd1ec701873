// Our own job file: the same functions as the others have.

import { defineJobs } from "../../src/jobs.ts";
import { loadWork } from "./work.ts";

const { add_one, echo, spin, burn } = await loadWork();

/** Units of cost in a millisecond: one is nominally 50 ns, as in the simulation. */
const COST_PER_MS = 20_000;

export default defineJobs(import.meta.url, {
  add_one: { run: (n: number) => add_one(n) },
  echo: { run: (value: unknown) => echo(value) },
  echo_moved: {
    transferOutput: (bytes: Uint8Array<ArrayBuffer>) => [bytes.buffer],
    run: (bytes: Uint8Array<ArrayBuffer>) => bytes,
  },
  spin: { run: (rounds: number) => spin(rounds) },
  burn: { cost: (ms: number) => ms * COST_PER_MS, run: (ms: number) => burn(ms) },
});
