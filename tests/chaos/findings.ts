import type { RouterStats } from "../../mod.ts";
import { type Ending, isCollateral } from "./judge.ts";
import { type End, ENDS, type Trial } from "./trial.ts";

/** Problems that are told in full. */
const MAX_TOLD = 20;

/** Counts by end. */
export type EndCounts = Record<End, number>;

/** What a campaign has seen so far. */
export class Findings {
  jobs = 0;
  rounds = 0;
  /** Ends of jobs that behave. */
  readonly normal: EndCounts = noEnds();
  /** Ends of the others, by what is wrong with them. */
  readonly faults: Record<string, EndCounts> = {};
  readonly workers = { started: 0, crashed: 0, lost: 0 };
  /** Jobs that were hit by what others did to their worker, by kind of harm. */
  readonly collateral = { crashed: 0, quarantined: 0 };
  /** Jobs that the router's counters and the callers do not tell the same of. */
  lost = 0;
  /** Settled more than once. */
  doubled = 0;
  /** Not settled in time. */
  hung = 0;
  /** Outputs that are not right, and ends that must not be. */
  wrong = 0;
  readonly problems: string[] = [];

  /** Whether all is as it must be. */
  get isClean(): boolean {
    return this.lost + this.doubled + this.hung + this.wrong === 0;
  }

  settled(trial: Trial, ending: Ending): void {
    const counts = trial.fault === undefined ? this.normal : this.faults[trial.fault] ??= noEnds();
    counts[ending.end]++;
    if (!isCollateral(trial, ending)) return;
    if (ending.end === "crashed") this.collateral.crashed++;
    else this.collateral.quarantined++;
  }

  closed({ workers }: RouterStats): void {
    this.rounds++;
    this.workers.started += workers.started;
    this.workers.crashed += workers.crashed;
    this.workers.lost += workers.lost;
  }

  /** Counts something that must not be. */
  blame(what: "lost" | "doubled" | "hung" | "wrong", story: string, count = 1): void {
    this[what] += count;
    if (this.problems.length < MAX_TOLD) this.problems.push(`${what}: ${story}`);
  }
}

function noEnds(): EndCounts {
  return Object.fromEntries(ENDS.map((end) => [end, 0])) as EndCounts;
}
