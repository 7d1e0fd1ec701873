/**
 * Why a worker died. `start`: it never got ready; `error`: something threw, or a promise rejected, that no job
 * answers for; `out_of_memory`: as the runtime tells, which only Node does; `exit`: it ended itself.
 */
export type CrashCause = "start" | "error" | "out_of_memory" | "exit";

/** A worker died without having been asked to. */
export interface WorkerCrash {
  /** What happened. */
  readonly type: "crashed";
  /** Number of the worker, from 1, in the order in which they were started. */
  readonly worker: number;
  /** Why. */
  readonly cause: CrashCause;
  /** The error, a `WorkerCrashedError` or `JobModuleError`; its `cause` is what was thrown in the worker. */
  readonly error: Error;
  /** Its exit code, where the runtime tells. */
  readonly exitCode: number | undefined;
  /** The kind that it ran at last, or was running; `undefined` before its first job. */
  readonly lastKind: string | undefined;
  /** Whether it ran no job, so that none fails because of it. */
  readonly wasIdle: boolean;
}

/**
 * What happened to a worker. `up`: it is ready; `recycled`: it has reached a limit, and is ended to be replaced;
 * `down`: it has ended as it was asked to, as it was idle for too long, one too many or recycled, as its job did not
 * stop, or as the router closes; `crashed`: it died.
 */
export type WorkerEvent = WorkerCrash | {
  /** What happened. */
  readonly type: "up" | "recycled" | "down";
  /** Number of the worker. */
  readonly worker: number;
};

/** Why a worker died with an error. */
export function crashCause(error: Error, wasReady: boolean): CrashCause {
  if (!wasReady) return "start";
  if (!("cause" in error)) return "exit";
  const { code } = (error.cause ?? {}) as { readonly code?: unknown };
  return code === "ERR_WORKER_OUT_OF_MEMORY" ? "out_of_memory" : "error";
}

/** What to warn of if nobody listens: a worker that died in no job's run, and is told of by none. */
export function warningOf(event: WorkerEvent): string | undefined {
  if (event.type !== "crashed" || !event.wasIdle || event.cause === "start") return undefined;
  const { worker, lastKind, error } = event;
  const last = lastKind === undefined ? "" : `, after a job of kind "${lastKind}"`;
  const { stack } = (error.cause ?? {}) as { readonly stack?: unknown };
  return `Worker ${worker} died while it was idle${last}: ${stack ?? error.message}`;
}
