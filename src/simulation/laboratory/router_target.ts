import type { HelixRouter, Hints, SettledJob, Sink } from "../../../mod.ts";
import type { LabJob } from "../workload/lab_job.ts";
import type { Drive, Target } from "./drive.ts";
import type { LabKinds } from "./lab_jobs.ts";

/** A router as what runs the jobs. */
export class RouterTarget implements Target {
  readonly #router: HelixRouter<LabKinds>;
  readonly #kindNames: readonly string[];
  readonly #drive: Drive;

  constructor(router: HelixRouter<LabKinds>, kindNames: readonly string[], drive: Drive) {
    this.#router = router;
    this.#kindNames = kindNames;
    this.#drive = drive;
  }

  offer(job: LabJob, lateMs: number): void {
    const { budgetMs, priority } = job;
    if (lateMs >= budgetMs) {
      return this.#drive.lost("dropped", "backpressure_drop", "expired");
    }
    const hints: Hints = {
      ...(budgetMs < Infinity ? { latencyBudgetMs: budgetMs - lateMs } : {}),
      ...(priority === 5 ? {} : { priority }),
    };
    this.#router.offer(
      this.#kindNames[job.kind],
      job,
      hints,
      new JobSink(this.#drive, job, lateMs),
    );
  }
}

/** Follows one job to its end. */
class JobSink implements Sink {
  readonly #drive: Drive;
  readonly #job: LabJob;
  readonly #lateMs: number;

  constructor(drive: Drive, job: LabJob, lateMs: number) {
    this.#drive = drive;
    this.#job = job;
    this.#lateMs = lateMs;
  }

  settled(job: SettledJob): void {
    const { status, strategy, value } = job;
    if (status === "completed") this.#drive.completed(this.#job, strategy, job, this.#lateMs);
    else this.#drive.lost(status, strategy, String(value));
  }

  refused(error: unknown): void {
    this.#drive.lost("failed", "backpressure_drop", String(error));
  }
}
