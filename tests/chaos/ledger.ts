import type { HelixRouter, Outcome, SettledJob, Sink } from "../../mod.ts";
import type { AnyKind } from "../../mod.ts";
import type { Findings } from "./findings.ts";
import { type Circumstances, type Ending, endingOf, isCollateral, judge } from "./judge.ts";
import { type End, ENDS, type Submission } from "./trial.ts";

/** A router whose kinds are known by name only. */
export type AnyRouter = HelixRouter<Readonly<Record<string, AnyKind>>>;

/** One submit that is on its way, or was. */
interface Entry {
  readonly id: number;
  readonly submission: Submission;
  readonly controller: AbortController | undefined;
  readonly reason: Error | undefined;
  settles: number;
}

/** Submits jobs and keeps account of what becomes of each, until it has ended. */
export class Ledger {
  readonly #router: AnyRouter;
  readonly #findings: Findings;
  readonly #pending = new Map<number, Entry>();
  readonly ends: Record<End, number>;
  around: Circumstances;
  submitted = 0;
  /** Jobs whose worker may die later. */
  late = 0;
  /** Jobs that were hit by such a death. */
  collateral = 0;
  #onSettle: (() => void) | undefined;

  constructor(router: AnyRouter, findings: Findings, around: Circumstances) {
    this.#router = router;
    this.#findings = findings;
    this.around = around;
    this.ends = Object.fromEntries(ENDS.map((end) => [end, 0])) as Record<End, number>;
  }

  get pending(): number {
    return this.#pending.size;
  }

  /** Hands the job over, and aborts it when the time has come. */
  submit(submission: Submission): void {
    const { trial, way, abort } = submission;
    const id = ++this.#findings.jobs;
    this.submitted++;
    if (trial.isLate) this.late++;
    const controller = abort && new AbortController();
    const reason = abort && new Error(`abort ${id}`);
    const entry: Entry = { id, submission, controller, reason, settles: 0 };
    this.#pending.set(id, entry);
    if (abort?.time === "before") controller!.abort(reason);
    const options = controller ? { ...trial.options, signal: controller.signal } : trial.options;
    const refused = (error: unknown): void => this.#settle(entry, endingOf(error, reason));
    if (way === "offer") {
      this.#router.offer(trial.kind, trial.input, options, this.#sink(entry, refused));
    } else if (way === "run") {
      this.#router.run(trial.kind, trial.input, options).then(
        (output) => this.#settle(entry, { end: "completed", value: output }),
        refused,
      );
    } else {
      this.#router.submit(trial.kind, trial.input, options).then(
        (outcome) => this.#settle(entry, endingOfOutcome(outcome)),
        refused,
      );
    }
    if (abort?.time === "queued") controller!.abort(reason);
    if (abort?.time === "running") setTimeout(() => controller!.abort(reason), abort.afterMs);
  }

  /** Waits until one more job has ended; tells whether one has within `limitMs`. */
  async nextSettle(limitMs: number): Promise<boolean> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timedOut = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, limitMs, false);
    });
    const settled = new Promise<boolean>((resolve) => {
      this.#onSettle = () => resolve(true);
    });
    const inTime = await Promise.race([timedOut, settled]);
    clearTimeout(timer);
    return inTime;
  }

  /** Gives up what is still on its way. */
  giveUp(): void {
    for (const { id, submission } of this.#pending.values()) {
      this.#findings.blame("hung", `job ${id}, ${told(submission)}`);
    }
    this.#pending.clear();
  }

  #sink(entry: Entry, refused: (error: unknown) => void): Sink {
    return {
      settled: (job) => this.#settle(entry, endingOfJob(job, entry.reason)),
      refused,
    };
  }

  #settle(entry: Entry, ending: Ending): void {
    const { id, submission } = entry;
    const { trial, abort } = submission;
    if (entry.settles++ > 0) {
      this.#findings.blame("doubled", `job ${id}, ${told(submission)}, again as ${ending.end}`);
      return;
    }
    this.#pending.delete(id);
    this.ends[ending.end]++;
    this.#findings.settled(trial, ending);
    if (ending.end === "crashed" && isCollateral(trial, ending)) this.collateral++;
    const fault = judge(trial, ending, this.around);
    if (fault) this.#findings.blame("wrong", `job ${id}, ${told(submission)}: ${fault}`);
    if (abort?.time === "settled") entry.controller!.abort(entry.reason);
    this.#onSettle?.();
  }
}

function endingOfOutcome(outcome: Outcome<unknown>): Ending {
  return outcome.status === "completed"
    ? { end: "completed", value: outcome.output }
    : { end: "dropped", value: outcome.reason };
}

function endingOfJob({ status, value }: SettledJob, reason: unknown): Ending {
  if (status === "completed" || status === "dropped") return { end: status, value };
  return endingOf(value, reason);
}

function told({ trial, way, abort }: Submission): string {
  const { signal: _, transfer, ...hints } = trial.options;
  const moved = transfer === undefined ? "" : " with buffers to move";
  const aborted = abort === undefined ? "" : ` aborted ${abort.time} (${abort.afterMs} ms)`;
  return `${trial.kind} by ${way} ${JSON.stringify(hints)}${moved}${aborted}`;
}
