import type { VirtualClock } from "../../testing/mod.ts";
import { BareWorkers } from "../laboratory/bare_workers.ts";
import type { Drive, Target } from "../laboratory/drive.ts";
import { LabJobs } from "../laboratory/lab_jobs.ts";
import { runTarget } from "../laboratory/run_target.ts";
import {
  createVirtualClock,
  type VirtualResult,
  type VirtualRunOptions,
} from "../laboratory/virtual_run.ts";
import { type LabJob, limitMsOf } from "../workload/lab_job.ts";
import type { KindSpec } from "../workload/spec.ts";
import { type Knowledge, KnowledgeOf } from "./knowledge.ts";
import { type Ahead, Plan, type Waiting } from "./plan.ts";
import { Shares } from "./shares.ts";

/** What the oracle aims for. */
export interface OracleOptions {
  /** `fair`: equal shares of time for kinds and classes of budget; `count`: most jobs in time. @default {"fair"} */
  readonly objective?: "fair" | "count";
  /** Whether it is told the time of each job itself. @default {false} */
  readonly knowsDraws?: boolean;
}

/** Jobs that need less than this for all that is known run on the loop's thread. */
const HERE_MS = 1;
/** How late the loop may take a job that runs on its thread, as a share of what the job has. */
const MOST_LATE = 0.15;
/** How sure it must be that a job is in time. */
const SURE = 0.8;
/** What a worker without anything better to do tries, as the chance to be in time. */
const LEAST_CHANCE = 0.2;
/** Weight of a run in how much slower than alone runs are. */
const NEWS = 0.05;
/** What a plan leaves free for what it does not know, in ms. */
const MARGIN_MS = 0.3;
/** A worker is given its next job when it is expected to be done so soon, in ms. */
const AHEAD_MS = 2;

/** Runs a workload in virtual time under the oracle, on the same machine and at the same costs. */
export function runOracle(options: VirtualRunOptions, oracle: OracleOptions = {}): VirtualResult {
  const clock = createVirtualClock(options);
  const kinds = new LabJobs(options.workload, clock, options.costs);
  const workers = new BareWorkers<Seen>(clock, kinds, options);
  const create = (drive: Drive) => new Oracle(clock, kinds, workers, drive, options, oracle);
  return runTarget(clock, options, create);
}

/** A job as the oracle sees it. */
class Seen implements Waiting {
  readonly job: LabJob;
  readonly lateMs: number;
  readonly offeredAtMs: number;
  readonly deadlineMs: number;
  /** What is known of how long it takes. */
  readonly knowledge: Knowledge;
  readonly keepsMs: number;
  readonly needsMs: number;
  readonly variance: number;
  readonly shareClass: number;
  startedAtMs = NaN;

  constructor(
    job: LabJob,
    lateMs: number,
    nowMs: number,
    knowledge: Knowledge,
    shareClass: number,
  ) {
    this.job = job;
    this.lateMs = lateMs;
    this.offeredAtMs = nowMs;
    this.deadlineMs = nowMs - lateMs + limitMsOf(job) - MARGIN_MS;
    this.knowledge = knowledge;
    this.keepsMs = knowledge.meanMs;
    const possible = knowledge.shareWithin(this.deadlineMs - nowMs);
    this.needsMs = knowledge.quantileMs(SURE * possible);
    this.variance = knowledge.variance;
    this.shareClass = shareClass;
  }
}

/** Decides as well as can be for what can be known. */
class Oracle implements Target {
  readonly #clock: VirtualClock;
  readonly #kinds: LabJobs;
  readonly #workers: BareWorkers<Seen>;
  readonly #drive: Drive;
  readonly #specs: readonly KindSpec[];
  readonly #knowledge: KnowledgeOf;
  readonly #shares = new Shares();
  readonly #plan: Plan<Seen>;
  /** Jobs that had to give way, and may still be in time. */
  #spare: Seen[] = [];
  /** Jobs that wait for others of their kind to have waited, and how many do. */
  readonly #crowded: Seen[][];
  readonly #waiting: number[];
  readonly #ahead: { freeAtMs: number[]; variance: number; slowdown: number };

  constructor(
    clock: VirtualClock,
    kinds: LabJobs,
    workers: BareWorkers<Seen>,
    drive: Drive,
    { workload, word, durationMs }: VirtualRunOptions,
    { objective = "fair", knowsDraws = false }: OracleOptions,
  ) {
    this.#clock = clock;
    this.#kinds = kinds;
    this.#workers = workers;
    this.#drive = drive;
    this.#specs = workload.kinds;
    const told = knowsDraws ? "right" : word;
    this.#knowledge = new KnowledgeOf(workload, told, durationMs, knowsDraws);
    this.#plan = new Plan(objective === "fair" ? this.#shares : null);
    this.#crowded = workload.kinds.map(() => []);
    this.#waiting = workload.kinds.map(() => 0);
    this.#ahead = { freeAtMs: workers.held.map(() => 0), variance: 0, slowdown: 1 };
    workers.ended = (seen, ok, runMs) => this.#ended(seen, ok, runMs);
  }

  offer(job: LabJob, lateMs: number): void {
    if (lateMs >= job.budgetMs) return this.#drop(job);
    const knowledge = this.#knowledge.elapsedOf(job);
    const shareClass = this.#shares.classOf(job);
    const seen = new Seen(job, lateMs, this.#clock.now(), knowledge, shareClass);
    if (this.#knowledge.of(job).quantileMs(0.95) <= HERE_MS) this.#offerHere(seen);
    else {
      this.#spare.push(...this.#plan.add(seen, this.#clock.now(), this.#lookAhead()));
      this.#dispatch();
    }
  }

  /** Runs a job on this thread, or has it wait until fewer of its kind wait for their I/O. */
  #offerHere(seen: Seen): void {
    // Taken so late, the loop has more than it can do: it is better to be in time for some of them.
    if (seen.lateMs > MOST_LATE * limitMsOf(seen.job)) return this.#drop(seen.job);
    const { kind } = seen.job;
    const { crowdMs = 0 } = this.#specs[kind];
    // With n at a time, n / (wait + crowd × n²) of them are done in a ms: most where crowd × n² = wait.
    const most = crowdMs > 0
      ? Math.max(1, Math.round(Math.sqrt(seen.job.waitMs / crowdMs)))
      : Infinity;
    if (this.#waiting[kind] >= most) this.#crowded[kind].push(seen);
    else this.#runHere(seen);
  }

  #runHere(seen: Seen): void {
    const { job } = seen;
    const waits = job.waitMs > 0;
    seen.startedAtMs = this.#clock.now();
    if (waits) this.#waiting[job.kind]++;
    this.#kinds.runBare(job, (ok) => {
      if (waits) this.#waiting[job.kind]--;
      const strategy = waits ? "spawn" : "inline";
      if (ok) this.#done(seen, strategy, this.#clock.now() - seen.startedAtMs);
      else this.#drive.lost(job, "failed", strategy, "threw");
      if (waits) this.#next(job.kind);
    });
  }

  /** Starts the next job of a crowd that can be in time. The latest come first: most of them can. */
  #next(kind: number): void {
    for (
      let seen = this.#crowded[kind].pop();
      seen !== undefined;
      seen = this.#crowded[kind].pop()
    ) {
      if (this.#clock.now() + seen.needsMs <= seen.deadlineMs) return this.#runHere(seen);
      this.#drop(seen.job);
    }
  }

  #ended(seen: Seen, ok: boolean, runMs: number): void {
    if (ok) {
      const { beforeMs, waitMs, afterMs } = seen.job;
      const slowdown = runMs / (beforeMs + waitMs + afterMs);
      this.#ahead.slowdown += (Math.max(1, slowdown) - this.#ahead.slowdown) * NEWS;
      this.#done(seen, "cpu_pool", runMs);
    } else this.#drive.lost(seen.job, "failed", "cpu_pool", "threw");
    this.#dispatch();
  }

  #done(
    { job, lateMs, offeredAtMs }: Seen,
    strategy: "inline" | "spawn" | "cpu_pool",
    runMs: number,
  ): void {
    const totalMs = this.#clock.now() - offeredAtMs;
    this.#drive.completed(job, strategy, { totalMs, waitMs: totalMs - runMs, runMs }, lateMs);
  }

  #drop(job: LabJob): void {
    this.#drive.lost(job, "dropped", "backpressure_drop", "late");
  }

  /** When each worker is expected to be free. */
  #lookAhead(): Ahead {
    const nowMs = this.#clock.now();
    const ahead = this.#ahead;
    ahead.variance = 0;
    this.#workers.held.forEach((held, worker) => {
      let atMs = Math.max(nowMs, this.#workers.readyAtMs[worker]);
      held.forEach(({ knowledge, keepsMs, variance, startedAtMs }, place) => {
        ahead.variance += variance;
        const hadMs = nowMs - startedAtMs;
        atMs += place > 0 || !(hadMs >= 0) ? keepsMs : knowledge.leftMs(hadMs);
      });
      ahead.freeAtMs[worker] = atMs;
    });
    return ahead;
  }

  /** Gives workers that are free, or will be soon, their next job. */
  #dispatch(): void {
    for (;;) {
      const nowMs = this.#clock.now();
      const free = this.#lookAhead().freeAtMs;
      let worker = 0;
      for (let w = 1; w < free.length; w++) if (free[w] < free[worker]) worker = w;
      if (free[worker] - nowMs > AHEAD_MS || this.#workers.held[worker].length > 1) return;
      const seen = this.#take(Math.max(nowMs, free[worker]));
      if (seen === undefined) return;
      seen.startedAtMs = Math.max(nowMs, free[worker]);
      this.#shares.give(seen.shareClass, seen.keepsMs, nowMs);
      this.#workers.send(worker, seen);
    }
  }

  /** The next job that can be in time. */
  #take(startMs: number): Seen | undefined {
    for (let seen = this.#plan.shift(); seen !== undefined; seen = this.#plan.shift()) {
      if (startMs + this.#ahead.slowdown * seen.needsMs <= seen.deadlineMs) return seen;
      this.#spare.push(seen);
    }
    const spare: Seen[] = [];
    let best: Seen | undefined;
    for (const seen of this.#spare) {
      const leftMs = seen.deadlineMs - startMs;
      if (seen.knowledge.shareWithin(leftMs / this.#ahead.slowdown) < LEAST_CHANCE) {
        this.#drop(seen.job);
        continue;
      }
      spare.push(seen);
      if (best === undefined || seen.keepsMs < best.keepsMs) best = seen;
    }
    this.#spare = best === undefined ? spare : spare.filter((seen) => seen !== best);
    return best;
  }
}
