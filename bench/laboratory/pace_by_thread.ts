import type { Pace } from "../../src/simulation/live/live_run.ts";
import type { LabJob } from "../../src/simulation/workload/lab_job.ts";
import { moduleUrl } from "../place.ts";
import { startThread } from "../thread.ts";

/** Submits jobs as a thread of its own says, so that a busy event loop does not slow down the arrivals. */
export const paceByThread: Pace = async (source, arrive) => {
  const jobs: LabJob[] = [];
  for (let job = source.next(); job !== undefined; job = source.next()) jobs.push(job);
  const thread = await startThread(moduleUrl("jobs/arrivals_worker"));
  // The clocks of two threads differ: the arrival that was told with the least delay so far tells by how much.
  let startMs = Infinity;
  let arrived = 0;
  await new Promise<void>((resolve) => {
    thread.listen((count) => {
      startMs = Math.min(startMs, performance.now() - jobs[(count as number) - 1].atMs);
      while (arrived < (count as number)) arrive(jobs[arrived++], startMs);
      if (arrived === jobs.length) resolve();
    });
    thread.post(Float64Array.from(jobs, ({ atMs }) => atMs));
  });
  await thread.end();
};
