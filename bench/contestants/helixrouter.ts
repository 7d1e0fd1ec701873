import type { Contestant, Opened } from "../contestant.ts";
import type { Policy } from "../../mod.ts";

const POOL = { strategy: "cpu_pool", reason: "bench" } as const;

/** Sends every job to a worker: what is measured is the way there and back. */
export const alwaysPool: Policy = { name: "always_pool", decide: () => POOL };

/** The queue's default length; a suite that submits more at once asks for more. */
const DEFAULT_CAPACITY = 512;

/** Ours, with every job forced onto a worker and all other options at their defaults. */
export const helixrouter: Contestant = {
  name: "helixrouter",
  load: () => Promise.all([import("../../mod.ts"), import("../jobs/helix_jobs.ts")]),
  async open({ workers, job, waiting = 0 }): Promise<Opened> {
    const { createRouter } = await import("../../mod.ts");
    const { default: jobs } = await import("../jobs/helix_jobs.ts");
    const router = await createRouter({
      jobs,
      policy: alwaysPool,
      cpuParallelism: workers,
      cpuQueueCapacity: Math.max(waiting, DEFAULT_CAPACITY),
    });
    return {
      run: (input) => router.submit(job, input as never),
      outputOf: (outcome) => (outcome as { output: unknown }).output,
      async close() {
        const { completed, submitted } = router.stats();
        await router.close();
        if (completed !== submitted) throw new Error("Cannot measure: some jobs did not complete");
      },
    };
  },
};

/** Options of {@linkcode helixrouterAsUsed}. */
export interface AsUsedOptions {
  /** Budget of every job, in ms. Default: none. */
  readonly latencyBudgetMs?: number;
}

/** Ours as a program uses it: the threshold policy decides, a drop rejects. */
export function helixrouterAsUsed({ latencyBudgetMs }: AsUsedOptions = {}): Contestant {
  return {
    ...helixrouter,
    async open({ workers, job }): Promise<Opened> {
      const { createRouter } = await import("../../mod.ts");
      const { default: jobs } = await import("../jobs/helix_jobs.ts");
      const router = await createRouter({ jobs, cpuParallelism: workers });
      const options = latencyBudgetMs === undefined ? undefined : { latencyBudgetMs };
      return {
        run: (input) => router.run(job, input as never, options),
        close: () => router.close(),
      };
    },
  };
}
