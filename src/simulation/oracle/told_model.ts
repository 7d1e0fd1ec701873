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

/** What the jobs are that it is told of. */
export type ToldOf = Pick<VirtualRunOptions, "workload" | "word" | "durationMs">;

/** A job, as the model knows it. */
interface Known {
  readonly busy: Knowledge;
  readonly elapsed: Knowledge;
}

/**
 * A model of run times that learns nothing, as it is told of each job what the oracle is: jobs tell it by their
 * cost who they are. Of a kind as a whole it knows the mean of those that came.
 */
export class ToldModel extends RunTimeModel implements Told {
  readonly model: RunTimeModel = this;
  readonly #knowledge: KnowledgeOf;
  readonly #jobs = new Map<number, Known>();
  readonly #meansMs: number[];
  readonly #waits: readonly boolean[];

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
    return {
      typicalMs: elapsed.meanMs,
      highMs: elapsed.quantileMs(HIGH),
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

  override needsMs(_kind: KindIndex, cost: number, withinMs: number): number {
    const known = this.#jobs.get(cost);
    if (known === undefined) return NaN;
    const { elapsed } = known;
    return elapsed.quantileMs(SURE * elapsed.shareWithin(withinMs));
  }

  override leftMs(_kind: KindIndex, cost: number, hadMs: number): number {
    return this.#jobs.get(cost)?.elapsed.leftMs(hadMs) ?? NaN;
  }

  override shareWithin(_kind: KindIndex, cost: number, ms: number): number {
    return this.#jobs.get(cost)?.elapsed.shareWithin(ms) ?? NaN;
  }

  override variance(_kind: KindIndex, cost: number): number {
    return this.#jobs.get(cost)?.elapsed.variance ?? NaN;
  }

  override busyMs(_kind: KindIndex, cost: number): number {
    return this.#jobs.get(cost)?.busy.quantileMs(LONGEST) ?? NaN;
  }

  override meanMs({ index }: KindIndex): number {
    return this.#meansMs[index];
  }

  override typicalMs({ index }: KindIndex, cost: number): number {
    return this.#jobs.get(cost)?.elapsed.meanMs ?? this.#meansMs[index];
  }

  override learn(): number {
    return NaN;
  }

  override learnAtLeast(): void {}

  override startProbe(): void {}

  override endProbe(): void {}

  override learnPost(): void {}
}
