import { adaptivePolicy } from "../../../mod.ts";
import { forcedPolicy } from "../../testing/mod.ts";
import { calibrateRoundsPerMs } from "../calibration.ts";
import { defaultWorkers } from "../default_workers.ts";
import { systemClock } from "../system_clock.ts";
import { WORKLOADS } from "../workload/shipped.ts";
import { type LivePolicy, type LiveRunOptions, runLive } from "./live_run.ts";

/** What a way to run the same jobs came to. */
export interface StoryLine {
  /** Its name, as in a comparison. */
  readonly name: string;
  /** What it is, for people. */
  readonly about: string;
  /** 99 % of the tiny jobs were done within this, from when they were due, in ms. */
  readonly tinyP99Ms: number;
  /** Share of all jobs that were done in their budget, 0 to 1. */
  readonly inBudget: number;
  /** How late the event loop took 99 % of the jobs, in ms. */
  readonly lagP99Ms: number;
}

/** How long each of them runs, in ms. */
export const STORY_MS = 2_000;
/** Work that arrives, as a share of what one core can do. */
export const STORY_LOAD = 0.7;

const WAYS: readonly (readonly [name: string, about: string, policy: LivePolicy])[] = [
  ["inline-only", "a plain loop", null],
  ["pool-only", "all in workers", () => forcedPolicy("cpu_pool")],
  ["adaptive", "HelixRouter", adaptivePolicy],
];

/** Runs the same mixed load in a plain loop, all in workers, and as the router decides, with real work. */
export async function tellStory(seed: number): Promise<readonly StoryLine[]> {
  const workers = await defaultWorkers();
  const workload = WORKLOADS.find(({ name }) => name === "mix")!;
  const options: LiveRunOptions = {
    workload,
    word: "right",
    load: STORY_LOAD,
    cores: 1,
    durationMs: STORY_MS,
    seed,
    workers,
    roundsPerMs: calibrateRoundsPerMs(systemClock),
  };
  const lines: StoryLine[] = [];
  for (const [name, about, policy] of WAYS) {
    const tally = await runLive(policy, options);
    lines.push({
      name,
      about,
      tinyP99Ms: tally.byKind[0].total.summary().p99,
      inBudget: tally.all.inBudget / Math.max(1, tally.all.submitted),
      lagP99Ms: tally.lag.summary().p99,
    });
  }
  return lines;
}
