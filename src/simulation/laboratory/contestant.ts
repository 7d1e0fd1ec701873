import type { AnyPolicy, createRouter, PortFactory, RouterOptions } from "../../../mod.ts";
import type { RunTimeModel } from "./own_model.ts";
import type { LabJob } from "../workload/lab_job.ts";
import type { VirtualRunOptions } from "./virtual_run.ts";
import type { DefineLabJobs } from "./lab_jobs.ts";

/** Another version of this library. */
export interface Library {
  readonly createRouter: typeof createRouter;
  readonly defineJobs: DefineLabJobs;
  /** Adapts the modelled workers of this version to it. */
  readonly adaptPorts: (createPort: PortFactory) => PortFactory;
}

/** A model of run times that is told of each job. */
export interface Told {
  readonly model: RunTimeModel;
  /** Tells it of a job; returns the cost by which it knows it. */
  readonly costOf: (job: LabJob) => number;
}

/** A way to run the jobs of a workload, to be compared with others. */
export interface Contestant {
  /** Its policy, a new one for each run. */
  readonly policy: () => AnyPolicy;
  /** The library that its router comes from. @default {this one} */
  readonly library?: Library;
  /** What its router is told of each job instead of what its cost says. @default {nothing} */
  readonly told?: (options: VirtualRunOptions) => Told;
  /** Further options of its router. */
  readonly options?: Omit<RouterOptions, "jobs" | "policy" | "clock" | "createPort">;
}
