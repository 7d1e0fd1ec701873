import {
  JobDroppedError,
  JobFailedError,
  JobTimeoutError,
  RouterClosedError,
  WorkerCrashedError,
} from "../../mod.ts";
import type { End, Trial } from "./trial.ts";

/** Reasons of drops that more jobs than can be done explain. */
const CROWD: readonly unknown[] = [
  ...["too_late", "budget_too_short", "loop_late", "pool_saturated", "lane_full"],
];

/** How a submit ended, and with what. */
export interface Ending {
  readonly end: End;
  /** Output, drop reason or error. */
  readonly value: unknown;
}

/** What a round allows all of its jobs. */
export interface Circumstances {
  /** The pool's queue is short enough to be full at times. */
  readonly isCrowded: boolean;
  /** Threads may be lost. */
  readonly losesThreads: boolean;
  /** The router is closed, or closing without waiting for jobs. */
  readonly isClosing: boolean;
}

const REFUSALS = ["UnknownKindError", "InvalidHintError", "InvalidInputError"];

/** Names what a promise rejected with; an abort's reason comes untouched. */
export function endingOf(error: unknown, abortReason: unknown): Ending {
  if (abortReason !== undefined && error === abortReason) return { end: "cancelled", value: error };
  if (error instanceof JobDroppedError) return { end: "dropped", value: error.reason };
  const end: End = error instanceof JobFailedError
    ? "failed"
    : error instanceof WorkerCrashedError
    ? "crashed"
    : error instanceof JobTimeoutError
    ? "timedOut"
    : error instanceof RouterClosedError
    ? "closed"
    : error instanceof Error && REFUSALS.includes(error.name)
    ? "refused"
    : "other";
  return { end, value: error };
}

/** What is wrong with an ending; undefined when it is as it may be. */
export function judge(trial: Trial, ending: Ending, around: Circumstances): string | undefined {
  const { end, value } = ending;
  if (end === "completed") {
    if (trial.check === undefined) return "it must not complete";
    return trial.check(value) ? undefined : "its output is wrong";
  }
  if (trial.ends.includes(end)) return undefined;
  if (end === "crashed") return undefined; // counted as collateral, which has a limit of its own
  if (end === "closed" && around.isClosing) return undefined;
  if (end === "dropped" && mayDrop(trial, value, around)) return undefined;
  return `it must not end as ${end}: ${value}`;
}

/** Tells whether it was hit by what another job did to its worker. */
export function isCollateral(trial: Trial, { end, value }: Ending): boolean {
  if (end === "dropped") return trial.fault === undefined && value === "kind_quarantined";
  return end === "crashed" && !trial.ends.includes("crashed");
}

function mayDrop(trial: Trial, reason: unknown, around: Circumstances): boolean {
  if (trial.fault !== undefined && !trial.fault.startsWith("abort_")) return true;
  if (CROWD.includes(reason)) return around.isCrowded;
  if (reason === "workers_lost") return around.losesThreads;
  return reason === "kind_quarantined";
}
