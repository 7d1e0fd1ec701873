import type { AnyKind } from "../src/jobs.ts";
import { isThenable } from "../src/lanes/run_here.ts";
import type { WorkerCall } from "../src/runtime/port.ts";
import type { Channel } from "./channel.ts";
import { aborted, type Desk, Run, slowest } from "./desk.ts";
import { isPlain } from "./plain_value.ts";
import type { InitMessage, Result, ToWorker } from "./protocol.ts";
import { sendOutput } from "./result.ts";
import { ABORTED, PENDING, RUNNING } from "./ring_memory.ts";
import { cannotRead, encodeError } from "./wire_error.ts";

/** After this time in one turn the event loop gets a turn: timers, I/O, messages. */
const TURN_MS = 2;
/** Results wait for others this long at most. */
const HOLD_MS = 0.5;
/** A kind that took longer of late may take long. */
const SHORT_MS = 0.02;

/** The worker's end of the message transport: the results of a turn share a message. */
export class MessageDesk implements Desk {
  readonly #kinds: ReadonlyMap<string, AnyKind>;
  readonly #states: Int32Array | undefined;
  readonly #channel: Channel;
  readonly #run: Run;
  /** Calls to come; `null` is one that could not be read. */
  #calls: (WorkerCall | null)[] = [];
  #results: Result[] = [];
  #firstResultMs = 0;
  #isFlushPlanned = false;
  #taken = 0;
  #isBusy = false;
  #startMs = 0;
  /** Time each kind takes at most, of late, in ms. */
  readonly #slowestMs = new Map<AnyKind, number>();

  constructor(
    kinds: ReadonlyMap<string, AnyKind>,
    channel: Channel,
    { states, tellsHeap }: InitMessage,
  ) {
    this.#kinds = kinds;
    this.#states = states;
    this.#channel = channel;
    this.#run = new Run(channel, tellsHeap, states, ABORTED);
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

  /** Takes calls until there are none, one of them is asynchronous, or the turn has been long. */
  serve(): void {
    this.#startMs = performance.now();
    const turnEndMs = this.#startMs + TURN_MS;
    let next = 0;
    const calls = this.#calls;
    while (next < calls.length) {
      const isOver = this.#take(calls[next++]);
      if (isOver && this.#startMs <= turnEndMs) continue;
      this.#flush();
      this.#calls = calls.slice(next);
      if (isOver) this.#channel.later(() => this.serve());
      return;
    }
    this.#calls = [];
    this.#isBusy = false;
    if (this.#results.length === 0 || this.#isFlushPlanned) return;
    this.#isFlushPlanned = true; // further messages may be there, and their results join these
    this.#channel.later(() => {
      this.#isFlushPlanned = false;
      this.#flush();
    });
  }

  /** Runs a call; tells whether it is over. */
  #take(call: WorkerCall | null): boolean {
    const number = this.#taken;
    this.#taken = (number + 1) | 0;
    const before = this.#claim(number);
    if (before !== PENDING) {
      const error = before === ABORTED ? { error: encodeError(aborted()) } : { isSkipped: true };
      this.#add({ runMs: 0, ...error });
      return true;
    }
    const kind = call === null ? undefined : this.#kinds.get(call.kind);
    // Results must not wait for a run that may take long.
    if (kind !== undefined && !(this.#slowestMs.get(kind)! <= SHORT_MS)) this.#flush();
    let value: unknown;
    try {
      if (call === null) throw cannotRead("Input");
      value = this.#run.start(number, kind!, call.isBatch, call.payload);
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

  /** Takes a call for its own, unless the router was sooner: gives the state it was in. */
  #claim(number: number): number {
    const states = this.#states;
    if (states === undefined) return PENDING;
    return Atomics.compareExchange(states, number & (states.length - 1), PENDING, RUNNING);
  }

  #resume(kind: AnyKind, isBatch: boolean, ok: boolean, value: unknown): void {
    if (ok) this.#succeed(kind, isBatch, value);
    else this.#fail(value, kind);
    this.serve();
  }

  #succeed(kind: AnyKind, isBatch: boolean, value: unknown): void {
    const runMs = this.#endRun(kind);
    if (kind.transferOutput === undefined && mayShare(value)) return this.#add({ runMs, value });
    this.#flush(); // what cannot be cloned must not take others with it
    sendOutput(kind, isBatch, value, runMs, (result, transfer) => {
      this.#channel.post({ type: "helix.results", results: [result] }, transfer);
    });
  }

  #fail(error: unknown, kind: AnyKind | undefined): void {
    this.#add({ runMs: this.#endRun(kind), error: encodeError(error) });
  }

  #endRun(kind: AnyKind | undefined): number {
    const nowMs = performance.now();
    const runMs = nowMs - this.#startMs;
    this.#startMs = nowMs;
    this.#run.end(nowMs);
    if (kind !== undefined) {
      this.#slowestMs.set(kind, slowest(this.#slowestMs.get(kind) ?? Infinity, runMs));
    }
    return runMs;
  }

  #add(result: Result): void {
    if (this.#results.push(result) === 1) this.#firstResultMs = this.#startMs;
    else if (this.#startMs - this.#firstResultMs > HOLD_MS) this.#flush();
  }

  #flush(): void {
    if (this.#results.length === 0) return;
    this.#channel.post({ type: "helix.results", results: this.#results });
    this.#results = [];
  }
}

/** Whether a value can be cloned for sure, so that it may share a message with others. */
function mayShare(value: unknown): boolean {
  try {
    return typeof value === "number" || value === undefined || isPlain(value);
  } catch {
    return false; // a getter threw: cloning it will tell
  }
}
