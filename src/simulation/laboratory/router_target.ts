import type { Hints, SettledJob, Sink, SubmitOptions } from "../../../mod.ts";
import type { LabJob } from "../workload/lab_job.ts";
import type { Heard, Target } from "./drive.ts";

/** The part of a router that takes jobs. */
export interface Offers {
  offer(kind: string, input: unknown, options: SubmitOptions | undefined, sink: Sink): void;
}

/** A router as what runs the jobs. */
export class RouterTarget implements Target {
  readonly #router: Offers;
  readonly #kindNames: readonly string[];
  readonly #heard: Heard;
  readonly #toInput: (job: LabJob) => unknown;
  readonly #costOf: (job: LabJob) => number | undefined;
  /** Why the router refused a job: its policy threw, for instance. */
  refusal: unknown = undefined;

  /**
   * `toInput` gives what the router gets as the input of a job, and `costOf` what as its cost.
   * @default {the job itself, and what its cost says}
   */
  constructor(
    router: Offers,
    kindNames: readonly string[],
    heard: Heard,
    toInput: (job: LabJob) => unknown = (job) => job,
    costOf: (job: LabJob) => number | undefined = ({ cost }) => cost,
  ) {
    this.#router = router;
    this.#kindNames = kindNames;
    this.#heard = heard;
    this.#toInput = toInput;
    this.#costOf = costOf;
  }

  offer(job: LabJob, lateMs: number): void {
    const { budgetMs, priority, key } = job;
    if (lateMs >= budgetMs) {
      return this.#heard.lost(job, "dropped", "backpressure_drop", "expired");
    }
    const computeCost = this.#costOf(job);
    const hints: Hints = {
      ...(budgetMs < Infinity ? { latencyBudgetMs: budgetMs - lateMs } : {}),
      ...(priority === 5 ? {} : { priority }),
      ...(computeCost === undefined ? {} : { computeCost }),
      ...(key === undefined ? {} : { key }),
    };
    const input = this.#toInput(job);
    this.#router.offer(
      this.#kindNames[job.kind],
      input,
      hints,
      new JobSink(this, this.#heard, job, lateMs),
    );
  }
}

/** Follows one job to its end. */
class JobSink implements Sink {
  readonly #target: RouterTarget;
  readonly #heard: Heard;
  readonly #job: LabJob;
  readonly #lateMs: number;

  constructor(target: RouterTarget, heard: Heard, job: LabJob, lateMs: number) {
    this.#target = target;
    this.#heard = heard;
    this.#job = job;
    this.#lateMs = lateMs;
  }

  settled(job: SettledJob): void {
    const { status, strategy, value } = job;
    if (status === "completed") this.#heard.completed(this.#job, strategy, job, this.#lateMs);
    else this.#heard.lost(this.#job, status, strategy, String(value));
  }

  refused(error: unknown): void {
    this.#target.refusal ??= error;
    this.#heard.lost(this.#job, "failed", "backpressure_drop", String(error));
  }
}
