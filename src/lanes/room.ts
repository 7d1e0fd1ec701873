import type { Call } from "../job/call.ts";
import type { LoadGauges } from "../policy/load.ts";
import type { JobFacts } from "../policy/policy.ts";
import { Returns } from "../policy/returns.ts";
import { FairQueue } from "./queue/fair_queue.ts";
import type { Server } from "./queue/server.ts";

/**
 * The places that calls of a key, or of a kind, may have. As it is not known how long each has been taken, calls are
 * planned as if there were one, which each occupies for a fraction of its time.
 */
export class Room implements Server {
  readonly #load: LoadGauges;
  readonly #kind: Call["kind"];
  readonly most: number;
  taken = 0;
  readonly size = 1;
  readonly lagMs = 0;
  readonly sheds = false;
  readonly queuedMs: number = NaN;
  readonly shortMs = 0;
  readonly #ageingMs: number;
  readonly #isFair: boolean;
  #held: FairQueue | null = null;
  #returns: Returns | null = null;

  constructor(
    load: LoadGauges,
    kind: Call["kind"],
    most: number,
    ageingMs: number,
    isFair: boolean,
  ) {
    this.#load = load;
    this.#kind = kind;
    this.most = most;
    this.#ageingMs = ageingMs;
    this.#isFair = isFair;
  }

  /** Those that wait for a place. Made when it is first needed: few keys have any. */
  get held(): FairQueue {
    return this.#held ??= new FairQueue(this.#load, this, this.#ageingMs, this.#isFair);
  }

  get first(): Call | null {
    return this.#held === null ? null : this.#held.first;
  }

  get waiting(): number {
    return this.#held === null ? 0 : this.#held.length;
  }

  get returns(): Returns {
    return this.#returns ??= new Returns();
  }

  get isFull(): boolean {
    return this.taken >= this.most;
  }

  freeInMs(): readonly number[] {
    return [this.isFull ? (this.#load.model.meanMs(this.#kind) || 0) / this.most : 0];
  }

  shareOf(): number {
    return 1 / this.most;
  }

  /** A call that has a place may still wait for a worker. */
  holds(): boolean {
    return false;
  }

  /** Whether a job that comes now would have a place too late. */
  isTooLate(job: JobFacts): boolean {
    return this.isFull && this.held.outlook(job).place === "late";
  }

  /** Notes for how long a call is expected to occupy all places together. */
  forecast(call: Call): void {
    call.forecast(this.#load);
    call.ticket.expectedMs /= this.most;
  }

  /** Expected time until a job that comes now has a place, in ms; `NaN` if unknown. */
  waitMsOf(job: JobFacts): number {
    if (!this.isFull) return 0;
    const { model, nowMs } = this.#load;
    return model.meanMs(this.#kind) / this.most + this.held.aheadMs(job, nowMs);
  }
}
