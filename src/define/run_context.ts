import type { JobContext } from "./jobs.ts";
import type { TraceContext } from "../trace_context.ts";

type Traces = readonly (TraceContext | undefined)[];

const NO_TRACES: Traces = Object.freeze([]);

/** Where a run takes place. */
export interface RunHost {
  /** Whether the call was aborted, as far as that shows elsewhere first, such as in shared memory. */
  isAborted?(call: number): boolean;
  /** The call tells how far it is. */
  report(value: unknown, call: number): void;
  /** What carries the traces of the call's jobs, if there is any. */
  traces(call: number): Traces | undefined;
}

/** The context of one run. The signal is made when first read: making one costs 2 µs on Node 20. */
export class RunContext implements JobContext {
  readonly #host: RunHost;
  readonly #call: number;
  #controller: AbortController | undefined;
  #aborted = false;
  #ended = false;
  #reason: unknown;

  /** @param call Number by which the host knows the call. */
  constructor(host: RunHost, call = 0) {
    this.#host = host;
    this.#call = call;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** A bound function, so that it survives destructuring. */
  get isAborted(): () => boolean {
    return () => this.#aborted || (!this.#ended && this.#host.isAborted?.(this.#call) === true);
  }

  /** A bound function, so that it survives destructuring. */
  get report(): (value: unknown) => void {
    return (value) => {
      if (!this.#ended) this.#host.report(value, this.#call);
    };
  }

  get traces(): Traces {
    return this.#host.traces(this.#call) ?? NO_TRACES;
  }

  get trace(): TraceContext | undefined {
    return this.traces[0];
  }

  abort(reason: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  /** The run is over: whatever is left of it is not heard any more. */
  end(): void {
    this.#ended = true;
  }
}
