import type { AnyPolicy, RouterOptions } from "../../../mod.ts";

/** A way to run the jobs of a workload, to be compared with others. */
export interface Contestant {
  /** Its name. */
  readonly name: string;
  /** Its policy, a new one for each run. */
  readonly policy: () => AnyPolicy;
  /** Further options of its router. */
  readonly options?: Omit<RouterOptions, "jobs" | "policy" | "clock" | "createPort">;
}
