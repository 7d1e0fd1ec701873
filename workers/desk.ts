import type { AnyKind } from "../src/jobs.ts";
import { RunContext, type RunHost } from "../src/run_context.ts";
import type { Channel } from "./channel.ts";
import type { ToWorker } from "./protocol.ts";

/** Where a worker takes its calls from: one at a time, in order. */
export interface Desk {
  /** Hears a message about calls. */
  hear(message: ToWorker): void;
  /** A message cannot be read. */
  garbled(): void;
}

/** Asking the runtime takes about 20 µs. */
const HEAP_EVERY_MS = 100;

/** The call that a worker is on. */
export class Run implements RunHost {
  readonly #channel: Channel;
  readonly #states: Int32Array | undefined;
  readonly #aborted: number;
  readonly #tellsHeap: boolean;
  #context: RunContext | null = null;
  #call = -1;
  /** Whether the run has told how far it is: its result must not overtake that. */
  hasReported = false;
  #heapToldAtMs = -Infinity;

  /** `aborted` is the state of a call in `states` that is to stop. */
  constructor(
    channel: Channel,
    tellsHeap: boolean,
    states: Int32Array | undefined,
    aborted: number,
  ) {
    this.#channel = channel;
    this.#tellsHeap = tellsHeap;
    this.#states = states;
    this.#aborted = aborted;
  }

  /** Runs call number `call` of this worker; throws what the job throws. */
  start(call: number, kind: AnyKind, isBatch: boolean, payload: unknown): unknown {
    this.#call = call;
    this.hasReported = false;
    const context = new RunContext(this, call);
    this.#context = context;
    return isBatch
      ? kind.runBatch!(payload as readonly unknown[], context)
      : kind.run(payload, context);
  }

  /** The run is over. */
  end(nowMs: number): void {
    this.#context?.end();
    this.#context = null;
    if (!this.#tellsHeap || nowMs - this.#heapToldAtMs < HEAP_EVERY_MS) return;
    this.#heapToldAtMs = nowMs;
    const bytes = this.#channel.heapBytes();
    if (bytes !== undefined) this.#channel.post({ type: "helix.heap", bytes });
  }

  /** Tells the run to stop, if it is on that call. */
  abort(call: number): void {
    if (call === this.#call) {
      this.#context?.abort(aborted());
    }
  }

  isAborted(call: number): boolean {
    const states = this.#states;
    return states !== undefined &&
      Atomics.load(states, call & (states.length - 1)) === this.#aborted;
  }

  report(value: unknown, call: number): void {
    this.hasReported = true;
    this.#channel.post({ type: "helix.progress", call, value });
  }
}

/** What a call that was aborted is told, and ends with if it had not begun. */
export function aborted(): DOMException {
  return new DOMException("The job was aborted", "AbortError");
}

/** Time a kind takes at most, as far as its last runs tell; by and by, long ones are forgotten. */
export function slowest(beforeMs: number, runMs: number): number {
  return Math.max(runMs, beforeMs === Infinity ? 0 : beforeMs * 0.98);
}
