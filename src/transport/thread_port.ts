import type { Clock, NextTurn, Timer } from "../clock.ts";
import { type FromWorker, isPlainResult, type PlainResult, type ToWorker } from "./protocol.ts";
import { decodeError } from "./decode_error.ts";
import { cannotSend } from "./not_cloned.ts";
import { TWO_VERSIONS, WorkerCrashedError } from "../errors.ts";
import { PROTOCOL_VERSION } from "../define/jobs.ts";
import type { Movable } from "../movable.ts";
import { KeepAlive } from "./keep_alive.ts";
import type { Line, LineOwner } from "./line.ts";
import { type LineMemory, openLine } from "./open_line.ts";
import type { PortOwner, WorkerPort } from "./port.ts";
import type { WorkerCall } from "../worker_call.ts";
import type { StartThread, Thread, ThreadEvents } from "./thread.ts";
import {
  entryError,
  isOfThread,
  makeError,
  messageOf,
  moduleError,
  threadError,
} from "./thread_errors.ts";

/**
 * Time a thread has to end once it was terminated, or asked to exit where nothing would tell of its end.
 * That takes 2 to 10 ms; one that takes longer runs what cannot be interrupted, and is lost.
 */
const EXIT_MS = 250;

const NO_MESSAGE = Object.freeze({});

/** What a port needs. */
export interface ThreadPortOptions {
  /** Starts the worker. */
  readonly start: StartThread;
  /** Job modules the built-in entry imports. */
  readonly modules: readonly string[];
  /** Kinds that the worker must provide. */
  readonly kinds: readonly string[];
  /** Whether memory can be shared with the worker. */
  readonly canShare: boolean;
  /** Counts the router's workers that are awake; `undefined` if calls are sent by message. */
  readonly awake: Int32Array | undefined;
  /** Number of cores. */
  readonly cores: number;
  /** Schedules a function for the next turn of the event loop. */
  readonly nextTurn: NextTurn;
  /** Calls a function in a microtask. */
  readonly soon: (fn: () => void) => void;
  /** The time in ms, as it is, whatever the router's clock says. */
  readonly realNow: () => number;
  /** The router's clock. */
  readonly clock: Clock;
  /** Whether workers are to report how much heap they use. */
  readonly tellsHeap: boolean;
  /** Time the jobs' `teardown` may take, in ms. */
  readonly teardownMs: number;
}

/** A port on any worker that implements the protocol: its lifecycle. The line carries the calls. */
export class ThreadPort implements WorkerPort, ThreadEvents, LineOwner {
  readonly #options: ThreadPortOptions;
  readonly #clock: Clock;
  readonly #key = Math.random();
  #thread: Thread | null = null;
  #keepAlive: KeepAlive | null = null;
  #owner: PortOwner | null = null;
  #line: Line | null = null;
  /** What is shared with the worker, until it is sent. */
  #memory: LineMemory | null = null;
  /** Whether the worker's entry is running, as it has said hello. */
  #isGreeted = false;
  #isReady = false;
  #isEnding = false;
  #isStopped = false;
  #hasExited = false;
  #isDead = false;
  /** Whether it is dead, though its thread has not ended, and `returned` may follow. */
  #isLost = false;
  #hasTeardown = false;
  /** The cause of its death, until its exit is reported. */
  #crash: Error | null = null;
  /** Limits the time that its thread takes to exit. */
  #exitTimer: Timer | null = null;
  heapBytes: number = NaN;

  constructor(options: ThreadPortOptions) {
    this.#options = options;
    this.#clock = options.clock;
  }

  get room(): number {
    if (this.#isEnding === true || this.#isDead === true || this.#crash !== null) return 0;
    return this.#line!.room;
  }

  get hasResults(): boolean {
    return this.#isDead === false && this.#line!.hasResults;
  }

  get isRunning(): boolean {
    return this.#line!.sent.hasBegun;
  }

  poll(): void {
    if (!this.#isDead) this.#line!.poll();
  }

  start(owner: PortOwner): void {
    this.#owner = owner;
    try {
      this.#thread = this.#options.start(this);
      this.#keepAlive = new KeepAlive(this.#thread, this.#clock);
      this.#open(); // while the thread starts
    } catch (error) {
      this.#dieLater(makeError(error));
    }
  }

  post(call: WorkerCall, transfer: Movable[]): void {
    try {
      this.#line!.post(call, transfer);
    } catch (error) {
      throw cannotSend("Input", error, transfer);
    }
    this.#keepAlive!.hold();
  }

  revoke(seq: number): boolean {
    return this.#line!.sent.revoke(seq);
  }

  abort(seq: number): void {
    const call = this.#line!.sent.abort(seq);
    if (call !== undefined) this.#send({ type: "abort", call });
  }

  keep(isNeeded: boolean): void {
    if (isNeeded) this.#keepAlive?.hold();
    else this.#keepAlive?.release();
  }

  terminate(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (this.#thread === null) return; // it could not be started: `died` follows
    const isFree = this.#isReady && this.#line!.sent.size === 0;
    if (isFree && this.#hasTeardown) {
      const { teardownMs } = this.#options;
      this.#askToExit();
      this.#exitTimer = this.#clock.setTimer(
        teardownMs,
        (port) => port.#stop(),
        this as ThreadPort,
      );
    } else if (!isFree && this.#thread.ending === "unknown") {
      this.#askToExit();
      this.#limitExit();
    } else this.#stop();
  }

  release(): void {
    this.#isLost = false;
    if (!this.#isDead) this.#end();
    if (!this.#isStopped) this.#thread?.terminate(); // a second time, Node would hold the process
    this.#thread?.unref();
    this.#thread?.release?.();
  }

  message(data: unknown): void {
    // A job may post anything.
    const message = (data ?? NO_MESSAGE) as FromWorker | PlainResult;
    if (isPlainResult(message)) {
      if (message[0] === this.#key && !this.#isDead) this.#line?.hear(message);
      return;
    }
    switch (message.type) {
      case "helix.hello":
        return this.#greet();
      case "helix.ready":
        return this.#ready(message);
      case "helix.lock":
        return this.#thread!.holds?.(message.name);
      case "helix.failed":
        return this.#fail(moduleError(decodeError(message.error)));
      case "helix.bye":
        return this.#leave();
      case "helix.heap":
        if (typeof message.bytes === "number") this.heapBytes = message.bytes;
        return;
      case "helix.progress":
        if (message.key === this.#key) this.#progress(message.call, message.value);
        return;
      case "helix.results":
        if (message.key === this.#key && !this.#isDead) this.#line?.hear(message);
        return;
      case "helix.bell":
        if (!this.#isDead) this.#line?.hear(message);
    }
  }

  garbled(): void {
    if (!this.#isDead) this.#line?.garbled();
  }

  error(error: unknown): void {
    if (!this.#isReady) {
      if (isOfThread(error)) return this.#fail(threadError(error));
      return this.#fail(this.#isGreeted ? moduleError(error) : entryError(error));
    }
    const crash = new WorkerCrashedError(`Worker crashed: ${messageOf(error)}`, undefined, {
      cause: error,
    });
    // Results may still be queued: the exit comes after them.
    if (this.#thread!.exitsAfterError) this.#crash ??= crash;
    else this.#fail(crash);
  }

  exit(code: number | undefined): void {
    if (this.#isDead) return this.#return();
    this.#hasExited = true;
    const suffix = code === undefined ? "" : ` with code ${code}`;
    const error = this.#crash ?? new WorkerCrashedError(`Worker exited${suffix}`);
    Object.assign(error, { exitCode: code });
    // Deno's node:worker_threads emits it inside terminate(), which must not call the owner back.
    if (this.#isEnding) this.#dieLater(error);
    else this.#die(error);
  }

  drained(): void {
    // A worker that is being terminated is ref'd until it has exited: its owner waits for that.
    if (!this.#isEnding) this.#keepAlive!.release();
  }

  result(
    seq: number,
    ok: boolean,
    value: unknown,
    runMs: number,
    busyMs: number,
    heardAtMs: number,
  ): void {
    if (seq !== 0) this.#owner!.result(this, seq, ok, value, runMs, busyMs, heardAtMs);
  }

  #open(): void {
    const { line, ...memory } = openLine(this.#options, this, this.#send.bind(this));
    this.#line = line;
    this.#memory = memory;
    if (this.#thread!.keepsMessages === true) this.#init();
  }

  #greet(): void {
    this.#isGreeted = true;
    if (this.#memory !== null && !this.#isDead) this.#init(); // a second hello is ignored
  }

  #init(): void {
    const { modules, kinds, tellsHeap, cores } = this.#options;
    const memory = this.#memory!;
    this.#memory = null;
    this.#send({ type: "init", key: this.#key, modules, kinds, tellsHeap, cores, ...memory });
  }

  #ready(
    { key, protocol, kinds, hasTeardown }: Extract<FromWorker, { type: "helix.ready" }>,
  ): void {
    if (this.#isReady || this.#isEnding || this.#isDead || !this.#isGreeted) return;
    if (typeof protocol === "number" && protocol !== PROTOCOL_VERSION) {
      const message =
        `the worker uses protocol ${protocol}, the router ${PROTOCOL_VERSION}: ${TWO_VERSIONS}`;
      return this.#fail(moduleError(new Error(message)));
    }
    if (key !== this.#key) return; // a job module has posted it
    const missing = this.#options.kinds.filter((kind) => !kinds.includes(kind));
    if (missing.length > 0) {
      const message = `the worker has no kind "${missing.join('", "')}"`;
      return this.#fail(moduleError(new Error(message)));
    }
    this.#isReady = true;
    this.#hasTeardown = hasTeardown;
    this.#keepAlive!.release();
    this.#owner!.ready(this);
  }

  #progress(call: number, value: unknown): void {
    const seq = this.#line?.sent.seqOf(call) ?? 0;
    if (seq !== 0 && !this.#isDead) this.#owner!.progress(this, seq, value);
  }

  #send(message: ToWorker, transfer?: Movable[]): void {
    this.#thread!.post(message, transfer);
  }

  #askToExit(): void {
    this.#keepAlive!.hold();
    this.#send({ type: "exit" });
  }

  /** Terminates the thread; it is dead once it has ended, or as soon as it is lost. */
  #stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    const thread = this.#thread!;
    this.#keepAlive!.hold(); // or Bun's process may exit before the worker does
    thread.terminate();
    if (thread.ending === "told") this.#limitExit();
    else this.#dieLater(this.#crash ?? new WorkerCrashedError("Worker was terminated"));
  }

  /** It is of no use any more: ends it, for this reason. */
  #fail(error: Error): void {
    if (this.#isDead) return;
    this.#crash ??= error;
    this.#isEnding = true;
    this.#stop();
  }

  /** It has said that it exits. */
  #leave(): void {
    if (!this.#isDead) return this.#fail(new WorkerCrashedError("Worker exited"));
    if (!this.#isLost || this.#thread!.ending === "told") return;
    this.#thread!.terminate();
    this.#return();
  }

  #limitExit(): void {
    this.#exitTimer?.cancel();
    this.#exitTimer = this.#clock.setTimer(
      EXIT_MS,
      (port) => port.#lookOnceMore(),
      this as ThreadPort,
    );
  }

  /** Where this thread was occupied, the exit may be waiting to be heard: once it is, the timer is cancelled. */
  #lookOnceMore(): void {
    this.#exitTimer = this.#clock.setTimer(1, (port) => port.#lose(), this as ThreadPort);
  }

  /** The thread goes on: nobody waits for it any longer. */
  #lose(): void {
    if (this.#isDead || this.#hasExited) return;
    this.#isLost = true;
    this.#die(this.#crash ?? new WorkerCrashedError("Worker was terminated, but has not ended"));
  }

  /** The thread that was lost has ended. */
  #return(): void {
    if (!this.#isLost) return;
    this.#isLost = false;
    this.#owner!.returned(this);
  }

  /** Dies in two turns: then Node has closed what belonged to the thread. */
  #dieLater(error: Error): void {
    const die = (port: ThreadPort): void => port.#die(error);
    this.#clock.post((port) => port.#clock.post(die, port), this as ThreadPort);
  }

  #die(error: Error): void {
    if (this.#isDead) return;
    this.#end();
    const { running: seq = 0, done: untold = [] } = this.#line?.sent ?? {};
    this.#owner!.died(this, { error, isLost: this.#isLost, seq, untold });
  }

  /** Delivers the last results; nothing is pending afterwards. */
  #end(): void {
    this.#isDead = true;
    this.#exitTimer?.cancel();
    this.#keepAlive?.close();
    this.#line?.close();
  }
}
