import { isError } from "../error_type.ts";
import { BUNDLE_RECIPE, JobModuleError, shown, WorkerCrashedError } from "../errors.ts";

// Why a worker could not be started, from what its runtime reports.

/** The jobs cannot be served: another worker would fail, too. */
export function moduleError(error: unknown): JobModuleError {
  return new JobModuleError(`Cannot start worker: ${messageOf(error)}`, { cause: error });
}

/** It failed before its first message: what it runs could not be loaded, as nothing put it there. */
export function entryError(error: unknown): JobModuleError {
  const message = `Cannot start worker as its entry cannot be loaded: ${
    messageOf(error)
  }. ${BUNDLE_RECIPE}`;
  return new JobModuleError(message, { cause: error });
}

/** The thread could not be created, or ran out of memory: another may succeed. */
export function threadError(error: unknown): WorkerCrashedError {
  const message = `Cannot start worker: ${messageOf(error)}`;
  return new WorkerCrashedError(message, undefined, { cause: error });
}

/** Whether the runtime reports a failure of the thread, rather than an error of its code. */
export function isOfThread(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" && code.startsWith("ERR_WORKER_");
}

/** Whether Node was given no URL of a file: bundlers may make a URL of another kind of the entry's. */
export function isOfEntry(error: unknown): boolean {
  return (error as { readonly code?: unknown } | null)?.code === "ERR_INVALID_ARG_TYPE";
}

/** A job may throw anything, so this never throws. */
export function messageOf(error: unknown): string {
  try {
    if (isError(error)) return String(error.message);
  } catch {
    // Its message is a getter that throws.
  }
  return shown(error);
}
