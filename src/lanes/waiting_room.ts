import type { Timer } from "../clock.ts";
import type { Admission } from "../job/admission.ts";
import type { Job } from "../job/job.ts";
import type { Lane } from "../job/lane.ts";
import { NO_TICKET, Ticket } from "../job/ticket.ts";
import type { LoadGauges } from "../policy/load.ts";
import { type Decision, type KindFacts, sharedDecision } from "../policy/policy.ts";
import type { ResolvedOptions } from "../options/options.ts";
import { PriorityQueue } from "./queue/priority_queue.ts";
import { chargeFor, forgetTurn } from "./queue/turns.ts";

/** It would have waited for room, as `waitCapacity` jobs do already. */
const FULL = sharedDecision("backpressure_drop", "wait_full");

/** Time after which those who wait are asked about again if nothing has ended meanwhile, in ms. */
const LOOK_MS = 100;

/** How deep those who wait may be served in what serving them has called. */
const MAX_DEPTH = 4;

/**
 * Holds jobs that no lane takes at the moment and that would rather wait than be dropped: outside of the
 * lanes, so that no queue grows. Each is decided on again when there may be room: one after the other, in
 * the order of a queue, keys in turn, until one of its kind is refused. Whoever submits serves those who wait first, so a
 * free place is theirs.
 */
export class WaitingRoom implements Lane {
  readonly #admission: Admission;
  readonly #load: LoadGauges;
  readonly #capacity: number;
  readonly #createQueue: () => PriorityQueue;
  readonly #decideAgain: (job: Job) => boolean;
  /** By kind: one that is refused for long keeps no other from a place. */
  readonly #queues = new Map<KindFacts, PriorityQueue>();
  #timer: Timer | null = null;
  #depth = 0;
  /** Whether one is being decided on: a policy that submits then must not serve it twice. */
  isDeciding = false;
  /** Whether it has posted a callback that has not run yet. */
  hasPosted = false;
  /** Whether a place may have been freed since they were served. */
  isStale = false;

  /** `decideAgain` routes a job if it can now, or leaves it where it is; returns whether it has left. */
  constructor(
    admission: Admission,
    load: LoadGauges,
    options: Pick<ResolvedOptions, "waitCapacity" | "priorityAgeingMs" | "policy">,
    decideAgain: (job: Job) => boolean,
  ) {
    this.#admission = admission;
    this.#load = load;
    this.#capacity = options.waitCapacity;
    const isFair = options.policy.objective !== "count";
    this.#createQueue = () => new PriorityQueue(options.priorityAgeingMs, isFair);
    this.#decideAgain = decideAgain;
  }

  refuse(): Decision | null {
    return this.#load.waitingForRoom >= this.#capacity ? FULL : null;
  }

  accept(job: Job): void {
    const { kind } = job;
    let queue = this.#queues.get(kind);
    if (queue === undefined) this.#queues.set(kind, queue = this.#createQueue());
    if (job.ticket === NO_TICKET) job.ticket = new Ticket();
    job.lane = this;
    queue.push(job, this.#load.nowMs);
    this.#load.waitingForRoom++;
    this.#admission.watch(job);
    if (this.#timer === null) this.#lookLater();
  }

  revoke(job: Job): boolean {
    const queue = this.#queues.get(job.kind);
    if (queue?.remove(job) !== true) return false;
    if (queue.length === 0) this.#queues.delete(job.kind);
    if (!job.isOver) chargeFor(job); // it goes on: its key has had its turn
    forgetTurn(job);
    if (--this.#load.waitingForRoom === 0) {
      this.#timer?.cancel();
      this.#timer = null;
    }
    return true;
  }

  held(): readonly Job[] {
    return [...this.#queues.values()].flatMap((queue) => queue.all() as Job[]);
  }

  abort(): void {
    // None has begun.
  }

  poll(): void {
    // None has a result.
  }

  /** A job starts or is over: a place may be free, unless it runs at once, or not at all. */
  freedBy({ strategy }: Job): void {
    if (strategy !== "inline" && strategy !== "backpressure_drop") this.wake();
  }

  /** A place may be free: serves those who wait in a later turn, unless a submit does so before. */
  wake(): void {
    this.isStale = true;
    if (this.hasPosted) return;
    this.hasPosted = true;
    this.#admission.clock.post((room) => {
      room.hasPosted = false;
      if (room.isStale) room.serve();
    }, this as WaitingRoom);
  }

  /** Gives those who wait all the places there are. */
  serve(): void {
    if (this.isDeciding || this.#depth === MAX_DEPTH) return;
    this.isStale = false;
    this.#depth++;
    const refused = new Set<KindFacts>();
    for (let job = this.#first(refused); job !== null; job = this.#first(refused)) {
      if (!this.#decideAgain(job)) refused.add(job.kind);
    }
    this.#depth--;
  }

  /** Who is next, but for kinds of which one has been refused. */
  #first(refused: ReadonlySet<KindFacts>): Job | null {
    let best: Job | null = null;
    let bestKey = Infinity;
    for (const [kind, queue] of this.#queues) {
      const job = queue.first as Job | null;
      if (refused.has(kind) || job === null) continue;
      const key = queue.keyOf(job);
      if (best !== null && (key === bestKey ? job.id > best.id : key > bestKey)) continue;
      best = job;
      bestKey = key;
    }
    return best;
  }

  #lookLater(): void {
    this.#timer = this.#admission.clock.setTimer(LOOK_MS, (room) => {
      room.#timer = null;
      room.serve();
      if (room.#timer === null && room.#load.waitingForRoom > 0) room.#lookLater();
    }, this as WaitingRoom);
  }
}
