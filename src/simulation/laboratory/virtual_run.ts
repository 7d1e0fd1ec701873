import { createRouter, optionTable, type RouterStats } from "../../../mod.ts";
import { createRouterWith } from "./own_model.ts";
import { type KernelOptions, modelWorkers, VirtualClock } from "../../testing/mod.ts";
import { nextTurn } from "../next_turn.ts";
import type { Contestant } from "./contestant.ts";
import { type RouterCosts, USUAL_COSTS, USUAL_KERNEL } from "./costs.ts";
import type { DriveOptions } from "./drive.ts";
import type { JobTally } from "./job_tally.ts";
import { LabJobs } from "./lab_jobs.ts";
import { RouterTarget } from "./router_target.ts";
import { runTarget } from "./run_target.ts";

/** What a run in virtual time is made of. */
export interface VirtualRunOptions extends DriveOptions {
  /** Number of workers. */
  readonly workers: number;
  /** Whether the workers are ready when the first job comes. @default {true} */
  readonly isWarm?: boolean;
  /** What the router costs. @default {as on Node} */
  readonly costs?: RouterCosts;
  /** How the kernel shares cores. */
  readonly kernel?: Omit<KernelOptions, "cores">;
}

/** What came of a run in virtual time. */
export interface VirtualResult {
  readonly tally: JobTally;
  /** Virtual time from the first job on, in ms. */
  readonly wallMs: number;
  /** What the router counted, if there was one. */
  readonly stats?: RouterStats;
  /** Settings that were chosen for the jobs, in words. */
  readonly settings?: readonly string[];
}

/** When idle workers exit, in ms: the default differs between runtimes. */
const IDLE_MS = 30_000;

/**
 * Runs a workload in virtual time, through the router as it is.
 *
 * @throws {PolicyError} If the policy fails, and whatever else the router refuses a job with.
 */
export async function runVirtually(
  contestant: Contestant,
  options: VirtualRunOptions,
): Promise<VirtualResult> {
  const { workload, workers, isWarm = true, costs = USUAL_COSTS } = options;
  const clock = createVirtualClock(options);
  const { createRouter: create = createRouter, defineJobs, adaptPorts } = contestant.library ?? {};
  const told = contestant.told?.(options);
  const kinds = new LabJobs(workload, clock, costs, defineJobs);
  const createPort = modelWorkers(clock, kinds.workerModel(costs));
  const routerOptions = {
    seed: options.seed,
    idleTimeoutMs: IDLE_MS,
    ...contestant.options,
    jobs: kinds.jobs,
    policy: contestant.policy(),
    clock,
    createPort: adaptPorts === undefined ? createPort : adaptPorts(createPort),
    cpuParallelism: workers,
    minWorkers: isWarm ? Math.min(workers, optionTable.minWorkers.range!.max) : 0,
  };
  const router = await settle(
    clock,
    told === undefined ? create(routerOptions) : createRouterWith(routerOptions, () => told.model),
  );
  const kindNames = workload.kinds.map(({ name }) => name);
  let target: RouterTarget | undefined;
  const result = runTarget(
    clock,
    options,
    (drive) => target = new RouterTarget(router, kindNames, drive, undefined, told?.costOf),
  );
  const stats = router.stats();
  await settle(clock, router.close({ drainMs: 0 }));
  const refusal = target?.refusal;
  if (refusal !== undefined) throw refusal;
  return { ...result, stats };
}

/** A clock of a machine as the options say. */
export function createVirtualClock(options: VirtualRunOptions): VirtualClock {
  const { cores, kernel = USUAL_KERNEL, costs = USUAL_COSTS } = options;
  const { turnMs, wakeMs } = costs;
  return new VirtualClock({ cores, turnMs, wakeMs, ...kernel });
}

/** Lets virtual time pass until a promise has settled. */
async function settle<T>(clock: VirtualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false;
  promise.then(() => isSettled = true, () => isSettled = true);
  while (!isSettled) {
    await nextTurn();
    clock.step();
    while (clock.step(clock.now())); // and what is due at the same time
  }
  return await promise;
}
