import type { Strategy } from "../../../mod.ts";
import { type Arrival, ArrivalThread, type VirtualClock } from "../../testing/mod.ts";
import { JobSource, type SourceOptions } from "../workload/job_source.ts";
import type { LabJob } from "../workload/lab_job.ts";
import { classesFor } from "./budget_classes.ts";
import { JobTally } from "./job_tally.ts";

/** What runs the jobs. */
export interface Target {
  /** Takes a job, `lateMs` after it was due; tells the drive once how it ended. */
  offer(job: LabJob, lateMs: number): void;
}

/** Hears how jobs end, each once. */
export interface Heard {
  /** A job has completed; `lateMs` is how late it was offered, which comes on top. */
  completed(
    job: LabJob,
    strategy: Strategy,
    times: { readonly totalMs: number; readonly waitMs: number; readonly runMs: number },
    lateMs: number,
  ): void;
  /** A job was not done. */
  lost(
    job: LabJob,
    status: "dropped" | "failed" | "cancelled" | "timedOut",
    strategy: Strategy,
    reason: string,
  ): void;
}

/** What a drive is made of. */
export interface DriveOptions extends SourceOptions {
  /** Jobs to run instead of those that the workload describes, in order of arrival. */
  readonly jobs?: readonly LabJob[] | undefined;
  /** Whether jobs count however late they end. @default {false} */
  readonly drains?: boolean;
  /**
   * What a thread beside the loop takes of a core to wake up and send it the jobs that are due, in ms. Without one
   * they come by themselves.
   */
  readonly wakeMs?: number;
}

/** Gives the jobs of a workload to what runs them when they are due, and counts how they end. */
export class Drive implements Heard {
  readonly tally: JobTally;
  readonly #clock: VirtualClock;
  readonly #options: DriveOptions;
  readonly #submitMs: number;
  readonly #startMs: number;
  readonly #source: JobSource;
  readonly #target: Target;
  /** Jobs of the list that have been planned. */
  #listed = 0;
  readonly #arrive = (job: LabJob): void => this.#arrived(job);
  #isOver = false;

  /** `submitMs` is what taking a job costs. */
  constructor(
    clock: VirtualClock,
    options: DriveOptions,
    submitMs: number,
    createTarget: (drive: Drive) => Target,
  ) {
    const { workload, durationMs, drains } = options;
    this.#clock = clock;
    this.#options = options;
    this.#submitMs = submitMs;
    this.#startMs = clock.now();
    this.#source = new JobSource(options);
    const budgets = classesFor(budgetsOf(options));
    const endMs = drains === true ? Infinity : durationMs;
    this.tally = new JobTally(workload.kinds.length, endMs, budgets);
    this.#target = createTarget(this);
  }

  /** Runs the workload to its end; returns how long that took, in ms: its duration, unless it drains. */
  run(): number {
    const clock = this.#clock;
    const { workload: { arrivals, pauses = [] }, durationMs, drains } = this.#options;
    for (const { at, ms } of pauses) {
      clock.at(this.#startMs + at * durationMs, () => clock.occupy(ms), undefined);
    }
    if (arrivals?.type !== "closed") this.#start();
    else for (let client = 0; client < arrivals.clients; client++) this.#think();
    if (drains === true) { while (clock.step()); }
    else clock.runUntil(this.#startMs + durationMs);
    this.#isOver = true;
    return drains === true ? clock.now() - this.#startMs : durationMs;
  }

  completed(
    job: LabJob,
    strategy: Strategy,
    times: { readonly totalMs: number; readonly waitMs: number; readonly runMs: number },
    lateMs: number,
  ): void {
    if (this.#isOver) return;
    const { totalMs, waitMs, runMs } = times;
    this.tally.done(job, strategy, lateMs + totalMs, lateMs + waitMs, runMs);
    this.#think();
  }

  lost(
    job: LabJob,
    status: "dropped" | "failed" | "cancelled" | "timedOut",
    strategy: Strategy,
    reason: string,
  ): void {
    if (this.#isOver) return;
    this.tally.lost(job, status, strategy, reason);
    this.#think();
  }

  #start(): void {
    const { wakeMs } = this.#options;
    if (wakeMs === undefined) return this.#planNext();
    const next = (): Arrival<LabJob> | undefined => this.#next();
    const receive = (job: LabJob): void => {
      if (!this.#isOver) this.#take(job);
    };
    new ArrivalThread(this.#clock, { wakeMs, next, receive });
  }

  #next(): Arrival<LabJob> | undefined {
    const { jobs } = this.#options;
    const job = jobs === undefined ? this.#source.next() : jobs[this.#listed++];
    return job && { atMs: this.#startMs + job.atMs, value: job };
  }

  #planNext(): void {
    const arrival = this.#next();
    if (arrival !== undefined) this.#clock.at(arrival.atMs, this.#arrive, arrival.value);
  }

  /** A client, if there are any, thinks, and then has another job. */
  #think(): void {
    const { workload: { arrivals }, durationMs } = this.#options;
    if (arrivals?.type !== "closed") return;
    const atMs = this.#clock.now() - this.#startMs + this.#source.thinkMs(arrivals.thinkMs);
    if (atMs >= durationMs) return;
    this.#clock.at(this.#startMs + atMs, () => this.#take(this.#source.at(atMs)), undefined);
  }

  #arrived(job: LabJob): void {
    this.#planNext();
    this.#take(job);
  }

  #take(job: LabJob): void {
    this.tally.came(job, this.#clock.now() - this.#startMs - job.atMs);
    this.#clock.occupy(this.#submitMs);
    this.#target.offer(job, this.#clock.now() - this.#startMs - job.atMs);
  }
}

/** The budgets that jobs can have, in ms. */
function budgetsOf({ workload, jobs }: DriveOptions): number[] {
  if (jobs !== undefined) return jobs.map(({ budgetMs }) => budgetMs);
  return workload.kinds.flatMap(({ budgets = [{}] }) =>
    budgets.map(({ budgetMs = Infinity }: { readonly budgetMs?: number }) => budgetMs)
  );
}
