import type { SubmitOptions } from "../../mod.ts";
import type { PortModel } from "./port_model.ts";
import type { Task } from "./world.ts";

/** A submit, and what its callbacks do. */
export interface Submit {
  readonly do: "submit";
  readonly kind: string;
  readonly hints: SubmitOptions;
  readonly task: Omit<Task, "id">;
  /** Place of the caller's signal, if there is one. */
  readonly signal: number | undefined;
  /** What its run does beside its work, on this thread. */
  readonly inRun: "nothing" | "submit" | "abort";
  /** What its sink does. */
  readonly inSink: "nothing" | "submit" | "abort";
}

/** One move of a scenario. */
export type Move =
  | Submit
  | { readonly do: "abort"; readonly signal: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "step" }
  | { readonly do: "kill"; readonly worker: number }
  | { readonly do: "close"; readonly drainMs: number };

/** A whole run: options, the workers' behaviour, and what happens. */
export interface Scenario {
  readonly options: {
    readonly cpuParallelism: number;
    readonly cpuQueueCapacity: number;
    readonly waitCapacity: number;
    readonly spawnConcurrency: number;
    readonly spawnQueueCapacity: number;
    readonly inlineSliceMs: number;
    readonly batchMaxSize: number;
    readonly batchMaxDelayMs: number;
    readonly idleTimeoutMs: number;
    readonly abortGraceMs: number | undefined;
    readonly maxLostWorkers: number;
    readonly maxJobsPerWorker: number | undefined;
    readonly quarantineAfter: number | undefined;
    readonly quarantineMs: number;
    readonly seed: number;
  };
  readonly model: Partial<PortModel>;
  /** Whether the policy has an `order` and an `admit` of its own. */
  readonly hasOrder: boolean;
  readonly hasAdmit: boolean;
  /** Whether someone listens to decisions, and submits from there. */
  readonly listener: "none" | "looks" | "submits";
  /** Whether the policy, which should only decide, aborts callers' signals in its `admit`. */
  readonly meddles: boolean;
  readonly moves: readonly Move[];
}

/** How many callers' signals there are. */
export const SIGNALS = 3;
