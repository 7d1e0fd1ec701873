import { isError } from "../error_type.ts";
import { BUNDLE_RECIPE } from "../bundle_recipe.ts";
import {
  type HelixError,
  InvalidOptionError,
  JobModuleError,
  shown,
  WorkerCrashedError,
} from "../errors.ts";

// Why a worker could not be started, from what its runtime reports.

/** The jobs cannot be served: another worker would fail, too. */
export function moduleError(error: unknown): JobModuleError {
  return new JobModuleError(`Cannot start worker: ${messageOf(error)}`, { cause: error });
}

/** It failed before its first message: what it runs could not be loaded, as nothing put it there. */
export function entryError(error: unknown): JobModuleError {
  const why = messageOf(error).replace(/\.$/, "");
  return new JobModuleError(
    `Cannot start worker as its entry cannot be loaded: ${why}. ${BUNDLE_RECIPE}`,
    { cause: error },
  );
}

/** The thread could not be created, or ran out of memory: another may succeed. */
export function threadError(error: unknown): WorkerCrashedError {
  return new WorkerCrashedError(`Cannot start worker: ${messageOf(error)}`, undefined, {
    cause: error,
  });
}

/** Whether the runtime reports a failure of the thread, rather than an error of its code. */
export function isOfThread(error: unknown): boolean {
  const { code } = (error ?? {}) as { readonly code?: unknown };
  return typeof code === "string" && code.startsWith("ERR_WORKER_");
}

/**
 * Why it could not be made. A bundler may have made of its entry's URL what is none, not that of a file, or of
 * another origin.
 */
export function makeError(error: unknown): HelixError {
  if (error instanceof InvalidOptionError) return error;
  const { name } = (error ?? {}) as { readonly name?: unknown };
  return name === "TypeError" || name === "SecurityError" ? entryError(error) : threadError(error);
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
