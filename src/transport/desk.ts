import type { AnyKind } from "../define/jobs.ts";
import { isThenable } from "../thenable.ts";
import { ABORTED, claim, PENDING } from "./call_states.ts";
import type { Channel } from "./channel.ts";
import type { Mailbox, Taken } from "./mailbox.ts";
import type { ToWorker } from "./protocol.ts";
import { aborted, type Run } from "./run.ts";

/**
 * Time after which a worker yields to its event loop: to timers, I/O and messages. With a tenth, 14 % fewer
 * jobs a second, 16 in flight.
 */
const SERVE_MS = 2;

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
  #serve({ kind, isBatch, payload, traces, error }: Taken): boolean {
    const call = this.#next;
    this.#next = (call + 1) | 0;
    const before = this.#states === undefined ? PENDING : claim(this.#states, call);
    if (before !== PENDING) {
      if (before === ABORTED) this.#fail(call, aborted());
      else this.#mailbox.skip(call);
      return true;
    }
    this.#mailbox.tell(); // the run may be long
    let value: unknown;
    try {
      if (error !== undefined) throw error;
      value = this.#run.start(call, kind!, isBatch, payload, traces);
      if (isThenable(value)) {
        this.#run.pause();
        this.#follow(call, kind!, isBatch, value);
        return false;
      }
    } catch (error) {
      this.#fail(call, error);
      return true;
    }
    this.#succeed(call, kind!, isBatch, value);
    return true;
  }

  /** A promise may have a `then` of its own, which throws or tells of two ends: the first counts. */
  #follow(call: number, kind: AnyKind, isBatch: boolean, value: PromiseLike<unknown>): void {
    let isOver = false;
    const end = (ok: boolean, later: unknown): void => {
      if (isOver) return;
      isOver = true;
      this.#resume(call, kind, isBatch, ok, later);
    };
    try {
      Promise.resolve(value).then((later) => end(true, later), (error) => end(false, error));
    } catch (error) {
      end(false, error);
    }
  }

  #resume(call: number, kind: AnyKind, isBatch: boolean, ok: boolean, value: unknown): void {
    if (ok) this.#succeed(call, kind, isBatch, value);
    else this.#fail(call, value);
    this.serve();
  }

  #succeed(call: number, kind: AnyKind, isBatch: boolean, value: unknown): void {
    const runMs = this.#run.end();
    this.#mailbox.succeed(call, kind, isBatch, value, runMs, this.#run.busyMs);
  }

  #fail(call: number, error: unknown): void {
    const runMs = this.#run.end();
    this.#mailbox.fail(call, error, runMs, this.#run.busyMs);
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
