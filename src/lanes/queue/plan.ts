import type { LoadGauges } from "../../policy/load.ts";
import { type KeyedEntry, PlanClass } from "./plan_class.ts";
import { isBefore, type Place, PlanTree } from "./plan_tree.ts";
import { PatientTurns } from "./patient_turns.ts";
import type { Server } from "./server.ts";
import type { ShareClass, Shares } from "./shares.ts";

/** How many standard deviations of the time before a call its plan leaves free. */
const DOUBT = 1.5;

/** A call in a plan, and the class that it has a share with. */
export interface Planned extends KeyedEntry {
  readonly shareClass: ShareClass;
  /** Whether it has no budget, and is no probe. */
  readonly isPatient: boolean;
  /** Whether it goes before all others, to test an estimate. */
  readonly isProbe: boolean;
}

/**
 * The calls that wait for workers, the earliest deadline first, of which each is expected to be in time. When
 * one is not, one of those up to it has to step back: the largest (Moore, "An n Job, One Machine Sequencing
 * Algorithm for Minimizing the Number of Late Jobs", 1968), of the class that has had most, and in it of the
 * key that is farthest ahead. As long as none would be late for it, keys of a class take turns, and kinds do
 * without budgets.
 */
export class Plan<P extends Planned> {
  readonly #load: LoadGauges;
  readonly #server: Pick<Server, "size" | "freeInMs">;
  /** `null` if classes have no shares. */
  readonly #shares: Shares | null;
  #workers = 1;
  #tree = new PlanTree(1);
  readonly #classes = new Map<ShareClass, PlanClass>();
  /** `null` if classes have no shares. */
  readonly #patient: PatientTurns | null;
  /** Whose turn it is, until anything changes. */
  #turn: P | null = null;
  /** When each worker is expected to be free, in ms from now, and the sum. */
  #freeInMs: readonly number[] = [0];
  #sumMs = 0;

  constructor(
    load: LoadGauges,
    server: Pick<Server, "size" | "freeInMs">,
    shares: Shares | null,
  ) {
    this.#load = load;
    this.#server = server;
    this.#shares = shares;
    this.#patient = shares === null ? null : new PatientTurns();
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
    let first: Planned | null = null;
    for (const [other, ofClass] of this.#classes) {
      const entry = ofClass.first as Planned;
      if (other !== shareClass && (first === null || isBefore(entry, first))) first = entry;
    }
    return first as P | null;
  }

  add(entry: P): void {
    const { shareClass, isPatient, level, keepsMs } = entry;
    this.#turn = null;
    this.#tree.add(entry);
    let ofClass = this.#classes.get(shareClass);
    if (ofClass === undefined) {
      this.#classes.set(shareClass, ofClass = new PlanClass(this.#shares !== null));
    }
    ofClass.add(entry);
    if (isPatient) this.#patient?.wait(shareClass, level, keepsMs);
  }

  remove(entry: P): void {
    const { shareClass, isPatient, level, keepsMs } = entry;
    this.#turn = null;
    this.#tree.remove(entry);
    const ofClass = this.#classes.get(shareClass)!;
    ofClass.remove(entry);
    if (ofClass.size === 0) this.#classes.delete(shareClass);
    if (isPatient) this.#patient?.leave(shareClass, level, keepsMs);
  }

  /** A call of a class starts that counts as so much, in ms, and has no budget. */
  started(shareClass: ShareClass, level: number, ms: number): void {
    this.#turn = null;
    this.#patient?.charge(shareClass, level, ms);
  }

  /** The call that starts next: the first, or one whose turn it is. */
  get next(): P | null {
    if (this.#turn !== null) return this.#turn;
    const { first } = this;
    if (first === null || first.isProbe || this.#shares === null) return first;
    const { level } = first;
    const shareClass = first.isPatient ? this.#patient!.first(level) : first.shareClass;
    const turn = this.#classes.get(shareClass)!.turnIn(level) as P | null;
    const mayGo = turn !== null && turn !== first && turn.level === level &&
      this.#tree.firstLate(this.#startMs, this.#atMostMs, turn) === null;
    return this.#turn = mayGo ? turn : first;
  }

  /** Expected time of the calls before one without a budget that comes now, in ms. */
  beforePatientMs(
    place: Place & { readonly shareClass: ShareClass; readonly key: string },
  ): number {
    const ms = this.beforeMs(place);
    const turns = this.#patient?.at(place.level);
    if (turns == null) return ms;
    const { shareClass, key, level } = place;
    const kindMs = turns.get(shareClass.id)?.waitingMs ?? 0;
    const inKindMs = this.#classes.get(shareClass)?.aheadMs(key, level, kindMs) ?? 0;
    const ownMs = inKindMs + turns.othersMs(turns.get(shareClass.id), inKindMs);
    return Math.min(ms, Math.max(0, ms - turns.waitingMs) + ownMs);
  }

  /** Looks at the workers as they are now. */
  look(): void {
    const workers = this.#server.size;
    if (workers !== this.#workers) this.#shareAmong(workers);
    const free = this.#freeInMs = this.#server.freeInMs();
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

  /** When a call starts that has so much before it, in ms from now. */
  startInMs(keepsMs: number): number {
    return startInMs(keepsMs, this.#freeInMs, this.#workers);
  }

  /** Takes out and tells of those that have to step back, until all others are in time. */
  settle(stepBack: (call: P) => void): void {
    for (let one = this.whoStepsBack(); one !== null; one = this.whoStepsBack()) {
      this.remove(one);
      stepBack(one);
    }
  }

  /**
   * Expected time of the calls that would be before one if it were added, in ms, those that would have to step back
   * for it left out; `NaN` if it would not be in time. Nothing changes.
   */
  roomFor(entry: P): number {
    const { keepsMs, variance } = this.#tree.before(entry);
    const isInTime = this.#startMs(keepsMs, variance) <= entry.latestStartMs;
    if (isInTime && this.#tree.hasTimeFor(entry, this.#atMostMs)) return keepsMs;
    const others: P[] = [];
    this.add(entry);
    let one = this.whoStepsBack();
    for (; one !== null && one !== entry; one = this.whoStepsBack()) {
      this.remove(one);
      others.push(one);
    }
    const aheadMs = one === null ? this.beforeMs(entry) : NaN;
    this.remove(entry);
    for (const other of others) this.add(other);
    return aheadMs;
  }

  /** Who has to step back, as one of the calls would be late; `null` if none would. */
  whoStepsBack(): P | null {
    const late = this.#tree.firstLate(this.#startMs, this.#atMostMs) as P | null;
    if (late === null) return null;
    // It would be late even if it were the first.
    if (late.latestStartMs < this.#load.nowMs + this.startInMs(0)) return late;
    const ofClass = this.#shares === null || (this.#classes.size < 2 && !this.#hasKeys())
      ? null
      : this.#largestOfClasses(late, this.#shares);
    return ofClass ?? this.#tree.largestUpTo(late) as P;
  }

  /** Whether its only class has calls of several keys. */
  #hasKeys(): boolean {
    for (const ofClass of this.#classes.values()) return ofClass.isShared;
    return false;
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
    for (const [shareClass, ofClass] of this.#classes) {
      const had = shares.of(shareClass);
      if (had < most) continue;
      const largest = ofClass.largestUpTo(late) as P | null;
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

/**
 * When a call starts that has so much before it, in ms from now: the threads share that, as they get free, or will
 * be one, if there are none now. `NaN` if the work is unknown.
 */
export function startInMs(
  aheadMs: number,
  freeInMs: readonly number[],
  threads: number = Math.max(1, freeInMs.length),
): number {
  let sum = aheadMs;
  let least = Infinity;
  for (let i = 0; i < threads; i++) {
    sum += freeInMs[i] ?? 0;
    least = Math.min(least, sum / (i + 1));
  }
  return least;
}
