import { type Arguments, type OptionType, readInteger } from "./arguments.ts";
import { UsageError } from "./exit_code.ts";

/** The options by which a command shapes its router. */
export const ROUTER_SYNTAX: Readonly<Record<string, OptionType>> = {
  policy: "string",
  workers: "string",
  queue: "string",
};

/** What `--help` says about them. */
export const ROUTER_HELP = `\
  --policy NAME    what decides: threshold (threshold)
  --workers N      workers of the pool (the cores this process may use)
  --queue N        jobs that may wait for the pool (512)`;

/** Options of `createRouter()` that the command line may set. */
export interface RouterArguments {
  /** `--workers`. */
  readonly cpuParallelism?: number;
  /** `--queue`. */
  readonly cpuQueueCapacity?: number;
}

/**
 * Reads `--policy`, `--workers` and `--queue`.
 *
 * @throws {UsageError} If one is wrong.
 */
export function readRouterOptions(given: Arguments): RouterArguments {
  const policy = given.values.get("policy") ?? "threshold";
  if (policy === "adaptive") throw new UsageError("--policy adaptive is not available yet");
  if (policy !== "threshold") {
    throw new UsageError(`--policy must be threshold: received ${JSON.stringify(policy)}`);
  }
  const cpuParallelism = readInteger(given, "workers", { min: 1, max: 1_024 });
  const cpuQueueCapacity = readInteger(given, "queue", { min: 1, max: 1_000_000 });
  return {
    ...(cpuParallelism === undefined ? {} : { cpuParallelism }),
    ...(cpuQueueCapacity === undefined ? {} : { cpuQueueCapacity }),
  };
}
