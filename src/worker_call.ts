import type { TraceContext } from "./trace_context.ts";

/** A call as a worker gets it. */
export interface WorkerCall {
  /** Number of the call in its pool; results carry it back. */
  readonly seq: number;
  /** Name of the kind. */
  readonly kind: string;
  /** Whether it is `runBatch` with an array of inputs. */
  readonly isBatch: boolean;
  /** Input, or inputs. */
  readonly payload: unknown;
  /** What carries the trace of each of its jobs; absent when there is none. */
  readonly traces?: readonly (TraceContext | undefined)[];
}
