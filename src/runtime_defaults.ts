import type { Clock } from "./clock.ts";

/** Runs a function in a captured async context. */
export type Within = <T>(fn: () => T) => T;

/** Captures the current async context; `undefined` where the runtime has none. */
export type KeepContext = () => Within | undefined;

/** The defaults that depend on the runtime. */
export interface RuntimeDefaults {
  /** Number of cores this process may use. */
  readonly cpuParallelism: number;
  /** Time after which an idle worker exits, in ms. */
  readonly idleTimeoutMs: number;
  /** Time an aborted job may go on before its worker is ended, in ms. */
  readonly abortGraceMs: number;
  /** The options that its workers can have. */
  readonly workerOptions: readonly ("env" | "name" | "resourceLimits")[];
  /** The runtime's clock. */
  readonly clock: Clock;
  /** Captures async contexts. */
  readonly keepContext: KeepContext;
  /** Warns whoever runs the program. */
  readonly warn: (message: string) => void;
}
