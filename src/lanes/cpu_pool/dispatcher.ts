import type { Clock } from "../../clock.ts";
import type { LoadGauges } from "../../load.ts";
import type { Call } from "../call.ts";
import type { Pool } from "./pool.ts";
import type { CallQueue } from "./queue.ts";
import type { Semaphore } from "./semaphore.ts";

/** Moves calls from the queue to idle workers, one permit each. The only one that does. */
export class Dispatcher {
  readonly #clock: Clock;
  readonly #load: LoadGauges;
  readonly #queue: CallQueue;
  readonly #permits: Semaphore;
  readonly #pool: Pool;
  #isPumping = false;

  constructor(
    clock: Clock,
    load: LoadGauges,
    queue: CallQueue,
    permits: Semaphore,
    pool: Pool,
  ) {
    this.#clock = clock;
    this.#load = load;
    this.#queue = queue;
    this.#permits = permits;
    this.#pool = pool;
  }

  /** Takes a call whose jobs have been told that they wait. */
  enqueue(call: Call): void {
    call.expectedMs = call.forecastMs();
    this.#queue.push(call, this.#clock.now());
    this.#load.poolWaiting += call.size;
    this.#count(call, 1);
    this.pump();
  }

  /**
   * Frees the place of a call that need not run any more.
   *
   * @returns Whether it was waiting.
   */
  dequeue(call: Call): boolean {
    if (!this.#queue.remove(call)) return false;
    this.#load.poolWaiting -= call.size;
    this.#count(call, -1);
    return true;
  }

  /** Starts as many calls as there are permits and idle workers; asks for workers if need be. */
  pump(): void {
    // A settled job may bring the next submit: the loop that is running takes it along.
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.#queue.length > 0 && this.#permits.tryAcquire()) {
      const slot = this.#pool.takeIdle();
      const call = slot === null ? null : this.#take();
      if (slot === null || call === null) {
        this.#permits.release();
        if (slot !== null) this.#pool.giveBack(slot);
        break;
      }
      this.#pool.run(slot, call);
    }
    this.#load.poolRunning = this.#permits.held;
    this.#isPumping = false;
    this.#pool.grow(this.#queue.length);
  }

  /** A call has left its worker, for whatever reason. */
  release(): void {
    this.#permits.release();
    this.#load.poolRunning = this.#permits.held;
  }

  /** Empties the queue. */
  *drain(): Iterable<Call> {
    for (let call = this.#pull(); call !== null; call = this.#pull()) yield call;
  }

  /** The next call that is still to run. */
  #take(): Call | null {
    for (let call = this.#pull(); call !== null; call = this.#pull()) {
      if (call.ready(this.#clock)) return call;
    }
    return null;
  }

  #pull(): Call | null {
    const call = this.#queue.take();
    if (call === null) return null;
    this.#load.poolWaiting -= call.size;
    this.#count(call, -1);
    return call;
  }

  /** Keeps the sum of expected work; without drift, as it starts anew whenever nothing waits. */
  #count(call: Call, sign: 1 | -1): void {
    const load = this.#load;
    if (call.expectedMs >= 0) load.knownWorkMs += sign * call.expectedMs;
    else load.unknownCalls += sign;
    if (this.#queue.length === 0) load.knownWorkMs = 0;
  }
}
