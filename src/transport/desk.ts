import { isThenable } from "../thenable.ts";
import { ABORTED, claim, PENDING } from "./call_states.ts";
import type { Channel } from "./channel.ts";
import { encodeError } from "./encode_error.ts";
import type { Mailbox, Taken } from "./mailbox.ts";
import type { RunTimes, ToWorker } from "./protocol.ts";
import { aborted, type Run } from "./run.ts";

/**
 * Time after which a worker yields to its event loop: to timers, I/O and messages. With a tenth, 14 % fewer
 * jobs a second, 16 in flight.
 */
const SERVE_MS = 2;

/** Of a call that has not begun. */
const NOT_RUN: RunTimes = { runMs: 0, busyMs: NaN };

/**
 * The worker's end of the transport: takes calls from the mailbox, runs them one at a time and in
 * order, and leaves their results. The router is told of those left before each run, as nobody knows how
 * long that will take.
 */
export class Desk {
  readonly #mailbox: Mailbox;
  readonly #states: Int32Array | undefined;
  readonly #channel: Channel;
  readonly #run: Run;
  /** Number of the next call. */
  #next = 0;
  /** Whether it is taking calls, awaits a run, or is scheduled to continue. */
  #isBusy = false;

  /** `states` are the calls' state words, if they are shared with the router. */
  constructor(mailbox: Mailbox, states: Int32Array | undefined, channel: Channel, run: Run) {
    this.#mailbox = mailbox;
    this.#states = states;
    this.#channel = channel;
    this.#run = run;
  }

  /** Receives a message about calls. */
  hear(message: ToWorker): void {
    if (message.type === "abort") return this.#run.abort(message.call);
    this.#mailbox.hear(message);
    this.#go();
  }

  /** A message could not be deserialized. */
  garbled(): void {
    this.#mailbox.garbled();
    this.#go();
  }

  #go(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.serve();
  }

  /** Runs calls until none is left, one is asynchronous, or the turn has been long. */
  serve(): void {
    const run = this.#run;
    this.#mailbox.open();
    run.resetClock();
    const turnEndMs = run.nowMs + SERVE_MS;
    for (;;) {
      const taken = this.#mailbox.take(this.#next);
      if (taken === null) return this.#rest();
      if (!this.#serve(taken)) return this.#mailbox.tell();
      if (run.nowMs > turnEndMs) return this.#goOnLater();
    }
  }

  /** Runs a call; returns whether it has ended. */
  #serve(taken: Taken): boolean {
    const call = this.#next;
    this.#next = (call + 1) | 0;
    const before = this.#states === undefined ? PENDING : claim(this.#states, call);
    if (before !== PENDING && before !== ABORTED) {
      this.#mailbox.skip(call);
      return true;
    }
    const error = before === ABORTED ? encodeError(aborted()) : taken.error;
    if (error !== undefined) {
      this.#mailbox.fail(call, error, NOT_RUN);
      return true;
    }
    this.#mailbox.tell(); // the run may be long
    let value: unknown;
    try {
      value = this.#run.start(call, taken);
      if (isThenable(value)) {
        this.#run.pause();
        this.#follow(call, taken, value);
        return false;
      }
    } catch (error) {
      this.#fail(call, error);
      return true;
    }
    this.#succeed(call, taken, value);
    return true;
  }

  /** A promise may have a `then` of its own, which throws or tells of two ends: the first counts. */
  #follow(call: number, taken: Taken, value: PromiseLike<unknown>): void {
    let isOver = false;
    const end = (ok: boolean, later: unknown): void => {
      if (isOver) return;
      isOver = true;
      if (ok) this.#succeed(call, taken, later);
      else this.#fail(call, later);
      this.serve();
    };
    try {
      Promise.resolve(value).then((later) => end(true, later), (error) => end(false, error));
    } catch (error) {
      end(false, error);
    }
  }

  #succeed(call: number, taken: Taken, value: unknown): void {
    this.#run.end();
    this.#mailbox.succeed(call, taken, value, this.#run);
  }

  #fail(call: number, error: unknown): void {
    this.#run.end();
    this.#mailbox.fail(call, encodeError(error), this.#run);
  }

  /** Continues when a message comes. */
  #rest(): void {
    this.#mailbox.tell();
    this.#isBusy = false;
  }

  #goOnLater(): void {
    this.#mailbox.tell();
    this.#channel.nextTurn((desk) => desk.serve(), this as Desk);
  }
}
