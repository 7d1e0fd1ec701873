import { BusyShares } from "../busy_shares.ts";
import type { AnyKind } from "../define/jobs.ts";
import { RunContext, type RunHost } from "../define/run_context.ts";
import type { WorkerCall } from "../worker_call.ts";
import { isStopping } from "./call_states.ts";
import type { Channel } from "./channel.ts";
import { withOwnBytes } from "./own_bytes.ts";
import type { InitMessage } from "./protocol.ts";

/** A getter on Node, so read once. */
const { performance } = globalThis;

/** Interval between heap reports: reading the heap size takes about 15 µs. */
const HEAP_EVERY_MS = 100;

/** Trace contexts of a call's jobs. */
export type Traces = WorkerCall["traces"];

/** The call that a worker is running, and its run time. */
export class Run implements RunHost {
  readonly #channel: Channel;
  readonly #states: Int32Array | undefined;
  readonly #key: number;
  readonly #tellsHeap: boolean;
  #context: RunContext | null = null;
  #call = -1;
  #traces: Traces;
  /** When the clock was last read, in ms: a run starts when the previous one has ended. */
  nowMs = 0;
  /** Time the run has kept this thread busy, in ms, once it has ended. */
  busyMs = 0;
  #isPaused = false;
  /** What is looked at again when a run that was paused ends. */
  #pausedAt = 0;
  /** Where the runtime does not measure how long it keeps this thread busy. */
  readonly #shares: BusyShares;
  /** Whether the run has reported progress, which its result must not overtake. */
  hasReported = false;
  #heapToldAtMs = -Infinity;

  /** `states` are the calls' state words, if they are shared with the router. */
  constructor(
    channel: Channel,
    states: Int32Array | undefined,
    { key, tellsHeap }: Pick<InitMessage, "key" | "tellsHeap">,
  ) {
    this.#channel = channel;
    this.#shares = new BusyShares(channel.clock, { ranHereMs: 0, inFlight: 1 });
    this.#states = states;
    this.#key = key;
    this.#tellsHeap = tellsHeap;
  }

  /** Reads the clock: time has passed without a run. */
  resetClock(): void {
    this.nowMs = performance.now();
  }

  /** Starts call number `call` of this worker; throws what the job throws. */
  start(
    call: number,
    kind: AnyKind,
    isBatch: boolean,
    payload: unknown,
    traces: Traces,
  ): unknown {
    this.#call = call;
    this.#traces = traces;
    this.hasReported = false;
    this.#isPaused = false;
    const context = new RunContext(this, call);
    this.#context = context;
    return isBatch
      ? kind.runBatch!(payload as readonly unknown[], context)
      : kind.run(payload, context);
  }

  /** The run's function has returned a promise: other work may go on. What it does then counts, too. */
  pause(): void {
    this.#isPaused = true;
    const nowMs = performance.now();
    this.busyMs = nowMs - this.nowMs;
    this.#pausedAt = this.#channel.clock.busyMs?.() ?? this.#shares.begin(nowMs, 0);
  }

  /** Time since it was paused in which it has kept this thread busy, in ms. */
  #laterMs(): number {
    const { busyMs } = this.#channel.clock;
    return busyMs === undefined
      ? this.#shares.end(this.#pausedAt, this.nowMs)
      : busyMs() - this.#pausedAt;
  }

  /** Ends the run; returns its run time, in ms. */
  end(): number {
    const startMs = this.nowMs;
    this.resetClock();
    const runMs = this.nowMs - startMs;
    this.busyMs = this.#isPaused ? Math.min(runMs, this.busyMs + this.#laterMs()) : runMs;
    this.#context?.end();
    this.#context = null;
    if (this.#tellsHeap) this.#tellHeap();
    return runMs;
  }

  /** Aborts the run, if it is that of `call`. */
  abort(call: number): void {
    if (call === this.#call) this.#context?.abort(aborted());
  }

  isAborted(call: number): boolean {
    return this.#states !== undefined && isStopping(this.#states, call);
  }

  traces(call: number): Traces {
    return call === this.#call ? this.#traces : undefined;
  }

  report(value: unknown, call: number): void {
    this.hasReported = true;
    this.#channel.post({
      ...{ type: "helix.progress", key: this.#key, call },
      value: withOwnBytes(value, []),
    });
  }

  #tellHeap(): void {
    if (this.nowMs - this.#heapToldAtMs < HEAP_EVERY_MS) return;
    this.#heapToldAtMs = this.nowMs;
    const bytes = this.#channel.heapBytes();
    if (bytes !== undefined) this.#channel.post({ type: "helix.heap", bytes });
  }
}

/** Abort reason of a call; one that has not begun ends with it. */
export function aborted(): DOMException {
  return new DOMException("The job was aborted", "AbortError");
}
