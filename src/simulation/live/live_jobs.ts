import { defineJobs, type Jobs, type Kind } from "../../define/jobs.ts";
import { hashMixRounds } from "../kernels/hash_mix.ts";

// Kept, as tests replace it by a fake.
const { setTimeout } = globalThis;

/** What a job of a workload does for real. */
export interface LiveInput {
  /** Rounds of work before it waits: all of it if it does not. */
  readonly before: number;
  /** How long it waits, in ms; 0 if its function is synchronous. */
  readonly waitMs: number;
  /** Rounds of work after that. */
  readonly after: number;
}

/** Number of kinds that a workload can have when it runs for real. */
export const MAX_LIVE_KINDS = 16;

/** Runs a job. */
export function runLiveJob({ before, waitMs, after }: LiveInput): number | Promise<number> {
  const value = hashMixRounds(1, before);
  if (!(waitMs > 0)) return value;
  return new Promise((resolve) => setTimeout(resolve, waitMs, undefined))
    .then(() => hashMixRounds(value, after));
}

/** The kinds, by the name that {@linkcode liveKindName} gives. */
export type LiveKinds = Readonly<Record<string, Kind<LiveInput, number, LiveInput>>>;

/** The name of a kind of a workload when it runs for real. */
export function liveKindName(index: number): string {
  return `kind_${index}`;
}

const kinds = Object.fromEntries(
  Array.from({ length: MAX_LIVE_KINDS }, (_, index) => [liveKindName(index), { run: runLiveJob }]),
);

/** Jobs that do what the jobs of a workload are said to do. */
export const liveJobs: Jobs<LiveKinds> = defineJobs(import.meta.url, kinds) as Jobs<LiveKinds>;

export default liveJobs;
