import type { VirtualClock } from "../../testing/mod.ts";
import { BareWorkers, type HasJob } from "../laboratory/bare_workers.ts";
import type { Drive, Target } from "../laboratory/drive.ts";
import { LabJobs } from "../laboratory/lab_jobs.ts";
import { runTarget } from "../laboratory/run_target.ts";
import {
  createVirtualClock,
  type VirtualResult,
  type VirtualRunOptions,
} from "../laboratory/virtual_run.ts";
import type { LabJob } from "../workload/lab_job.ts";

/** Runs a workload as a plain loop does: each job where it comes, whatever its budget. */
export function runPlainLoop(options: VirtualRunOptions): VirtualResult {
  const clock = createVirtualClock(options);
  const kinds = new LabJobs(options.workload, clock, options.costs);
  return runTarget(clock, options, (drive) => new PlainLoop(clock, kinds, drive));
}

/** Runs a workload as a plain pool does: first come, first served, whatever the budget. */
export function runPlainPool(options: VirtualRunOptions): VirtualResult {
  const clock = createVirtualClock(options);
  const kinds = new LabJobs(options.workload, clock, options.costs);
  const workers = new BareWorkers<Waiting>(clock, kinds, options);
  return runTarget(clock, options, (drive) => new PlainPool(clock, workers, drive));
}

class PlainLoop implements Target {
  readonly #clock: VirtualClock;
  readonly #kinds: LabJobs;
  readonly #drive: Drive;

  constructor(clock: VirtualClock, kinds: LabJobs, drive: Drive) {
    this.#clock = clock;
    this.#kinds = kinds;
    this.#drive = drive;
  }

  offer(job: LabJob, lateMs: number): void {
    const startMs = this.#clock.now();
    this.#kinds.runBare(job, (ok) => {
      const runMs = this.#clock.now() - startMs;
      const times = { totalMs: runMs, waitMs: 0, runMs };
      if (ok) this.#drive.completed(job, "inline", times, lateMs);
      else this.#drive.lost(job, "failed", "inline", "threw");
    });
  }
}

/** A job that a pool has taken. */
interface Waiting extends HasJob {
  readonly lateMs: number;
  readonly offeredAtMs: number;
}

class PlainPool implements Target {
  readonly #clock: VirtualClock;
  readonly #workers: BareWorkers<Waiting>;
  readonly #queue: Waiting[] = [];
  #first = 0;

  constructor(clock: VirtualClock, workers: BareWorkers<Waiting>, drive: Drive) {
    this.#clock = clock;
    this.#workers = workers;
    workers.ended = ({ job, lateMs, offeredAtMs }, ok, runMs) => {
      const totalMs = clock.now() - offeredAtMs;
      if (ok) drive.completed(job, "cpu_pool", { totalMs, waitMs: totalMs - runMs, runMs }, lateMs);
      else drive.lost(job, "failed", "cpu_pool", "threw");
      this.#dispatch();
    };
  }

  offer(job: LabJob, lateMs: number): void {
    this.#queue.push({ job, lateMs, offeredAtMs: this.#clock.now() });
    this.#dispatch();
  }

  #dispatch(): void {
    const workers = this.#workers;
    while (this.#first < this.#queue.length) {
      const { idlest } = workers;
      if (workers.held[idlest].length > 0) return;
      workers.send(idlest, this.#queue[this.#first++]);
    }
  }
}
