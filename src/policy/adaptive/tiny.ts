import type { Prediction } from "../../model/prediction.ts";
import type { Load } from "../load.ts";

/** Agreeing runs that are wanted before a job runs on this thread. */
const TRUSTED = 8;
/** Jobs that keep their thread busy for less than this, in ms, run on the router's. */
const TINY_MS = 1;
/** So do those that keep it busy for no more than this share of the time they take. */
const MOSTLY_WAITS = 0.25;

/**
 * Whether a job keeps its thread busy for so short that it runs on the router's: half of such runs do, and
 * they do on average; none, or almost none, takes the slice that the thread has for jobs.
 */
export function isTiny(prediction: Prediction, load: Load): boolean {
  const { samples, typicalMs, busyMedianMs, busyTypicalMs, busyMs, isAsync } = prediction;
  if (samples < TRUSTED || busyMs > load.inlineSliceMs) return false;
  const mostMs = isAsync ? Math.max(TINY_MS, MOSTLY_WAITS * typicalMs) : TINY_MS;
  return busyMedianMs <= mostMs && busyTypicalMs <= mostMs;
}
