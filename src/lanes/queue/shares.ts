import type { JobFacts } from "../../policy/policy.ts";

/**
 * What a class has had is forgotten, half of it in a second: this much of it is left after each step. (0.5
 * to the power of a tenth, as powers are not the same on all engines.)
 */
const STEP = 0.9330329915368074;
const STEP_MS = 100;
/** After so long, in ms, nothing that counts is left; and the weights stay within bounds. */
const LONG_MS = 60_000;
/** A class that has had less than this lately, in ms, takes nothing from the others of its kind. */
const LEAST_MS = 1;

/** The classes of a kind, and how many of them share what it gets. */
interface KindShare {
  readonly classes: ShareClass[];
  sharing: number;
  /** The step in which they were counted, by its start. */
  atMs: number;
}

/** A class of jobs: those of one kind, with budgets that have reached the same power of two. */
export interface ShareClass {
  /** Its number: different for each. */
  readonly id: number;
  readonly kind: KindShare;
  /** Time on the workers lately, in units in which later is more. */
  had: number;
}

/**
 * Who has had how much time lately. Kinds have equal shares, and in each kind so have its classes of
 * budget, of those that have had any.
 */
export class Shares {
  readonly #classes = new Map<number, ShareClass>();
  readonly #kinds = new Map<number, KindShare>();
  #weight = 1;
  #atMs = 0;
  /** The class of the last job: the next one is often of the same. */
  #last: ShareClass | undefined = undefined;

  /** The class of a job. */
  classOf({ kind, latencyBudgetMs }: JobFacts): ShareClass {
    const key = kind.index * 64 + powerOf(latencyBudgetMs);
    if (this.#last?.id !== key) this.#last = this.#classes.get(key) ?? this.#add(key, kind.index);
    return this.#last!;
  }

  #add(id: number, index: number): ShareClass {
    let kind = this.#kinds.get(index);
    if (kind === undefined) {
      this.#kinds.set(index, kind = { classes: [], sharing: 1, atMs: 0 });
    }
    const added = { id, kind, had: 0 };
    this.#classes.set(id, added);
    kind.classes.push(added);
    return added;
  }

  /** A class has been given so much time, in ms. */
  give(shareClass: ShareClass, ms: number, nowMs: number): void {
    if (nowMs - this.#atMs > LONG_MS) {
      this.#weight = Infinity; // by which nothing is left
      this.#atMs = nowMs;
    }
    for (; nowMs - this.#atMs > STEP_MS; this.#atMs += STEP_MS) this.#weight /= STEP;
    if (this.#weight > 1e12) this.#scale();
    const { kind } = shareClass;
    const least = LEAST_MS * this.#weight;
    const shared = shareClass.had >= least;
    shareClass.had += ms * this.#weight;
    // In the same step, those that share are the same if this one already did.
    if (shared && kind.atMs === this.#atMs) return;
    kind.atMs = this.#atMs;
    kind.sharing = 0;
    for (const { had } of kind.classes) if (had >= least) kind.sharing++;
  }

  #scale(): void {
    for (const one of this.#classes.values()) one.had /= this.#weight;
    this.#weight = 1;
  }

  /** What a class has had, measured by its share: comparable between classes. */
  of({ had, kind }: ShareClass): number {
    return had * Math.max(1, kind.sharing);
  }
}

/** The power of two that a budget, in ms, has reached, from 0 to 62; 63 without a budget. */
function powerOf(budgetMs: number): number {
  if (budgetMs === Infinity) return 63;
  return budgetMs < 1 ? 0 : Math.min(62, 32 - Math.clz32(Math.min(budgetMs, 0x7fffffff)));
}
