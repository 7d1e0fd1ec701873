import type { Clock, NextTurn, Timer } from "../../clock.ts";
import {
  type FromWorker,
  type PlainResult,
  type Result,
  resultsIn,
  type ToWorker,
} from "../protocol.ts";
import { canShareMessage } from "./plain_value.ts";
import { encodeError } from "../encode_error.ts";
import { cannotRead } from "../not_cloned.ts";
import type { Movable } from "../../movable.ts";
import { withOwnBytes } from "../own_bytes.ts";
import { type Line, type LineOwner, tellResult } from "../line.ts";
import { isResult } from "../result.ts";
import type { WorkerCall } from "../../worker_call.ts";
import { SentCalls } from "../sent_calls.ts";

/** A result whose message could not be deserialized is given up after this time. */
const GARBLED_MS = 50;
/**
 * Number of calls that keeps a worker busy for a turn of the router's event loop. With 64, 16 in flight
 * are 24 % more a second for 12 % more CPU; without a limit, 256 in flight are 31 % fewer.
 */
const ENOUGH = 8;

/** What the transport needs from its environment. */
interface LineOptions {
  /** Schedules a function for the next turn of the event loop. */
  readonly nextTurn: NextTurn;
  /** Calls a function in a microtask. */
  readonly soon: (fn: () => void) => void;
  /** The router's clock. */
  readonly clock: Clock;
}

/**
 * The router's end of the message transport, which works wherever there are workers. The calls of
 * one turn share a message. Without shared memory calls cannot be revoked, so a worker holds one.
 */
export class MessageLine implements Line {
  declare readonly sent: SentCalls;
  readonly #holdsMany: boolean;
  readonly #nextTurn: NextTurn;
  readonly #soon: (fn: () => void) => void;
  readonly #clock: Clock;
  readonly #owner: LineOwner;
  readonly #send: (message: ToWorker, transfer?: Movable[]) => void;
  #calls: WorkerCall[] = [];
  #isPlanned = false;
  /** Whether calls are being sent: a job submitted by a payload's getter must not overtake them. */
  #isSending = false;
  #isClosed = false;
  #doubtTimer: Timer | null = null;
  readonly #flushSoon = (): void => {
    this.#isPlanned = false;
    if (!this.#isClosed) this.#flush();
  };

  /** `states` are the state words shared with the worker, if memory can be shared. */
  constructor(
    states: Int32Array | undefined,
    { nextTurn, soon, clock }: LineOptions,
    owner: LineOwner,
    send: (message: ToWorker, transfer?: Movable[]) => void,
  ) {
    this.#holdsMany = states !== undefined;
    this.sent = new SentCalls(states ?? new Int32Array(1), this.#holdsMany);
    this.#nextTurn = nextTurn;
    this.#soon = soon;
    this.#clock = clock;
    this.#owner = owner;
    this.#send = send;
  }

  get room(): number {
    return this.#isSending ? 0 : this.sent.room;
  }

  get hasResults(): boolean {
    return false;
  }

  poll(): void {
    this.#flush(); // results arrive by message, and are delivered at once
  }

  post(call: WorkerCall, transfer: Movable[]): void {
    const mayShare = this.#holdsMany && transfer.length === 0 && canShareMessage(call.payload);
    this.sent.add(call.seq);
    if (!mayShare) return this.#sendAlone(call, transfer);
    this.#calls.push(call);
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    // A busy worker can wait for the calls that other events of this turn add.
    if (this.sent.size > ENOUGH) {
      this.#nextTurn(this.#flushSoon, undefined);
    } else this.#soon(this.#flushSoon);
  }

  /** Sends a call on its own, in order: one that cannot be cloned must not fail the others. */
  #sendAlone(call: WorkerCall, transfer: Movable[]): void {
    this.#flush();
    try {
      const payload = withOwnBytes(call.payload, transfer);
      this.#send({ type: "call", ...call, payload }, transfer);
    } catch (error) {
      this.sent.undo();
      throw error;
    }
  }

  hear(message: FromWorker | PlainResult): void {
    const heardAtMs = this.#clock.now();
    const told = resultsIn(message);
    if (told === null) return;
    told.results.forEach((result, i) => this.#take(told.call + i, result, heardAtMs));
    if (this.sent.size === 0) this.#owner.drained();
  }

  /** Delivers the result of a call. Those of older ones do not come any more: they were garbled. */
  #take(call: number, result: Result, heardAtMs: number): void {
    const { sent } = this;
    if (!isResult(result) || !(((call - sent.read) | 0) < sent.size)) return;
    while (!this.#isClosed && ((call - sent.read) | 0) > 0) this.#giveUp(heardAtMs);
    if (this.#isClosed || sent.read !== call) return; // it was given up before
    const seq = sent.take();
    if (result.isSkipped !== true) tellResult(this.#owner, seq, result, heardAtMs);
  }

  #giveUp(heardAtMs: number): void {
    this.#owner.result(this.sent.take(), false, cannotRead("Output"), 0, NaN, heardAtMs);
  }

  /** It may be the result of the oldest call, which is given up if it does not come, or a job's. */
  garbled(): void {
    if (this.#doubtTimer !== null || this.#isClosed || this.sent.size === 0) return;
    const { read } = this.sent;
    this.#doubtTimer = this.#clock.setTimer(GARBLED_MS, () => {
      this.#nextTurn(() => this.#doubt(read), undefined); // what has come by now is heard first
    }, undefined);
  }

  #doubt(read: number): void {
    this.#doubtTimer = null;
    if (this.#isClosed || !this.sent.isOver) return;
    if (this.sent.read === read) this.#giveUp(this.#clock.now());
    if (this.sent.size === 0) this.#owner.drained();
    else if (this.sent.isOver) this.garbled();
  }

  close(): void {
    this.#isClosed = true;
    this.#doubtTimer?.cancel();
  }

  #flush(): void {
    if (this.#calls.length === 0) return;
    const calls = this.#calls;
    this.#calls = [];
    this.#isSending = true;
    try {
      this.#send({ type: "calls", calls });
    } catch { // a payload has been changed since it was posted
      for (const call of calls) this.#sendOrError(call);
    } finally {
      this.#isSending = false;
    }
  }

  #sendOrError(call: WorkerCall): void {
    try {
      this.#send({ type: "call", ...call });
    } catch (error) {
      this.#send({ type: "call", ...call, payload: undefined, error: encodeError(error) });
    }
  }
}
