import type { AnyKind } from "../../define/jobs.ts";
import { isThenable } from "../../thenable.ts";
import { ABORTED, claim, PENDING } from "../call_states.ts";
import type { Channel } from "../channel.ts";
import { type Desk, SERVE_MS } from "../desk.ts";
import { canShareMessage, plainText } from "./plain_value.ts";
import type { InitMessage, Result, SentCall, ToWorker } from "../protocol.ts";
import { sendOutput } from "../result.ts";
import { aborted, Run } from "../run.ts";
import { cannotRead, decodeError, encodeError } from "../wire_error.ts";

/** Maximum time a result is held back so that others can share its message. */
const GATHER_MS = 0.5;

/** The worker's end of the message transport: the results of a turn share a message. */
export class MessageDesk implements Desk {
  readonly #kinds: ReadonlyMap<string, AnyKind>;
  readonly #states: Int32Array | undefined;
  readonly #channel: Channel;
  readonly #run: Run;
  /** Calls not yet taken; `null` for one that could not be deserialized. */
  #calls: (SentCall | null)[] = [];
  #results: Result[] = [];
  #firstResultMs = 0;
  #isFlushPlanned = false;
  #taken = 0;
  #isBusy = false;

  constructor(
    kinds: ReadonlyMap<string, AnyKind>,
    channel: Channel,
    { states, tellsHeap }: InitMessage,
  ) {
    this.#kinds = kinds;
    this.#states = states;
    this.#channel = channel;
    this.#run = new Run(channel, states, tellsHeap);
    channel.beforeEnd(() => this.#flush());
  }

  hear(message: ToWorker): void {
    if (message.type === "abort") return this.#run.abort(message.call);
    if (message.type === "calls") this.#calls.push(...message.calls);
    this.#go();
  }

  garbled(): void {
    this.#calls.push(null);
    this.#go();
  }

  #go(): void {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.serve();
  }

  /** Takes calls until none are left, one is asynchronous, or the turn has been long. */
  serve(): void {
    const run = this.#run;
    run.resetClock();
    const turnEndMs = run.nowMs + SERVE_MS;
    let next = 0;
    const calls = this.#calls;
    while (next < calls.length) {
      const isOver = this.#take(calls[next++]);
      if (isOver && run.nowMs <= turnEndMs) continue;
      this.#flush();
      this.#calls = calls.slice(next);
      if (isOver) this.#channel.nextTurn((desk) => desk.serve(), this);
      return;
    }
    this.#calls = [];
    this.#isBusy = false;
    if (this.#results.length === 0 || this.#isFlushPlanned) return;
    this.#isFlushPlanned = true; // results of messages already queued can join these
    this.#channel.nextTurn((desk) => desk.flushPlanned(), this);
  }

  /** Runs a call; returns whether it has ended. */
  #take(call: SentCall | null): boolean {
    const number = this.#taken;
    this.#taken = (number + 1) | 0;
    const before = this.#states === undefined ? PENDING : claim(this.#states, number);
    if (before !== PENDING) {
      const error = before === ABORTED ? { error: encodeError(aborted()) } : { isSkipped: true };
      this.#add({ runMs: 0, ...error });
      return true;
    }
    const kind = call === null ? undefined : this.#kinds.get(call.kind);
    // Results must not wait for a run that may be long.
    if (kind !== undefined && !this.#run.isShort(kind)) this.#flush();
    let value: unknown;
    try {
      if (call === null) throw cannotRead("Input");
      if (call.error !== undefined) throw decodeError(call.error);
      value = this.#run.start(number, kind!, call.isBatch, call.payload, call.traces);
      if (isThenable(value)) {
        Promise.resolve(value).then(
          (later) => this.#resume(kind!, call.isBatch, true, later),
          (error) => this.#resume(kind!, call.isBatch, false, error),
        );
        return false;
      }
    } catch (error) {
      this.#fail(error, kind);
      return true;
    }
    this.#succeed(kind!, call.isBatch, value);
    return true;
  }

  #resume(kind: AnyKind, isBatch: boolean, ok: boolean, value: unknown): void {
    if (ok) this.#succeed(kind, isBatch, value);
    else this.#fail(value, kind);
    this.serve();
  }

  #succeed(kind: AnyKind, isBatch: boolean, value: unknown): void {
    const runMs = this.#run.end(kind);
    if (kind.transferOutput === undefined) {
      const isObject = typeof value === "object" && value !== null;
      if (!isObject && canShareMessage(value)) return this.#add({ runMs, value });
      const json = isObject ? plainText(value) : undefined;
      if (json !== undefined) return this.#add({ runMs, json });
    }
    this.#flush(); // a value that cannot be cloned must not fail the others
    sendOutput(kind, isBatch, value, runMs, (result, transfer) => {
      this.#channel.post({ type: "helix.results", results: [result] }, transfer);
    });
  }

  #fail(error: unknown, kind: AnyKind | undefined): void {
    this.#add({ runMs: this.#run.end(kind), error: encodeError(error) });
  }

  #add(result: Result): void {
    const { nowMs } = this.#run;
    if (this.#results.push(result) === 1) this.#firstResultMs = nowMs;
    else if (nowMs - this.#firstResultMs > GATHER_MS) this.#flush();
  }

  /** Sends the results gathered in earlier turns. */
  flushPlanned(): void {
    this.#isFlushPlanned = false;
    this.#flush();
  }

  #flush(): void {
    if (this.#results.length === 0) return;
    this.#channel.post({ type: "helix.results", results: this.#results });
    this.#results = [];
  }
}
