import type { DecisionRecord } from "../../mod.ts";
import { readVariable } from "./environment.ts";
import { UsageError } from "./exit_code.ts";
import { stderr } from "./output.ts";

/** How much is said on standard error, most first. */
export const LOG_LEVELS = ["debug", "info", "warn", "off"] as const;

/** A level of the log. */
export type LogLevel = typeof LOG_LEVELS[number];

/** Says on standard error what goes on. */
export interface Log {
  /** The level it was made with. */
  readonly level: LogLevel;
  /** One line of JSON for a decision, at `debug`. */
  decision(record: DecisionRecord): void;
  /** What is good to know. */
  info(text: string): void;
  /** What should be looked at. */
  warn(text: string): void;
}

/**
 * Reads `HELIX_LOG`; `info` when it is not set.
 *
 * @throws {UsageError} If it is no level.
 */
export function readLogLevel(): LogLevel {
  const level = readVariable("HELIX_LOG") ?? "info";
  if ((LOG_LEVELS as readonly string[]).includes(level)) return level as LogLevel;
  throw new UsageError(
    `HELIX_LOG must be one of ${LOG_LEVELS.join(", ")}: received ${JSON.stringify(level)}`,
  );
}

/** A log that writes what is at `level` or above. */
export function createLog(level: LogLevel): Log {
  const isOn = (wanted: LogLevel): boolean =>
    level !== "off" && LOG_LEVELS.indexOf(wanted) >= LOG_LEVELS.indexOf(level);
  const say = (wanted: LogLevel) => (text: string): void => {
    if (isOn(wanted)) stderr.write(`helixrouter: ${text}\n`);
  };
  return {
    level,
    decision(record) {
      if (isOn("debug")) stderr.write(toDecisionLine(record) + "\n");
    },
    info: say("info"),
    warn: say("warn"),
  };
}

/** A decision and the most telling part of the load it was taken under. */
function toDecisionLine(record: DecisionRecord): string {
  const { jobId, kind, strategy, reason, computeCost, scalingPotential, latencyBudgetMs } = record;
  const { predictedWaitMs, predictedRunMs, priority, policy, load } = record;
  const { inFlight, poolRunning, poolWaiting, batchWaiting, spawnWaiting, loopLagMs } = load;
  return JSON.stringify({
    level: "debug",
    event: "decision",
    job: jobId,
    kind,
    strategy,
    reason,
    computeCost,
    scalingPotential,
    latencyBudgetMs,
    priority,
    policy,
    predictedWaitMs,
    predictedRunMs,
    load: { inFlight, poolRunning, poolWaiting, batchWaiting, spawnWaiting, loopLagMs },
  });
}
