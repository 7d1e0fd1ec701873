import { defineJobs, type Jobs, type Kind } from "../../define/jobs.ts";
import type { ModelledRun, VirtualClock, WorkerModel } from "../../testing/mod.ts";
import type { LabJob } from "../workload/lab_job.ts";
import type { WorkloadSpec } from "../workload/spec.ts";
import { type RouterCosts, USUAL_COSTS } from "./costs.ts";
import { Crowds } from "./crowds.ts";

/** A kind of the laboratory: its input is the job itself. */
export type LabKinds = Readonly<Record<string, Kind<LabJob, number, LabJob>>>;

/** How a kind of the laboratory is defined. */
export interface LabDefinition {
  readonly run: (job: LabJob) => unknown;
}

/** Defines them. */
export type DefineLabJobs = (
  url: string,
  kinds: Readonly<Record<string, LabDefinition>>,
) => Jobs<LabKinds>;

const defineLabJobs: DefineLabJobs = (url, kinds) => defineJobs(url, kinds) as Jobs<LabKinds>;

/** The jobs of a workload, as models: on the router's thread they occupy it, in a worker they are a run. */
export class LabJobs {
  readonly jobs: Jobs<LabKinds>;
  readonly #clock: VirtualClock;
  readonly #asyncMs: number;
  readonly #crowds: Crowds;

  constructor(
    { kinds }: WorkloadSpec,
    clock: VirtualClock,
    { asyncMs }: Pick<RouterCosts, "asyncMs"> = USUAL_COSTS,
    define: DefineLabJobs = defineLabJobs,
  ) {
    this.#clock = clock;
    this.#asyncMs = asyncMs;
    this.#crowds = new Crowds(kinds.map(({ crowdMs = 0 }) => crowdMs));
    const definitions: Record<string, LabDefinition> = {};
    for (const { name } of kinds) {
      definitions[name] = {
        run: (job: LabJob) => this.runHere(job),
      };
    }
    this.jobs = define(import.meta.url, definitions);
  }

  /** How workers run the jobs. */
  workerModel(costs: RouterCosts): WorkerModel {
    return {
      run: ({ payload }) => this.#runIn(payload as LabJob),
      ended: ({ payload }) => this.#ended(payload as LabJob),
      ...costs,
    };
  }

  #runIn(job: LabJob): ModelledRun {
    const { beforeMs, afterMs, crashes } = job;
    const waitMs = job.waitMs > 0 ? this.#crowds.enter(job) : 0;
    return { busyMs: beforeMs, waitMs, afterMs, end: crashes ? "crash" : "ok", value: job.id };
  }

  #ended(job: LabJob): void {
    if (job.waitMs > 0) this.#crowds.leave(job);
  }

  /**
   * Runs a job on the router's thread; returns its output, or what will have it. One that would make its
   * worker crash throws.
   */
  runHere(job: LabJob): unknown {
    const clock = this.#clock;
    clock.occupy(job.beforeMs);
    if (!(job.waitMs > 0)) {
      if (job.crashes) throw crashOf(job);
      return job.id;
    }
    // It settles in the turn in which its wait is over, so no promise is needed.
    return {
      then: (settle: (output: number) => void, fail?: (error: Error) => void): void => {
        clock.occupy(this.#asyncMs / 2);
        clock.at(clock.now() + this.#crowds.enter(job), () => {
          this.#crowds.leave(job);
          clock.occupy(this.#asyncMs / 2);
          clock.occupy(job.afterMs);
          if (job.crashes) fail?.(crashOf(job));
          else settle(job.id);
        }, undefined);
      },
    };
  }

  /** The same without a router: `ended` is told once whether it did not throw, perhaps before this returns. */
  runBare(job: LabJob, ended: (ok: boolean) => void): void {
    let output: unknown;
    try {
      output = this.runHere(job);
    } catch {
      return ended(false);
    }
    if (typeof output === "number") ended(true);
    else (output as PromiseLike<unknown>).then(() => ended(true), () => ended(false));
  }
}

function crashOf({ id }: LabJob): Error {
  return new Error(`Job ${id} crashed`);
}
