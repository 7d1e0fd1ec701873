import {
  configureSync,
  getJsonLinesFormatter,
  getLogger,
  type LogLevel as Level,
  type LogRecord,
} from "@logtape/logtape";
import type { DecisionRecord, WorkerEvent } from "../../mod.ts";
import type { AuditRecord } from "../http/mod.ts";
import { readVariable } from "./environment.ts";
import { UsageError } from "./exit_code.ts";
import { stderr } from "./output.ts";

/** Log levels, the most verbose first. */
export const LOG_LEVELS = ["debug", "info", "warn", "off"] as const;

/** A level of the log. */
export type LogLevel = typeof LOG_LEVELS[number];

/** The same in the logger's terms; `null` turns it off. */
const LOWEST: Readonly<Record<LogLevel, Level | null>> = {
  debug: "debug",
  info: "info",
  warn: "warning",
  off: null,
};

/** Logs to standard error: plain lines, and lines of JSON for decisions and changes. */
export interface Log {
  /** Its level. */
  readonly level: LogLevel;
  /** Logs a decision, at `debug`. */
  decision(record: DecisionRecord): void;
  /** Logs a worker that died, at `warn`; what else happens to workers, at `debug`. */
  worker(event: WorkerEvent): void;
  /** Logs a change made over HTTP, at `info`. */
  audit(record: AuditRecord): void;
  /** Logs a message, at `info`. */
  info(text: string): void;
  /** Logs a message, at `warn`. */
  warn(text: string): void;
}

/**
 * Reads `HELIX_LOG`; `info` if it is not set.
 *
 * @throws {UsageError} If it is not a level.
 */
export function readLogLevel(): LogLevel {
  const level = readVariable("HELIX_LOG") ?? "info";
  if ((LOG_LEVELS as readonly string[]).includes(level)) return level as LogLevel;
  throw new UsageError(
    `HELIX_LOG must be one of ${LOG_LEVELS.join(", ")}: received ${JSON.stringify(level)}`,
  );
}

/** Sets up the log of this process, which shows messages at `level` or above. */
export function createLog(level: LogLevel): Log {
  const toJsonLine = getJsonLinesFormatter({ properties: "flatten" });
  const lowestLevel = LOWEST[level];
  configureSync({
    reset: true,
    sinks: {
      text: (record) => stderr.write(`helixrouter: ${toText(record)}\n`),
      json: (record) => stderr.write(toJsonLine(record)),
    },
    loggers: [
      { category: ["helixrouter", "cli"], lowestLevel, sinks: ["text"] },
      { category: ["helixrouter", "decision"], lowestLevel, sinks: ["json"] },
      { category: ["helixrouter", "audit"], lowestLevel, sinks: ["json"] },
      { category: ["logtape", "meta"], lowestLevel: null, sinks: [] },
    ],
  });
  const cli = getLogger(["helixrouter", "cli"]);
  const decisions = getLogger(["helixrouter", "decision"]);
  const changes = getLogger(["helixrouter", "audit"]);
  return {
    level,
    decision: (record) => decisions.debug("decision", toProperties(record)),
    worker(event) {
      const text = textOfWorker(event);
      if (event.type === "crashed") cli.warn("{text}", { text });
      else cli.debug("{text}", { text });
    },
    audit: (record) => changes.info("change over HTTP", { ...record }),
    // The text is a value: braces in it are not placeholders.
    info: (text) => cli.info("{text}", { text }),
    warn: (text) => cli.warn("{text}", { text }),
  };
}

function toText({ properties }: LogRecord): string {
  return String(properties.text);
}

/** `worker 3 died (error) while idle, last kind "resize": Worker crashed: …`, and where. */
function textOfWorker(event: WorkerEvent): string {
  if (event.type !== "crashed") return `worker ${event.worker}: ${event.type}`;
  const { worker, cause, wasIdle, lastKind, error } = event;
  const state = wasIdle ? "while idle" : "with its job";
  const last = lastKind === undefined ? "" : `, last kind "${lastKind}"`;
  const thrown = error.cause instanceof Error ? `\n${error.cause.stack}` : "";
  return `worker ${worker} died (${cause}) ${state}${last}: ${error.message}${thrown}`;
}

/** A decision and the main figures of the load it was based on. */
function toProperties(record: DecisionRecord): Record<string, unknown> {
  const { jobId, kind, strategy, reason, computeCost, scalingPotential, latencyBudgetMs } = record;
  const { predictedWaitMs, predictedRunMs, predictedHighMs, priority, key, policy } = record;
  const { moved, load } = record;
  const { inFlight, poolRunning, poolWaiting, batchWaiting, spawnWaiting, loopLagMs } = load;
  return {
    job: jobId,
    kind,
    strategy,
    reason,
    moved,
    computeCost,
    scalingPotential,
    latencyBudgetMs,
    priority,
    key,
    policy,
    predictedWaitMs,
    predictedRunMs,
    predictedHighMs,
    load: { inFlight, poolRunning, poolWaiting, batchWaiting, spawnWaiting, loopLagMs },
  };
}
