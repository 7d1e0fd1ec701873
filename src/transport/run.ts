import { BusyShares, type TickClock } from "../busy_shares.ts";
import { runKind } from "../define/job_stack.ts";
import { RunContext, type RunHost } from "../define/run_context.ts";
import type { WorkerCall } from "../worker_call.ts";
import { isStopping } from "./call_states.ts";
import type { Channel } from "./channel.ts";
import { cannotSend } from "./not_cloned.ts";
import { withOwnBytes } from "./own_bytes.ts";
import type { Taken } from "./mailbox.ts";
import type { InitMessage, RunTimes } from "./protocol.ts";

/** Kept, as a job may replace them. */
const { performance, setTimeout, clearTimeout } = globalThis;

const CLOCK: TickClock = {
  now: () => performance.now(),
  setTimer(ms, fn, arg) {
    const timer = setTimeout(fn, ms, arg);
    return { cancel: () => clearTimeout(timer) };
  },
};

/** Interval between heap reports: reading the heap size takes about 15 µs. */
const HEAP_EVERY_MS = 100;

/** Trace contexts of a call's jobs. */
export type Traces = WorkerCall["traces"];

/** The call that a worker is running, and its run time. */
export class Run implements RunHost, RunTimes {
  readonly #channel: Channel;
  readonly #states: Int32Array | undefined;
  readonly #key: number;
  readonly #tellsHeap: boolean;
  #context: RunContext | null = null;
  #call = -1;
  #traces: Traces;
  /** When the clock was last read, in ms: a run starts when the previous one has ended. */
  nowMs = 0;
  /** Time the last run took, in ms. */
  runMs = 0;
  /** Time the run has kept this thread busy, in ms; while it is paused, less a mark of then. */
  busyMs = 0;
  #isPaused = false;
  /** Where the runtime does not measure how long it keeps this thread busy. */
  readonly #shares = new BusyShares(CLOCK, { ranHereMs: 0, inFlight: 1 });
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
    this.#states = states;
    this.#key = key;
    this.#tellsHeap = tellsHeap;
  }

  /** Reads the clock: time has passed without a run. */
  resetClock(): void {
    this.nowMs = performance.now();
  }

  /** Starts call number `call` of this worker; throws what the job throws. */
  start(call: number, { kind, isBatch, payload, traces }: Taken): unknown {
    this.#call = call;
    this.#traces = traces;
    this.hasReported = false;
    this.#isPaused = false;
    const context = new RunContext(this, call);
    this.#context = context;
    return runKind(kind!, isBatch, payload, context);
  }

  /** The run's function has returned a promise: other work may go on. What it does then counts, too. */
  pause(): void {
    const nowMs = performance.now();
    const markMs = this.#channel.busyMs?.() ?? this.#shares.begin(nowMs, 0);
    this.#isPaused = true;
    this.busyMs = nowMs - this.nowMs - markMs;
  }

  /** Ends the run, and sets its times. */
  end(): void {
    const startMs = this.nowMs;
    this.resetClock();
    this.runMs = this.nowMs - startMs;
    if (this.#isPaused) {
      const markMs = this.#channel.busyMs?.() ?? this.#shares.end(this.nowMs);
      this.busyMs = Math.min(this.runMs, this.busyMs + markMs);
    } else this.busyMs = this.runMs;
    this.#context?.end();
    this.#context = null;
    if (this.#tellsHeap) this.#tellHeap();
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
    try {
      this.#channel.post({
        ...{ type: "helix.progress", key: this.#key, call },
        value: withOwnBytes(value, []),
      });
    } catch (error) {
      throw cannotSend("Progress", error, []);
    }
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
