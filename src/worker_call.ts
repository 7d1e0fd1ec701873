import type { TraceContext } from "./trace_context.ts";

/** A call as a worker receives it. */
export interface WorkerCall {
  /** Number of the call in its pool; results come in the order of the calls. */
  readonly seq: number;
  /** Name of the kind. */
  readonly kind: string;
  /** Whether it calls `runBatch`, with an array of inputs. */
  readonly isBatch: boolean;
  /** Input, or inputs. */
  readonly payload: unknown;
  /** Trace contexts of its jobs; absent if none has one. */
  readonly traces?: readonly (TraceContext | undefined)[];
}
