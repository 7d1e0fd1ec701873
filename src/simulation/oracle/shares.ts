import { powerOfTwo } from "../laboratory/budget_classes.ts";
import type { LabJob } from "../workload/lab_job.ts";

/** How fast what a class has had is forgotten: its half-life, in ms. */
const HALF_LIFE_MS = 1_000;

/**
 * Who has had how much time on the workers lately. Kinds have equal shares, and in each kind so have
 * its classes of budget.
 */
export class Shares {
  readonly #classes = new Map<string, number>();
  readonly #hadMs: number[] = [];
  readonly #kindOf: number[] = [];
  readonly #classesOfKind = new Map<number, number>();
  #atMs = 0;

  /** The class of a job. */
  classOf(job: LabJob): number {
    const name = `${job.kind} ${powerOfTwo(job.budgetMs)}`;
    let index = this.#classes.get(name);
    if (index !== undefined) return index;
    index = this.#hadMs.length;
    this.#classes.set(name, index);
    this.#hadMs.push(0);
    this.#kindOf.push(job.kind);
    this.#classesOfKind.set(job.kind, (this.#classesOfKind.get(job.kind) ?? 0) + 1);
    return index;
  }

  /** A job of a class has been given so much time, in ms. */
  give(shareClass: number, ms: number, nowMs: number): void {
    const passedMs = nowMs - this.#atMs;
    if (passedMs > HALF_LIFE_MS / 10) {
      const steps = Math.floor(passedMs / (HALF_LIFE_MS / 10));
      let factor = 1;
      for (let i = 0; i < Math.min(steps, 100); i++) factor *= TENTH_OF_HALF;
      for (let i = 0; i < this.#hadMs.length; i++) this.#hadMs[i] *= factor;
      this.#atMs += steps * (HALF_LIFE_MS / 10);
    }
    this.#hadMs[shareClass] += ms;
  }

  /** What a class has had, measured by its share. */
  of(shareClass: number): number {
    return this.#hadMs[shareClass] * this.#classesOfKind.get(this.#kindOf[shareClass])!;
  }
}

/** 0.5 to the power of a tenth. */
const TENTH_OF_HALF = 0.9330329915368074;
