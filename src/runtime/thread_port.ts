import { decodeError } from "../../workers/wire_error.ts";
import type { FromWorker, ResultMessage, ToWorker } from "../../workers/protocol.ts";
import { JobModuleError, WorkerCrashedError } from "../errors.ts";
import { PROTOCOL_VERSION } from "../jobs.ts";
import type { Movable } from "../movable.ts";
import type { PortOwner, WorkerCall, WorkerPort } from "./port.ts";
import type { StartThread, Thread, ThreadEvents } from "./thread.ts";

/** Time a worker has to end by itself where it cannot be ended from outside. */
const POLITE_EXIT_MS = 250;

/** What a port needs to know beside its thread. */
export interface ThreadPortOptions {
  /** Starts the worker. */
  readonly start: StartThread;
  /** Job modules the built-in entry imports. */
  readonly modules: readonly string[];
  /** Kinds that the worker must have. */
  readonly kinds: readonly string[];
  /** Whether `terminate()` stops a synchronous endless loop (not on Deno). */
  readonly stopsRunaways: boolean;
}

/** The message transport: a port on any worker that speaks the protocol. */
export class ThreadPort implements WorkerPort, ThreadEvents {
  readonly #options: ThreadPortOptions;
  readonly #abortFlag: Int32Array | undefined = createAbortFlag();
  #thread: Thread | null = null;
  #owner: PortOwner | null = null;
  #isReady = false;
  #isEnding = false;
  #isDead = false;
  #isLost = false;
  /** Number of the call that the worker has; 0 when it has none. */
  #seq = 0;

  constructor(options: ThreadPortOptions) {
    this.#options = options;
  }

  start(owner: PortOwner): void {
    this.#owner = owner;
    try {
      this.#thread = this.#options.start(this);
    } catch (error) {
      later(() => this.#die(startError(error)));
    }
  }

  post(call: WorkerCall, transfer: Movable[]): void {
    const { seq, kind, isBatch, payload } = call;
    this.#send({ type: "call", seq, kind, isBatch, payload }, transfer);
    this.#seq = seq;
    this.#thread!.ref();
  }

  abort(seq: number): void {
    if (this.#abortFlag !== undefined) Atomics.store(this.#abortFlag, 0, seq);
    this.#send({ type: "abort", seq });
  }

  terminate(): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    if (this.#thread === null) return; // it could not be started: its death is on the way
    const isFree = this.#isReady && this.#seq === 0;
    if (this.#options.stopsRunaways || isFree) return this.#end(false);
    this.#send({ type: "exit" });
    setTimeout(() => this.#isDead || this.#end(true), POLITE_EXIT_MS);
  }

  message(data: unknown): void {
    const message = data as FromWorker | null | undefined; // a job may post anything
    switch (message?.type) {
      case "helix.hello":
        return this.#init();
      case "helix.ready":
        return this.#ready(message.protocol, message.kinds);
      case "helix.failed":
        return this.#failToStart(decodeError(message.error));
      case "helix.result":
        return this.#result(message);
      case "helix.garbled":
        return this.#cannotRead("Input of the job");
      case "helix.bye":
        return this.exit(undefined);
    }
  }

  garbled(): void {
    this.#cannotRead("Output of the job");
  }

  error(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (!this.#isReady) return this.#failToStart(error);
    this.#die(new WorkerCrashedError(`Worker crashed: ${message}`, undefined, { cause: error }));
  }

  exit(code: number | undefined): void {
    const suffix = code === undefined ? "" : ` with code ${code}`;
    const error = new WorkerCrashedError(`Worker exited${suffix}`, code);
    // Deno's node:worker_threads tells inside terminate(), where the owner must not hear it yet.
    if (this.#isEnding) later(() => this.#die(error));
    else this.#die(error);
  }

  #init(): void {
    this.#send({ type: "init", modules: this.#options.modules, abortFlag: this.#abortFlag });
  }

  #ready(protocol: number, kinds: readonly string[]): void {
    if (this.#isReady || this.#isEnding || this.#isDead) return;
    const missing = this.#options.kinds.filter((kind) => !kinds.includes(kind));
    if (protocol !== PROTOCOL_VERSION) {
      return this.#failToStart(
        new Error(`the worker speaks protocol ${protocol}, the router ${PROTOCOL_VERSION}`),
      );
    }
    if (missing.length > 0) {
      return this.#failToStart(new Error(`the worker has no kind "${missing.join('", "')}"`));
    }
    this.#isReady = true;
    this.#thread!.unref();
    this.#owner!.ready(this);
  }

  #result({ seq, runMs, value, error, itemErrors }: ResultMessage): void {
    for (const [place, wire] of itemErrors ?? []) {
      (value as unknown[])[place] = decodeError(wire);
    }
    if (error === undefined) this.#done(seq, true, value, runMs);
    else this.#done(seq, false, decodeError(error), runMs);
  }

  /** Node finds out at the other end that a moved buffer is sent again. */
  #cannotRead(what: string): void {
    const message = `${what} cannot be read: was a buffer in it moved before?`;
    this.#done(this.#seq, false, new DOMException(message, "DataCloneError"), 0);
  }

  #done(seq: number, ok: boolean, value: unknown, runMs: number): void {
    if (seq !== this.#seq || seq === 0 || this.#isDead) return;
    this.#seq = 0;
    // A worker that is being ended keeps the process alive until it has: its owner waits for that.
    if (!this.#isEnding) this.#thread!.unref();
    this.#owner!.result(this, seq, ok, value, runMs);
  }

  #failToStart(error: unknown): void {
    this.#die(startError(error));
  }

  #send(message: ToWorker, transfer?: Movable[]): void {
    this.#thread!.post(message, transfer);
  }

  /** Ends the thread; where nothing tells when it has ended, it is taken to have. */
  #end(isLost: boolean): void {
    const thread = this.#thread!;
    this.#isLost = isLost;
    thread.ref(); // or Bun's process may end before the worker, and before who waits for it
    thread.terminate();
    if (!thread.tellsExit) later(() => this.#die(new WorkerCrashedError("Worker was ended")));
  }

  #die(error: Error): void {
    if (this.#isDead) return;
    this.#isDead = true;
    this.#thread?.terminate();
    this.#owner!.died(this, { error, isLost: this.#isLost });
  }
}

function startError(error: unknown): JobModuleError {
  const message = error instanceof Error ? error.message : String(error);
  return new JobModuleError(`Cannot start worker: ${message}`, { cause: error });
}

function createAbortFlag(): Int32Array | undefined {
  return typeof SharedArrayBuffer === "function"
    ? new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
    : undefined;
}

function later(fn: () => void): void {
  setTimeout(fn, 0);
}
