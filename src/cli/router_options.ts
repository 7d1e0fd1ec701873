import { adaptivePolicy, type AnyPolicy, optionTable, thresholdPolicy } from "../../mod.ts";
import { type Arguments, type OptionType, readInteger } from "./arguments.ts";
import { UsageError } from "./exit_code.ts";

/** The options of a command that configure its router. */
export const ROUTER_SYNTAX: Readonly<Record<string, OptionType>> = {
  policy: "string",
  workers: "string",
  queue: "string",
};

const POLICIES: ReadonlyMap<string, () => AnyPolicy> = new Map<string, () => AnyPolicy>([
  ["adaptive", adaptivePolicy],
  ["threshold", thresholdPolicy],
]);

const { cpuParallelism, cpuQueueCapacity } = optionTable;

/** The `--help` text of these options. */
export const ROUTER_HELP: string = `\
  --policy NAME    policy of the router: adaptive, threshold (adaptive)
  --workers N      workers of the pool (the cores available to this process)
  --queue N        jobs that may wait for the pool (${cpuQueueCapacity.default})`;

/** Options of `createRouter()` that the command line can set. */
export interface RouterArguments {
  /** `--policy`. */
  readonly policy: AnyPolicy;
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
  const name = given.values.get("policy") ?? "adaptive";
  const create = POLICIES.get(name);
  if (create === undefined) {
    const names = [...POLICIES.keys()].join(" or ");
    throw new UsageError(`--policy must be ${names}: received ${JSON.stringify(name)}`);
  }
  return {
    policy: create(),
    cpuParallelism: readInteger(given, "workers", cpuParallelism.range!),
    cpuQueueCapacity: readInteger(given, "queue", cpuQueueCapacity.range!),
  };
}
