import { createRouter } from "../../mod.ts";
import { defineJobs } from "../../src/define/jobs.ts";
import { createRandom } from "../arrivals.ts";
import { sleep } from "../measure.ts";

/** Clients that submit an asynchronous job each, again and again, and wait for it. */
export interface Crowd {
  readonly name: string;
  readonly about: string;
  readonly clients: number;
  /** How long a job takes while so many of its kind run, in ms, by a number from 0 to 1. */
  readonly latencyMs: (running: number, draw: number) => number;
}

/** With the first, the most that can be had is 707 jobs/s, with 7 at a time; the second wants no limit. */
export const CROWDS: readonly Crowd[] = [
  {
    name: "contention",
    about: "200 clients, latency 5 + 0.1 n² ms",
    clients: 200,
    latencyMs: (running) => 5 + 0.1 * running ** 2,
  },
  {
    name: "waiting",
    about: "200 clients, latency 2 to 20 ms, one in ten 100 ms",
    clients: 200,
    latencyMs: (_running, draw) => draw < 0.1 ? 100 : 2 + 20 * (draw - 0.1),
  },
];

/** Runs such clients for a while, through the router or without; gives the jobs per second of the last half. */
export async function runCrowd(
  { clients, latencyMs }: Crowd,
  durationMs: number,
  isRouted: boolean,
): Promise<number> {
  const random = createRandom(12);
  let running = 0;
  const run = async (): Promise<void> => {
    running++;
    await sleep(latencyMs(running, random()));
    running--;
  };
  const router = await createRouter({ jobs: defineJobs({ wait: { run } }) });
  const startMs = performance.now();
  const endMs = startMs + durationMs;
  let done = 0;
  const client = async (): Promise<void> => {
    while (performance.now() < endMs) {
      if (!isRouted) await run();
      else if ((await router.submit("wait", undefined)).status !== "completed") {
        await sleep(1);
        continue;
      }
      const nowMs = performance.now();
      if (nowMs > startMs + durationMs / 2 && nowMs < endMs) done++;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  await router.close();
  return done / (durationMs / 2_000);
}
