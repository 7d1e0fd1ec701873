import type { LoadGauges, QueueLane } from "../../policy/load.ts";
import { type Entry, isBefore, type Place, PlanTree } from "./plan_tree.ts";
import type { ShareClass, Shares } from "./shares.ts";

/** How many standard deviations of the time before a call its plan leaves free. */
const DOUBT = 1.5;

/** A call in a plan, and the class that it has a share with. */
export interface Planned extends Entry {
  readonly shareClass: ShareClass;
}

/**
 * The calls that wait for workers, the earliest deadline first, of which each is expected to be in time. When
 * one is not, one of those up to it has to step back: the largest (Moore, "An n Job, One Machine Sequencing
 * Algorithm for Minimizing the Number of Late Jobs", 1968), of the class that has had most.
 */
export class Plan<P extends Planned> {
  readonly #load: LoadGauges;
  readonly #lane: QueueLane;
  /** `null` if classes have no shares. */
  readonly #shares: Shares | null;
  #workers = 1;
  #tree = new PlanTree(1);
  readonly #classes = new Map<ShareClass, PlanTree>();
  /** When each worker is expected to be free, in ms from now, and the sum. */
  #freeInMs: readonly number[] = [0];
  #sumMs = 0;

  constructor(load: LoadGauges, lane: QueueLane, shares: Shares | null) {
    this.#load = load;
    this.#lane = lane;
    this.#shares = shares;
  }

  get size(): number {
    return this.#tree.size;
  }

  /** Expected time of all calls, in ms. */
  get keepsMs(): number {
    return this.#tree.keepsMs;
  }

  get first(): P | null {
    return this.#tree.first as P | null;
  }

  get last(): P | null {
    return this.#tree.last as P | null;
  }

  /** The first of a class. */
  firstOf(shareClass: ShareClass): P | null {
    return (this.#classes.get(shareClass)?.first ?? null) as P | null;
  }

  /** The first of all other classes. */
  firstOfOthers(shareClass: ShareClass): P | null {
    let first: Entry | null = null;
    for (const [other, tree] of this.#classes) {
      const entry = tree.first!;
      if (other !== shareClass && (first === null || isBefore(entry, first))) first = entry;
    }
    return first as P | null;
  }

  add(entry: P): void {
    this.#tree.add(entry);
    let tree = this.#classes.get(entry.shareClass);
    if (tree === undefined) this.#classes.set(entry.shareClass, tree = new PlanTree(1));
    tree.add(entry);
  }

  remove(entry: P): void {
    this.#tree.remove(entry);
    const tree = this.#classes.get(entry.shareClass)!;
    tree.remove(entry);
    if (tree.size === 0) this.#classes.delete(entry.shareClass);
  }

  /** Looks at the workers as they are now. */
  look(): void {
    const workers = this.#lane === "spawn" ? 1 : Math.max(1, this.#load.cpuParallelism);
    if (workers !== this.#workers) this.#shareAmong(workers);
    const free = this.#freeInMs = this.#load.freeInMs(this.#lane);
    this.#sumMs = 0;
    for (let i = 0; i < workers; i++) this.#sumMs += free[i] ?? 0;
  }

  #shareAmong(workers: number): void {
    const tree = new PlanTree(workers);
    for (const entry of this.#tree.entries()) tree.add(entry);
    this.#tree = tree;
    this.#workers = workers;
  }

  /** Expected time of the calls before a place, in ms. */
  beforeMs(place: Place): number {
    return this.#tree.before(place).keepsMs;
  }

  /** When a call starts that has so much before it, in ms from now: the workers share that, as they get free. */
  startInMs(keepsMs: number): number {
    let sum = keepsMs;
    let least = Infinity;
    for (let i = 0; i < this.#workers; i++) {
      sum += this.#freeInMs[i] ?? 0;
      least = Math.min(least, sum / (i + 1));
    }
    return least;
  }

  /** Takes out and tells of those that have to step back, until all others are in time. */
  settle(stepBack: (call: P) => void): void {
    for (let one = this.whoStepsBack(); one !== null; one = this.whoStepsBack()) {
      this.remove(one);
      stepBack(one);
    }
  }

  /** Whether a call would be in time if it were added, others stepping back if need be. Nothing changes. */
  hasRoomFor(entry: P): boolean {
    const others: P[] = [];
    this.add(entry);
    let one = this.whoStepsBack();
    for (; one !== null && one !== entry; one = this.whoStepsBack()) {
      this.remove(one);
      others.push(one);
    }
    this.remove(entry);
    for (const other of others) this.add(other);
    return one === null;
  }

  /** Who has to step back, as one of the calls would be late; `null` if none would. */
  whoStepsBack(): P | null {
    const late = this.#tree.firstLate(this.#startMs, this.#atMostMs) as P | null;
    if (late === null) return null;
    // It would be late even if it were the first.
    if (late.latestStartMs < this.#load.nowMs + this.startInMs(0)) return late;
    const ofClass = this.#shares === null || this.#classes.size < 2
      ? null
      : this.#largestOfClasses(late, this.#shares);
    return ofClass ?? this.#tree.largestUpTo(late) as P;
  }

  readonly #startMs = (keepsMs: number, variance: number): number =>
    this.#load.nowMs + this.startInMs(keepsMs) + this.#doubtMs(variance);

  readonly #atMostMs = (variance: number): number =>
    this.#load.nowMs + this.#sumMs / this.#workers + this.#doubtMs(variance);

  #doubtMs(variance: number): number {
    return DOUBT * Math.sqrt(variance) / this.#workers;
  }

  /** Of the class that has had most by its share; of equals rather not of the late one's, then the largest. */
  #largestOfClasses(late: P, shares: Shares): P | null {
    let best: P | null = null;
    let most = -1;
    for (const [shareClass, tree] of this.#classes) {
      const had = shares.of(shareClass);
      if (had < most) continue;
      const largest = tree.largestUpTo(late) as P | null;
      if (largest === null) continue;
      if (best !== null && had === most && !isRather(largest, best, late)) continue;
      best = largest;
      most = had;
    }
    return best;
  }
}

/** Whether a call is to step back rather than another one, of a class that has had as much. */
function isRather(call: Planned, other: Planned, late: Planned): boolean {
  const isOwn = call.shareClass === late.shareClass;
  if (isOwn !== (other.shareClass === late.shareClass)) return !isOwn;
  return call.keepsMs === other.keepsMs ? isBefore(other, call) : call.keepsMs > other.keepsMs;
}
