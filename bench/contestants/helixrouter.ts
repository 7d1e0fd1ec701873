import type { Jobs, Outcome, Policy, RouterOptions, SubmitOptions } from "../../mod.ts";
import type { Contestant, Opened } from "../contestant.ts";
import type { JobName } from "../jobs/work.ts";

const POOL = { strategy: "cpu_pool", reason: "bench" } as const;

/** Sends every job to a worker: what is measured is the way there and back. */
export const alwaysPool: Policy = { name: "always_pool", decide: () => POOL };

/** The queue's default length; a suite that submits more at once asks for more. */
const DEFAULT_CAPACITY = 512;

/** The part of a router that is used, for kinds that are known at run time only. */
interface AnyRouter {
  submit(kind: string, input: unknown, options?: SubmitOptions): Promise<Outcome<unknown>>;
  run(kind: string, input: unknown, options?: SubmitOptions): Promise<unknown>;
  stats(): {
    readonly completed: number;
    readonly submitted: number;
    readonly workers: { readonly idle: number; readonly busy: number };
  };
  close(): Promise<void>;
}

async function openRouter(job: JobName, options: Omit<RouterOptions, "jobs">): Promise<AnyRouter> {
  const { createRouter } = await import("../../mod.ts");
  return await createRouter<Jobs>({ ...options, jobs: await loadJobs(job) });
}

/** A library is loaded when it is measured, not before: ours, too. */
async function loadJobs(job: JobName): Promise<Jobs> {
  const isPlain = job === "add_one" || job === "echo";
  const { default: jobs } =
    await (isPlain ? import("../jobs/plain_jobs.ts") : import("../jobs/busy_jobs.ts"));
  return jobs;
}

/** Ours, with every job forced onto a worker and all options but those given at their defaults. */
export function helixrouterOf(
  name: string,
  set: Pick<RouterOptions, "transport" | "idleTimeoutMs"> = {},
): Contestant {
  return {
    name,
    load: () => Promise.all([import("../../mod.ts"), import("../jobs/plain_jobs.ts")]),
    async open({ workers, job, waiting = 0 }): Promise<Opened> {
      const router = await openRouter(job, {
        ...set,
        policy: alwaysPool,
        cpuParallelism: workers,
        cpuQueueCapacity: Math.max(waiting, DEFAULT_CAPACITY),
      });
      return {
        run: (input) => router.submit(job, input),
        outputOf: (outcome) => (outcome as { output: unknown }).output,
        async whichWorker() {
          const { thisThread } = await import("../jobs/plain_jobs.ts");
          const ranOn = await router.run("which_worker", undefined);
          if (ranOn === thisThread) throw new Error("Cannot measure: a job ran on this thread");
          return ranOn;
        },
        workers: () => {
          const { idle, busy } = router.stats().workers;
          return idle + busy;
        },
        async close() {
          const { completed, submitted } = router.stats();
          await router.close();
          if (completed !== submitted) {
            throw new Error("Cannot measure: some jobs did not complete");
          }
        },
      };
    },
  };
}

/** Ours as it comes: shared memory wherever the runtime has any. */
export const helixrouter: Contestant = helixrouterOf("helixrouter");

/** Ours without shared memory. */
export const helixrouterMessages: Contestant = helixrouterOf("helixrouter (messages)", {
  transport: "messages",
});

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
      const router = await openRouter(job, { cpuParallelism: workers });
      const options = latencyBudgetMs === undefined ? undefined : { latencyBudgetMs };
      return {
        run: (input) => router.run(job, input, options),
        close: () => router.close(),
      };
    },
  };
}
