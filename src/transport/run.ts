import type { AnyKind } from "../define/jobs.ts";
import { RunContext, type RunHost } from "../define/run_context.ts";
import type { WorkerCall } from "../worker_call.ts";
import { isAborted } from "./call_states.ts";
import type { Channel } from "./channel.ts";

/** A getter on Node: looked up once. */
const { performance } = globalThis;

/** Asking the runtime takes about 15 µs. */
const HEAP_EVERY_MS = 100;
/** A kind that took longer of late may take long. */
const SHORT_MS = 0.02;
/** By and by, long runs of a kind are forgotten. */
const FORGETTING = 0.98;

/** What carries the traces of a call's jobs. */
export type Traces = WorkerCall["traces"];

/** The call that a worker is on, and the time it takes. */
export class Run implements RunHost {
  readonly #channel: Channel;
  readonly #states: Int32Array | undefined;
  readonly #tellsHeap: boolean;
  /** Time each kind takes at most, of late, in ms. */
  readonly #slowestMs = new Map<AnyKind, number>();
  #context: RunContext | null = null;
  #call = -1;
  #traces: Traces;
  /** When the clock was last looked at: a run begins when the one before has ended. */
  nowMs = 0;
  /** Whether the run has told how far it is: its result must not overtake that. */
  hasReported = false;
  #heapToldAtMs = -Infinity;

  /** `states` are those of the calls, if they are shared with the router. */
  constructor(channel: Channel, states: Int32Array | undefined, tellsHeap: boolean) {
    this.#channel = channel;
    this.#states = states;
    this.#tellsHeap = tellsHeap;
  }

  /** Whether a kind is quick, so that what is to be told may wait for its run. */
  isShort(kind: AnyKind): boolean {
    return this.#slowestMs.get(kind)! <= SHORT_MS;
  }

  /** Looks at the clock: time has passed without a run. */
  resetClock(): void {
    this.nowMs = performance.now();
  }

  /** Runs call number `call` of this worker; throws what the job throws. */
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
    const context = new RunContext(this, call);
    this.#context = context;
    return isBatch
      ? kind.runBatch!(payload as readonly unknown[], context)
      : kind.run(payload, context);
  }

  /** The run is over: gives the time it took, in ms. */
  end(kind: AnyKind | undefined): number {
    const startMs = this.nowMs;
    this.resetClock();
    const runMs = this.nowMs - startMs;
    this.#context?.end();
    this.#context = null;
    if (kind !== undefined) {
      const beforeMs = this.#slowestMs.get(kind) ?? 0;
      this.#slowestMs.set(kind, Math.max(runMs, beforeMs * FORGETTING));
    }
    if (this.#tellsHeap) this.#tellHeap();
    return runMs;
  }

  /** Tells the run to stop, if it is on that call. */
  abort(call: number): void {
    if (call === this.#call) this.#context?.abort(aborted());
  }

  isAborted(call: number): boolean {
    return this.#states !== undefined && isAborted(this.#states, call);
  }

  traces(call: number): Traces {
    return call === this.#call ? this.#traces : undefined;
  }

  report(value: unknown, call: number): void {
    this.hasReported = true;
    this.#channel.post({ type: "helix.progress", call, value });
  }

  #tellHeap(): void {
    if (this.nowMs - this.#heapToldAtMs < HEAP_EVERY_MS) return;
    this.#heapToldAtMs = this.nowMs;
    const bytes = this.#channel.heapBytes();
    if (bytes !== undefined) this.#channel.post({ type: "helix.heap", bytes });
  }
}

/** What a call that was aborted is told, and ends with if it had not begun. */
export function aborted(): DOMException {
  return new DOMException("The job was aborted", "AbortError");
}
