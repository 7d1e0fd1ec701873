import { createRouter, type RouterOptions } from "../../mod.ts";
import { demoJobs } from "./jobs.ts";

/** How many workers a router with these options may have. Only a router knows; this one starts none. */
export async function defaultWorkers(
  options: Omit<RouterOptions, "jobs" | "minWorkers"> = {},
): Promise<number> {
  const router = await createRouter({ ...options, jobs: demoJobs });
  const { cpuParallelism } = router.stats().load;
  await router.close();
  return cpuParallelism;
}
