import type { Clock } from "../clock.ts";
import type { Admission } from "../job/admission.ts";
import type { Call } from "../job/call.ts";
import type { Job } from "../job/job.ts";
import { type LoadGauges, UNKNOWN_MS } from "../policy/load.ts";
import type { JobFacts } from "../policy/policy.ts";
import { Room } from "./room.ts";
import { forgetTurn } from "./queue/turns.ts";

type Limits = Call["kind"]["limits"];

/** A lane that has calls wait for a place. */
export interface PlaceTaker {
  /** A call that was held has a place now, and waits in the lane's queue from now on. */
  placed(call: Call): void;
}

/** The places of a kind: each call takes one of its key, then one of the kind. */
class KindPlaces {
  readonly limits: Limits;
  readonly all: Room;
  readonly #keys = new Map<string, Room>();
  readonly #createRoom: (most: number, isFair: boolean) => Room;

  constructor(
    limits: Limits,
    isFair: boolean,
    createRoom: (most: number, isFair: boolean) => Room,
  ) {
    this.limits = limits;
    this.#createRoom = createRoom;
    this.all = createRoom(limits.concurrency, isFair);
  }

  /** All places, and those of each key. */
  get rooms(): Room[] {
    return [this.all, ...this.#keys.values()];
  }

  /** The places that a job with this key must wait for, those of its key first; `undefined` if for none. */
  fullFor(key: string): Room | undefined {
    const ofKey = this.of(key);
    return ofKey?.isFull === true ? ofKey : this.all.isFull ? this.all : undefined;
  }

  /** The places of a key, if any is taken. */
  of(key: string): Room | undefined {
    return this.#keys.get(key);
  }

  /** Takes a place of a key; returns the places if none is free, or `null`. */
  takeOfKey(key: string): Room | null {
    if (this.limits.concurrencyPerKey === Infinity) return null;
    let room = this.#keys.get(key);
    if (room === undefined) {
      room = this.#createRoom(this.limits.concurrencyPerKey, false);
      this.#keys.set(key, room);
    }
    if (room.isFull) return room;
    room.taken++;
    return null;
  }

  /** A place of a key is free; returns who has it now, or `null`. */
  leaveOfKey(key: string): Call | null {
    const room = this.#keys.get(key);
    if (room === undefined) return null;
    const next = room.first;
    if (next !== null) return next;
    if (--room.taken === 0) this.#keys.delete(key);
    return null;
  }
}

/** The place of a call of a kind that is limited. */
export class Place {
  readonly key: string;
  lane: PlaceTaker;
  /** Where it is held; `null` once it has all that it needs. */
  heldIn: Room | null = null;

  constructor(key: string, lane: PlaceTaker) {
    this.key = key;
    this.lane = lane;
  }
}

/**
 * The places of kinds with a `concurrency` or `concurrencyPerKey`, on all lanes together. A call takes one as it
 * is queued, or runs at once, and leaves it when nothing of it runs any more. One for which there is none is
 * held, outside of the queue of its lane, and holds back nobody else.
 */
export class Places {
  readonly #clock: Clock;
  readonly #admission: Admission;
  readonly #load: LoadGauges;
  readonly #ageingMs: number;
  readonly #isFair: boolean;
  /** Whether the router has kinds that are limited. */
  areUsed = false;
  /** By index; one is made when the first call of a kind comes. */
  readonly #kinds: (KindPlaces | undefined)[] = [];

  /** @param isFair Whether keys take turns. */
  constructor(admission: Admission, load: LoadGauges, ageingMs: number, isFair: boolean) {
    this.#clock = admission.clock;
    this.#admission = admission;
    this.#load = load;
    this.#ageingMs = ageingMs;
    this.#isFair = isFair;
  }

  /** Whether a job would have to wait for a place. */
  mustWait({ kind, facts, ticket }: Job): boolean {
    return ticket.place === null && this.#kinds[kind.index]?.fullFor(facts.key) !== undefined;
  }

  /** Expected time until a job that comes now has a place, in ms: 0 if there is one, `NaN` if unknown. */
  waitMs(job: JobFacts): number {
    const places = this.#kinds[job.kind.index];
    if (places === undefined) return 0;
    return Math.max(places.of(job.key)?.waitMsOf(job) ?? 0, places.all.waitMsOf(job));
  }

  /** Whether a job would get a place too late to be in time, as far as that is known. */
  isTooLate(job: JobFacts): boolean {
    const places = this.#kinds[job.kind.index];
    if (job.latencyBudgetMs === Infinity || places === undefined) return false;
    return places.all.isTooLate(job) || places.of(job.key)?.isTooLate(job) === true;
  }

  /**
   * When a retry of a dropped job is worthwhile, in ms, if others of its kind have all places; 0 if they have not.
   * Whoever asks is told, and counts from then on.
   */
  retryAfterMs({ facts }: Job, nowMs: number): number {
    const room = this.#kinds[facts.kind.index]?.fullFor(facts.key);
    if (room === undefined) return 0;
    const waitMs = this.waitMs(facts);
    return room.returns.next(nowMs, waitMs >= 0 ? waitMs : UNKNOWN_MS, room.waiting, 0);
  }

  /** In words why a job would have to wait for a place; `undefined` if it would not. */
  wordsOf({ kind, facts: { key } }: Job): string | undefined {
    const places = this.#kinds[kind.index];
    const room = places?.fullFor(key);
    if (room === undefined) return undefined;
    const [name, limit] = room === places!.all
      ? ["jobs", "concurrency"]
      : [`jobs of its key${key === "" ? ", which is none," : ""}`, "concurrencyPerKey"];
    const waiting = room.waiting === 0 ? "" : `, behind ${room.waiting} that wait already`;
    return `It would wait until fewer ${name} of kind "${kind.name}" run than ${room.most}, ` +
      `its "${limit}"${waiting}.`;
  }

  /**
   * Takes a place for a call; it may have one already.
   *
   * @returns Whether it has one; if not, it is held, and `lane` is told once it has.
   */
  take(call: Call, lane: PlaceTaker): boolean {
    const { ticket } = call;
    if (ticket.place !== null) {
      (ticket.place as Place).lane = lane;
      return true;
    }
    const { kind } = call;
    const places = this.#kinds[kind.index] ??= new KindPlaces(
      kind.limits,
      this.#isFair,
      (most, isFair) => new Room(this.#load, kind, most, this.#ageingMs, isFair),
    );
    const place = ticket.place = new Place(call.facts.key, lane);
    const full = places.takeOfKey(place.key);
    place.heldIn = full ?? (places.all.isFull ? places.all : null);
    if (place.heldIn === null) {
      places.all.taken++;
      return true;
    }
    for (const job of call.jobs) this.#admission.watch(job);
    place.heldIn.forecast(call);
    place.heldIn.held.push(call, this.#clock.now());
    return false;
  }

  /** Whether a call waits for a place. */
  isHeld({ ticket }: Call): boolean {
    return ticket.place !== null && (ticket.place as Place).heldIn !== null;
  }

  /** The calls of a lane that wait for a place. */
  heldFor(lane: PlaceTaker): Call[] {
    const rooms = this.#kinds.flatMap((places) => places === undefined ? [] : places.rooms);
    return rooms.flatMap((room) => room.waiting === 0 ? [] : room.held.all())
      .filter(({ ticket }) => (ticket.place as Place).lane === lane);
  }

  /** Nothing of a call runs any more, or waits: its place, if it has one, is for the next. */
  leave(call: Call): void {
    const place = call.ticket.place as Place | null;
    if (place === null) return;
    call.ticket.place = null;
    const places = this.#kinds[call.kind.index]!;
    const { heldIn } = place;
    if (heldIn !== null) heldIn.held.remove(call);
    else places.all.taken--;
    const hasKey = heldIn === null || heldIn === places.all;
    if (hasKey) this.#passKey(places, place.key);
    this.#passKind(places);
  }

  /** The first that waits for a place of a key has it, and now needs one of the kind. */
  #passKey(places: KindPlaces, key: string): void {
    const next = places.leaveOfKey(key);
    if (next === null) return;
    const place = next.ticket.place as Place;
    place.heldIn!.held.remove(next);
    place.heldIn = places.all;
    places.all.forecast(next);
    places.all.held.putBack(next);
  }

  #passKind({ all }: KindPlaces): void {
    for (let next = all.first; next !== null && !all.isFull; next = all.first) {
      all.held.remove(next);
      all.held.started(next);
      all.taken++;
      forgetTurn(next);
      const place = next.ticket.place as Place;
      place.heldIn = null;
      place.lane.placed(next);
    }
  }
}
