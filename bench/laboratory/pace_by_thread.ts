import type { Pace } from "../../src/simulation/live/live_run.ts";
import { moduleUrl } from "../place.ts";
import { startThread } from "../thread.ts";

/** Submits jobs as a thread of its own says, so that a busy event loop does not slow down the arrivals. */
export const paceByThread: Pace = async (jobs, arrive) => {
  const thread = await startThread(moduleUrl("jobs/arrivals_worker"));
  // The clocks of two threads differ: the arrival that was told with the least delay so far tells by how much.
  let startMs = Infinity;
  let arrived = 0;
  await new Promise<void>((resolve) => {
    thread.listen((count) => {
      startMs = Math.min(startMs, performance.now() - jobs[(count as number) - 1].atMs);
      while (arrived < (count as number)) {
        const job = jobs[arrived++];
        arrive(job, Math.max(0, performance.now() - startMs - job.atMs));
      }
      if (arrived === jobs.length) resolve();
    });
    thread.post(Float64Array.from(jobs, ({ atMs }) => atMs));
  });
  await thread.end();
};
