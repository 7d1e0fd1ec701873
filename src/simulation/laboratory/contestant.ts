import type { AnyPolicy, createRouter, PortFactory, RouterOptions } from "../../../mod.ts";
import type { DefineLabJobs } from "./lab_jobs.ts";

/** Another version of this library. */
export interface Library {
  readonly createRouter: typeof createRouter;
  readonly defineJobs: DefineLabJobs;
  /** Adapts the modelled workers of this version to it. */
  readonly adaptPorts: (createPort: PortFactory) => PortFactory;
}

/** A way to run the jobs of a workload, to be compared with others. */
export interface Contestant {
  /** Its policy, a new one for each run. */
  readonly policy: () => AnyPolicy;
  /** The library that its router comes from. @default {this one} */
  readonly library?: Library;
  /** Further options of its router. */
  readonly options?: Omit<RouterOptions, "jobs" | "policy" | "clock" | "createPort">;
}
