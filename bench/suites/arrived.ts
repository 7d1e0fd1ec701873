import { createRouter, type Jobs, type Transport } from "../../mod.ts";
import { alwaysPool } from "../contestants/helixrouter.ts";
import jobs, { timeUs, WORKS } from "../jobs/arrived_jobs.ts";
import { median } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";

const TRANSPORTS: Readonly<Record<string, Transport>> = {
  helixrouter: "auto",
  "helixrouter (messages)": "messages",
};
const WARM_UP_CALLS = 300;
/** Several calls, as what comes together may be taken apart. */
const TOGETHER = 4;

/** Whether what arrives is quick to work on: its form is the transport's, the time the user's. */
export const arrivedSuite: Suite = {
  name: "arrived",
  about: "the time that a function takes on a value which came to the worker as an input, and to " +
    "the caller as an output; a message brings what the engine makes of it",
  cases: Object.keys(WORKS),
  columns: [
    { metric: "in the job", unit: "µs" },
    { metric: "at the caller", unit: "µs" },
  ],
  ours: "helixrouter",
  entries: Object.keys(TRANSPORTS).map((name) => ({ name })),
  limitS: 30,
  async measure({ entry, case: name, quick }: Test): Promise<Measured> {
    const router = await createRouter<Jobs>({
      jobs,
      policy: alwaysPool,
      cpuParallelism: 1,
      transport: TRANSPORTS[entry],
    });
    const { value } = WORKS[name];
    const inJob: number[] = [];
    const atCaller: number[] = [];
    const calls = WARM_UP_CALLS + (quick ? 300 : 1_500);
    for (let i = 0; i < calls; i++) {
      const jobUs = await lastOf(() => router.run(name, value)) as number;
      const callerUs = timeUs(name, await lastOf(() => router.run("echo", value)));
      if (i < WARM_UP_CALLS) continue;
      inJob.push(jobUs);
      atCaller.push(callerUs);
    }
    await router.close();
    return { [entry]: { "in the job": median(inJob), "at the caller": median(atCaller) } };
  },
};

/** What the last of some calls made together gives. */
async function lastOf(call: () => Promise<unknown>): Promise<unknown> {
  return (await Promise.all(Array.from({ length: TOGETHER }, call))).at(-1);
}
