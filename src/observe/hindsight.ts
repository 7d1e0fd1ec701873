import type { Strategy } from "../outcome.ts";
import type { LoadGauges } from "../policy/load.ts";
import { OwnReasons } from "../policy/own_reasons.ts";
import type { JobFacts, KindFacts } from "../policy/policy.ts";
import { FadingMean } from "./fading_mean.ts";
import { addTo } from "./named_counts.ts";
import type { SettledJob } from "./sink.ts";

/** How far the predictions for a kind can be trusted. Older runs fade: some 256 count. */
export interface Calibration {
  /** Runs that count: completed, and with a prediction. */
  readonly runs: number;
  /**
   * Share of them, 0 to 1, that took no longer than the upper bound predicted when the job was decided on;
   * it is made for 0.94. Where all times are alike to 19 %, they are told to that. `NaN` without any.
   */
  readonly underBound: number;
  /** How many times as long as the run the bound was, their geometric mean; `NaN` without any. */
  readonly sharpness: number;
  /** Jobs that waited in a lane and had a predicted wait. */
  readonly waits: number;
  /** Share of them that waited no longer than that, to a millisecond; `NaN` without any. */
  readonly underWait: number;
}

/** What the decisions for a kind are estimated to have cost. Older jobs fade: some 256 count. */
export interface Regret {
  /** Jobs that count: completed, of a kind that can run on this thread and in workers. */
  readonly jobs: number;
  /**
   * Time that these jobs would have saved, each alone, in the other place: this thread or a worker; in ms per
   * job, `NaN` without any.
   */
  readonly meanMs: number;
  /** Probes that count: jobs with a budget that ran though they would have been refused. */
  readonly probes: number;
  /** Share of them, 0 to 1, that would have been in time, so that a refusal is wrong; `NaN` without any. */
  readonly wronglyRefused: number;
}

/** How decisions for a kind have turned out. */
export interface KindStats {
  /** Name of the kind. */
  readonly kind: string;
  /**
   * Jobs by the reason of their decision; of one that has waited for room, of the first. Exact for kinds that take
   * 1 ms or more, else an estimate from those that were looked back on. Beyond 64 reasons, `other`.
   */
  readonly reasons: Readonly<Record<string, number>>;
  /** How far its predictions can be trusted. */
  readonly calibration: Calibration;
  /** What its decisions are estimated to have cost. */
  readonly regret: Regret;
}

/** What was expected of a job when it was decided on; of its times, `NaN` what was unknown. */
export interface Expectation {
  /** Upper bound of its run time, in ms. */
  readonly highMs: number;
  /** Run time up to which it is under that bound, in ms. */
  readonly underMs: number;
  /** Wait in the lane that it was given to, in ms. */
  readonly waitMs: number;
  /** Time since its arrival, in ms. */
  readonly lateMs: number;
  /** Whether a worker was idle. */
  readonly hasIdle: boolean;
  /** Time for which this thread may be blocked at a time, in ms. */
  readonly sliceMs: number;
  /** How many others a run on this thread would hold up for as long as it takes. */
  readonly heldUp: number;
  /** Number of jobs it stands for. */
  readonly weight: number;
}

/** A settled job, with what was expected of it. */
export interface ExpectedJob extends SettledJob {
  readonly kind: KindFacts;
  readonly expected: Expectation | null;
  readonly isProbe: boolean;
  readonly busyMs: number;
}

/** One of so many jobs is looked back on, if that of each would cost too much of its time. */
const FEWEST = 1_024;
const SHORT_MS = 0.01;
const SOME = 16;
const LONG_MS = 1;

/** What a call costs on its way to an idle worker and back, in ms. */
const SENDING_MS = 0.1;
/** How exactly a wait is predicted at best, in ms. */
const WAIT_MS = 1;
/** Predicted times are rounded to nine digits. */
const ROUNDING = 1 + 1e-8;
/** If the bound is hardly above the mean, all times are within one bin of what is learned, and told to that. */
const ALIKE = 1.05;
const ALIKE_TO: number = 2 ** (1 / 4);
/** Less than this, in ms, is nothing. */
const LEAST_MS = 1e-6;

/** What is kept of a kind. */
class Means {
  readonly ownReasons = new OwnReasons();
  /** Decisions by reason, which may be anything that a policy gives. */
  readonly reasons: Record<string, number> = Object.create(null);
  readonly runMs = new FadingMean();
  readonly underBound = new FadingMean();
  readonly sharpness = new FadingMean();
  readonly underWait = new FadingMean();
  readonly regretMs = new FadingMean();
  readonly wronglyRefused = new FadingMean();
}

/**
 * Looks back on decisions: whether what was predicted has come true, and what another one would have saved. Of
 * kinds that take 1 ms or more on every job, of shorter ones on one in 16, below 10 µs on one in 1,024.
 */
export class Hindsight {
  readonly #kinds: readonly Means[];
  /** How many in 1,024 jobs of each kind are looked back on. */
  declare readonly many: Uint16Array;

  constructor(kinds: number, isOn: boolean) {
    this.#kinds = Array.from({ length: kinds }, () => new Means());
    this.many = new Uint16Array(kinds).fill(isOn ? FEWEST : 0);
  }

  /** A job that was selected was decided on, for a reason. */
  decided(kind: number, reason: unknown): void {
    const { ownReasons, reasons } = this.#kinds[kind];
    addTo(reasons, ownReasons.bound(reason), FEWEST / this.many[kind]);
  }

  /** What is expected of a job that goes to a strategy. */
  expect(
    job: JobFacts,
    strategy: Strategy,
    load: LoadGauges,
    { typicalMs, highMs }: { readonly typicalMs: number; readonly highMs: number },
  ): Expectation {
    const inPool = load.poolRunning + load.poolWaiting + load.batchWaiting;
    return {
      highMs,
      underMs: highMs * (highMs < ALIKE * typicalMs ? ALIKE_TO : ROUNDING),
      waitMs: strategy === "inline" ? NaN : load.expectedWaitMs(job, strategy),
      lateMs: load.nowMs - job.arrivedAtMs,
      hasIdle: load.poolOpen && inPool < load.cpuParallelism,
      sliceMs: load.inlineSliceMs,
      heldUp: load.spawnWaiting + load.loopUtilization,
      weight: FEWEST / Math.max(1, this.many[job.kind.index]),
    };
  }

  /** A job is over that was selected, or is a probe. */
  settled(job: ExpectedJob): void {
    const { kind: { index, hasModule }, expected, ran, status, batchSize, busyMs } = job;
    const means = this.#kinds[index];
    const isDone = ran && status === "completed";
    const runMs = job.runMs / batchSize;
    if (job.isProbe && job.facts.latencyBudgetMs !== Infinity && (ran || status !== "cancelled")) {
      means.wronglyRefused.add(+(isDone && wasInTime(job, runMs)), 1);
    }
    if (expected === null || !isDone) return;
    const { highMs, underMs, waitMs, weight } = expected;
    means.runMs.add(runMs, weight);
    const meanMs = means.runMs.mean;
    this.many[index] = meanMs >= LONG_MS ? FEWEST : meanMs >= SHORT_MS ? FEWEST / SOME : 1;
    if (highMs >= 0) {
      means.underBound.add(+(runMs <= underMs), weight);
      if (highMs > 0 && runMs > 0) means.sharpness.add(Math.log(highMs / runMs), weight);
    }
    const waitedMs = job.totalMs - job.runMs - expected.lateMs;
    if (waitMs >= 0 && !job.isProbe) means.underWait.add(+(waitedMs <= waitMs + WAIT_MS), weight);
    if (!hasModule) return;
    const takesMs = busyMs >= 0 ? busyMs / batchSize : runMs;
    means.regretMs.add(regretOf(job.strategy, expected, waitedMs, takesMs), weight);
  }

  /** How decisions for kind number `index` have turned out. */
  stats(kind: string, index: number): KindStats {
    const means = this.#kinds[index];
    const { underBound, sharpness, underWait, regretMs, wronglyRefused } = means;
    return {
      kind,
      reasons: { ...means.reasons },
      calibration: {
        runs: Math.round(underBound.count),
        underBound: underBound.mean,
        sharpness: Math.exp(sharpness.mean),
        waits: Math.round(underWait.count),
        underWait: underWait.mean,
      },
      regret: {
        jobs: Math.round(regretMs.count),
        meanMs: regretMs.mean,
        probes: Math.round(wronglyRefused.count),
        wronglyRefused: wronglyRefused.mean,
      },
    };
  }
}

/** By how much the other place was better, as it looked; 0 if it was not, or could not be had. */
function regretOf(
  strategy: Strategy,
  expected: Expectation,
  waitedMs: number,
  takesMs: number,
): number {
  const harmMs = takesMs * expected.heldUp;
  const isHere = strategy === "inline" || strategy === "spawn";
  // This thread is not to be blocked for longer than its slice, whatever that would save.
  const isOpen = isHere ? expected.hasIdle : takesMs <= expected.sliceMs;
  const savedMs = isHere ? waitedMs + harmMs - SENDING_MS : waitedMs - harmMs;
  return isOpen && savedMs > LEAST_MS ? savedMs : 0;
}

/**
 * Whether a probe shows that a refusal would have been wrong. It starts before all others, so its run is taken
 * to follow the wait that was predicted without that.
 */
function wasInTime({ expected, facts, decision, totalMs }: ExpectedJob, runMs: number): boolean {
  const waitMs = decision.isProbe === true && expected !== null ? expected.waitMs : NaN;
  const wouldTakeMs = waitMs >= 0 ? expected!.lateMs + waitMs + runMs : totalMs;
  return wouldTakeMs <= facts.latencyBudgetMs;
}
