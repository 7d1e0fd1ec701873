import type { AnyPolicy, RouterOptions } from "../../../mod.ts";
import { calibrateRoundsPerMs } from "../calibration.ts";
import { kernelModule } from "../kernels/kernel_module.ts";
import type { Told } from "../laboratory/contestant.ts";
import type { Heard, Target } from "../laboratory/drive.ts";
import { JobTally } from "../laboratory/job_tally.ts";
import { createRouterWith, RunTimeModel } from "../laboratory/own_model.ts";
import { RouterTarget } from "../laboratory/router_target.ts";
import { replay } from "../replay.ts";
import { systemClock } from "../system_clock.ts";
import { JobSource, type SourceOptions } from "../workload/job_source.ts";
import type { LabJob } from "../workload/lab_job.ts";
import { type LiveInput, liveJobs, liveKindName, runLiveJob } from "./live_jobs.ts";

/** What a run of a workload for real is made of. */
export interface LiveRunOptions extends SourceOptions {
  /** Number of workers, all ready before the first job. */
  readonly workers: number;
  /** Rounds of work in a ms. @default {measured} */
  readonly roundsPerMs?: number;
  /** What tells when each job is due. @default {timers of this thread} */
  readonly pace?: Pace;
  /** What the router is told of each job instead of what its cost says. @default {nothing} */
  readonly told?: Told;
}

/** Calls `arrive` for each job when it is due, or `lateMs` later; resolves after the last one. */
export type Pace = (
  jobs: readonly LabJob[],
  arrive: (job: LabJob, lateMs: number) => void,
) => Promise<void>;

/** Who runs the jobs: a router with a policy; `null` for a plain loop. */
export type LivePolicy = (() => AnyPolicy) | null;

/** Runs a workload with real work, on this machine. */
export async function runLive(
  policy: LivePolicy,
  options: LiveRunOptions,
  routerOptions: Omit<RouterOptions, "jobs" | "policy" | "minWorkers"> = {},
): Promise<JobTally> {
  const { workload, durationMs, workers, told, pace = paceByTimers } = options;
  kernelModule(); // compiled before the clock starts
  const roundsPerMs = options.roundsPerMs ?? calibrateRoundsPerMs(systemClock);
  const toInput = ({ beforeMs, waitMs, afterMs }: LabJob): LiveInput => ({
    before: Math.round(beforeMs * roundsPerMs),
    waitMs,
    after: Math.round(afterMs * roundsPerMs),
  });
  const tally = new JobTally(workload.kinds.length, durationMs);
  const heard = hear(tally);
  const router = policy === null ? null : await createRouterWith({
    ...routerOptions,
    jobs: liveJobs,
    policy: policy(),
    cpuParallelism: workers,
    minWorkers: workers,
  }, (kinds) => told?.model ?? new RunTimeModel(kinds));
  const names = workload.kinds.map((_, index) => liveKindName(index));
  const target = router === null
    ? new LiveLoop(toInput, heard)
    : new RouterTarget(router, names, heard, toInput, told?.costOf);
  await pace(jobsOf(options), (job, lateMs) => {
    tally.came(job, lateMs);
    target.offer(job, lateMs);
  });
  await router?.drain();
  await router?.close();
  if (target instanceof RouterTarget && target.refusal !== undefined) throw target.refusal;
  return tally;
}

function jobsOf(options: SourceOptions): LabJob[] {
  const source = new JobSource(options);
  const jobs: LabJob[] = [];
  for (let job = source.next(); job !== undefined; job = source.next()) jobs.push(job);
  return jobs;
}

function hear(tally: JobTally): Heard {
  return {
    completed: (job, strategy, { totalMs, waitMs, runMs }, lateMs) =>
      tally.done(job, strategy, lateMs + totalMs, lateMs + waitMs, runMs),
    lost: (job, status, strategy, reason) => tally.lost(job, status, strategy, reason),
  };
}

/** Submits jobs by timers of this thread: each up to a ms late, as those are. */
const paceByTimers: Pace = (jobs, arrive) =>
  replay(jobs, { clock: systemClock, speed: 1, signal: undefined }, arrive);

/** Runs each job where it comes. */
class LiveLoop implements Target {
  readonly #toInput: (job: LabJob) => LiveInput;
  readonly #heard: Heard;

  constructor(toInput: (job: LabJob) => LiveInput, heard: Heard) {
    this.#toInput = toInput;
    this.#heard = heard;
  }

  offer(job: LabJob, lateMs: number): void {
    const startMs = systemClock.now();
    const done = (): void => {
      const runMs = systemClock.now() - startMs;
      this.#heard.completed(job, "inline", { totalMs: runMs, waitMs: 0, runMs }, lateMs);
    };
    const output = runLiveJob(this.#toInput(job));
    if (typeof output === "number") done();
    else output.then(done);
  }
}
