import { optionTable } from "../../mod.ts";
import { type Arguments, type OptionType, readInteger } from "./arguments.ts";
import { UsageError } from "./exit_code.ts";

/** The options of a command that configure its router. */
export const ROUTER_SYNTAX: Readonly<Record<string, OptionType>> = {
  policy: "string",
  workers: "string",
  queue: "string",
};

const { cpuParallelism, cpuQueueCapacity } = optionTable;

/** The `--help` text of these options. */
export const ROUTER_HELP: string = `\
  --policy NAME    policy of the router: threshold (threshold)
  --workers N      workers of the pool (the cores available to this process)
  --queue N        jobs that may wait for the pool (${cpuQueueCapacity.default})`;

/** Options of `createRouter()` that the command line can set. */
export interface RouterArguments {
  /** `--workers`. */
  readonly cpuParallelism?: number;
  /** `--queue`. */
  readonly cpuQueueCapacity?: number;
}

/**
 * Reads `--policy`, `--workers` and `--queue`.
 *
 * @throws {UsageError} If one is invalid.
 */
export function readRouterOptions(given: Arguments): RouterArguments {
  const policy = given.values.get("policy") ?? "threshold";
  if (policy === "adaptive") throw new UsageError("--policy adaptive is not available yet");
  if (policy !== "threshold") {
    throw new UsageError(`--policy must be threshold: received ${JSON.stringify(policy)}`);
  }
  return {
    cpuParallelism: readInteger(given, "workers", cpuParallelism.range!),
    cpuQueueCapacity: readInteger(given, "queue", cpuQueueCapacity.range!),
  };
}
