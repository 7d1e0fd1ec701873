import type { JobContext } from "./jobs.ts";
import type { Movable } from "../movable.ts";
import type { TraceContext } from "../trace_context.ts";

type Traces = readonly (TraceContext | undefined)[];

const NO_TRACES: Traces = Object.freeze([]);

/** The thread on which a run takes place. */
export interface RunHost {
  /** Whether the call was aborted, where that is known before `abort()`: in shared memory. */
  isAborted?(call: number): boolean;
  /** Reports progress of a call. */
  report(value: unknown, call: number): void;
  /** The trace contexts of the call's jobs, if any. */
  traces(call: number): Traces | undefined;
  /** Objects in the input that are to be moved; absent where they have been. */
  transfer?(): Movable[];
}

/** The context of one run. The signal is created on first access: that costs 2 µs on Node 20. */
export class RunContext implements JobContext {
  readonly #host: RunHost;
  readonly #call: number;
  #controller: AbortController | undefined;
  #isEnded = false;
  /** Set once it is aborted. One field, not two: each run allocates a context. */
  #aborted: { readonly reason: unknown } | undefined;

  /** @param call Number by which the host knows the call. */
  constructor(host: RunHost, call = 0) {
    this.#host = host;
    this.#call = call;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /** A bound function, so that it survives destructuring. */
  get isAborted(): () => boolean {
    return () =>
      this.#aborted !== undefined ||
      (!this.#isEnded && this.#host.isAborted?.(this.#call) === true);
  }

  /** A bound function, so that it survives destructuring. */
  get report(): (value: unknown) => void {
    return (value) => {
      if (!this.#isEnded) this.#host.report(value, this.#call);
    };
  }

  get traces(): Traces {
    return this.#host.traces(this.#call) ?? NO_TRACES;
  }

  get trace(): TraceContext | undefined {
    return this.traces[0];
  }

  /** Objects in the input that are to be moved. */
  moved(): Movable[] {
    return this.#host.transfer?.() ?? [];
  }

  abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    this.#controller?.abort(reason);
  }

  /** Ends the run: later reports are ignored. */
  end(): void {
    this.#isEnded = true;
  }
}
