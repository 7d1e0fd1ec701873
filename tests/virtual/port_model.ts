import type { WorkerCall } from "../../src/worker_call.ts";

/** What a call does on a worker. */
export interface Service {
  /** Time it runs, in ms. */
  readonly ms: number;
  /** How it ends. @default {"ok"} */
  readonly end?: "ok" | "throw" | "crash" | "lost" | "uncloneable";
  /** Output, or what it throws. */
  readonly value?: unknown;
  /** Whether it ends soon after an abort. @default {false} */
  readonly heeds?: boolean;
}

/** How the workers of a world behave; whatever is random has a stream of its own. */
export interface PortModel {
  /** What a call does; asked when it is sent. */
  readonly serve: (call: WorkerCall) => Service;
  /** Told when a call begins to run. */
  readonly begin?: (call: WorkerCall) => void;
  /** Calls that a worker holds at most; at 1 none is handed ahead. @default {4} */
  readonly depth?: number;
  /** Bytes by which each call makes the heap grow; not told when absent. */
  readonly heapPerCall?: number;
  /** Time until a worker is ready, in ms. @default {1} */
  readonly startMs?: number;
  /** Time until an idle worker begins a call it was sent, in ms. @default {0} */
  readonly wakeMs?: number;
  /** Whether it tells nothing while it has calls, unless it is asked. @default {false} */
  readonly isQuiet?: boolean;
  /** Whether results that have not been told are lost when it dies. @default {false} */
  readonly losesUntold?: boolean;
  /** Time from `terminate()` to the end, in ms; calls may still end meanwhile. @default {1} */
  readonly endMs?: number;
  /** Time from the loss of a thread to its end, in ms; it never ends when absent. */
  readonly returnMs?: number;
  /** Time that sending a call takes on the router's thread, in ms. @default {0} */
  readonly dispatchMs?: number;
  /** Share of starts that fail. @default {0} */
  readonly startFailures?: number;
  /** Share of starts that take 100 times as long. @default {0} */
  readonly slowStarts?: number;
  /** Share of results that are sent a second time, later. @default {0} */
  readonly lateResults?: number;
  /** Seed of the three shares. @default {1} */
  readonly seed?: number;
}
