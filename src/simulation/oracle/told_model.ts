import { type KindIndex, type Prediction, RunTimeModel } from "../laboratory/own_model.ts";
import type { Told } from "../laboratory/contestant.ts";
import type { VirtualRunOptions } from "../laboratory/virtual_run.ts";
import { type LabJob } from "../workload/lab_job.ts";
import { type Knowledge, KnowledgeOf } from "./knowledge.ts";

const SURE = 0.8;
const HIGH = 0.94;
const LONGEST = 0.99;
/** More than any policy wants to have seen. */
const SAMPLES = 1_000;
/** Weight of a job in the mean of its kind. */
const NEWS = 1 / 64;
/** Runs that are shorter, in ms, do not tell how much longer they take on cores that are shared. */
const LEAST_MS = 0.1;

/** What the jobs are that it is told of. */
export type ToldOf = Pick<VirtualRunOptions, "workload" | "word" | "durationMs">;

/** A job, as the model knows it. */
interface Known {
  readonly busy: Knowledge;
  readonly elapsed: Knowledge;
}

/**
 * A model of run times that need not learn them, as it is told of each job what the oracle is: jobs tell it by their
 * cost who they are. Of a kind as a whole it knows the mean of those that came.
 */
export class ToldModel extends RunTimeModel implements Told {
  readonly model: RunTimeModel = this;
  readonly #knowledge: KnowledgeOf;
  readonly #jobs = new Map<number, Known>();
  readonly #meansMs: number[];
  readonly #waits: readonly boolean[];
  /** What the last runs would have taken on cores of their own, and what they took, in ms. */
  #toldMs = 0;
  #tookMs = 0;

  constructor({ workload, word, durationMs }: ToldOf) {
    super(workload.kinds.length);
    this.#knowledge = new KnowledgeOf(workload, word, durationMs);
    this.#meansMs = workload.kinds.map(() => NaN);
    this.#waits = workload.kinds.map(({ waitMs }) => waitMs !== undefined);
  }

  readonly costOf = (job: LabJob): number => {
    const cost = job.id + 1; // a cost of 0 is that of work that takes no time
    const elapsed = this.#knowledge.elapsedOf(job);
    this.#jobs.set(cost, { busy: this.#knowledge.of(job), elapsed });
    const ms = elapsed.meanMs;
    const meanMs = this.#meansMs[job.kind];
    this.#meansMs[job.kind] = meanMs >= 0 ? meanMs + (ms - meanMs) * NEWS : ms;
    return cost;
  };

  override predict(kind: KindIndex, cost: number): Prediction {
    const known = this.#jobs.get(cost);
    if (known === undefined) return super.predict(kind, cost);
    const { busy, elapsed } = known;
    const pace = this.#paceOf(kind);
    return {
      typicalMs: pace * elapsed.meanMs,
      highMs: pace * elapsed.quantileMs(HIGH),
      samples: SAMPLES,
      runs: Infinity,
      ageMs: 0,
      error: 0,
      postMs: 0,
      busyMs: busy.quantileMs(LONGEST),
      busyMedianMs: busy.quantileMs(0.5),
      busyTypicalMs: busy.meanMs,
      isAsync: this.#waits[kind.index],
      probeAtMs: Infinity,
    };
  }

  override needsMs(kind: KindIndex, cost: number, withinMs: number): number {
    const known = this.#jobs.get(cost);
    if (known === undefined) return NaN;
    const { elapsed } = known;
    const pace = this.#paceOf(kind);
    return pace * elapsed.quantileMs(SURE * elapsed.shareWithin(withinMs / pace));
  }

  override leftMs(kind: KindIndex, cost: number, hadMs: number): number {
    const pace = this.#paceOf(kind);
    const leftMs = this.#jobs.get(cost)?.elapsed.leftMs(hadMs / pace) ?? NaN;
    return pace * leftMs;
  }

  override shareWithin(kind: KindIndex, cost: number, ms: number): number {
    return this.#jobs.get(cost)?.elapsed.shareWithin(ms / this.#paceOf(kind)) ?? NaN;
  }

  override variance(kind: KindIndex, cost: number): number {
    const variance = this.#jobs.get(cost)?.elapsed.variance ?? NaN;
    return variance * this.#paceOf(kind) ** 2;
  }

  override busyMs(_kind: KindIndex, cost: number): number {
    return this.#jobs.get(cost)?.busy.quantileMs(LONGEST) ?? NaN;
  }

  override expectedBusyMs(_kind: KindIndex, cost: number): number {
    return this.#jobs.get(cost)?.busy.meanMs ?? NaN;
  }

  override meanMs(kind: KindIndex): number {
    return this.#paceOf(kind) * this.#meansMs[kind.index];
  }

  override isNew(): boolean {
    return false;
  }

  override typicalMs(kind: KindIndex, cost: number): number {
    const meanMs = this.#jobs.get(cost)?.elapsed.meanMs ?? this.#meansMs[kind.index];
    return this.#paceOf(kind) * meanMs;
  }

  /** It is told of each job beforehand: what is left to learn is how much longer runs take on cores that are shared. */
  override learn(kind: KindIndex, cost: number, runMs: number): number {
    const toldMs = this.#jobs.get(cost)?.elapsed.meanMs ?? 0;
    if (toldMs < LEAST_MS || this.#waits[kind.index]) return NaN;
    this.#toldMs += toldMs - this.#toldMs * NEWS;
    this.#tookMs += runMs - this.#tookMs * NEWS;
    return NaN;
  }

  /** By how much longer than on a core of its own a run takes: those that wait are not slowed down by others. */
  #paceOf(kind: KindIndex): number {
    return this.#toldMs > 0 && !this.#waits[kind.index] ? this.#tookMs / this.#toldMs : 1;
  }

  override learnAtLeast(): void {}

  override startProbe(): void {}

  override endProbe(): void {}

  override learnPost(): void {}
}
