import { BUNDLE_RECIPE } from "./bundle_recipe.ts";
import { shown } from "./check.ts";
import { isError } from "./error_type.ts";
import type { DropReason } from "./outcome.ts";
import type { SchemaIssue } from "./schema.ts";
import { setOwn } from "./set_own.ts";
import { wantedFor } from "./unknown_name.ts";

export { shown } from "./check.ts";

/** Why protocols differ, and what to do about it. */
export const TWO_VERSIONS =
  'two versions of helixrouter are installed; "npm ls helixrouter" shows who wants which';

/** Base class of all errors of this package. */
export class HelixError extends Error {
  /** Makes an error with data fields, and a name, as minifiers change those of classes. */
  constructor(name: string, message: string, fields: object = {}, options?: ErrorOptions) {
    super(message, options);
    setOwn(this, "name", name);
    Object.assign(this, fields);
  }
}

/** An option of the router or of a policy is invalid. */
export class InvalidOptionError extends HelixError {
  /** The option. */
  declare readonly option: string;
  /** The value received. */
  declare readonly received: unknown;
  /** What is wanted. */
  declare readonly wanted: string;

  /** Makes the error of one option. */
  constructor(option: string, received: unknown, wanted: string, action = "create router") {
    super(
      "InvalidOptionError",
      `Cannot ${action} as "${option}" must be ${wanted}: received ${shown(received)}`,
      { option, received, wanted },
    );
  }
}

/** A kind that the router does not know. */
export class UnknownKindError extends HelixError {
  /** The requested kind. */
  declare readonly kind: string;
  /** The known kinds. */
  declare readonly known: readonly string[];

  /** Makes the error. */
  constructor(kind: string, known: readonly string[]) {
    super(
      "UnknownKindError",
      `Kind ${shown(kind)} is not ${wantedFor(shown(kind), known, "kinds")}`,
      { kind, known },
    );
  }
}

/** The input does not match the kind's schema. */
export class InvalidInputError extends HelixError {
  /** The kind. */
  declare readonly kind: string;
  /** What is wrong, each with its path and message. */
  declare readonly issues: readonly SchemaIssue[];

  /** Makes the error. */
  constructor(kind: string, issues: readonly SchemaIssue[], options?: ErrorOptions) {
    const [first] = issues;
    const keys = first?.path?.map((step) => String(typeof step === "object" ? step.key : step));
    const place = keys?.length ? ` at "${keys.join(".")}"` : "";
    const why = first?.message ?? "no reason given";
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
    super(
      "InvalidInputError",
      `Cannot submit job of kind "${kind}" as its input is invalid${place}: ${why}${more}`,
      { kind, issues },
      options,
    );
  }
}

/** A hint, given to `submit()` or read from the kind, is out of range. */
export class InvalidHintError extends HelixError {
  /** The hint. */
  declare readonly hint: string;
  /** The value received. */
  declare readonly received: unknown;
  /** What is wanted. */
  declare readonly wanted: string;

  /** Makes the error. */
  constructor(kind: string, hint: string, received: unknown, wanted: string, cause?: unknown) {
    super(
      "InvalidHintError",
      `Cannot submit job of kind "${kind}" as "${hint}" must be ${wanted}: received ${
        shown(received)
      }`,
      { hint, received, wanted },
      { cause },
    );
  }
}

/**
 * The job's own code threw or rejected; `cause` is what it threw. The same on every lane. Its stack has no
 * frames of the router, only those of the caller, where they are known: of `run()`, and of a job that failed
 * within `submit()`.
 */
export class JobFailedError extends HelixError {
  /** The kind. */
  declare readonly kind: string;

  /** Makes the error. */
  constructor(kind: string, cause: unknown) {
    super("JobFailedError", `Job of kind "${kind}" failed: ${told(cause)}`, { kind }, { cause });
    leaveCaller(this, told);
  }
}

/** Describes a thrown value. A job may throw anything, so this never throws. */
function told(thrown: unknown): string {
  try {
    if (!isError(thrown)) return shown(thrown);
    return `${String(thrown.name)}: ${String(thrown.message)}`;
  } catch {
    return "an error that cannot be read";
  }
}

/**
 * Leaves in the stack of an error what is beneath a function that runs: the frames of its caller; none if it
 * does not run.
 */
export function leaveCaller<E extends object>(error: E, above: unknown): E {
  const { captureStackTrace } = Error as {
    readonly captureStackTrace?: (error: object, above: unknown) => void;
  };
  captureStackTrace?.(error, above);
  return error;
}

/** The run took longer than its `runTimeoutMs` or `abortAfterMs`. */
export class JobTimeoutError extends HelixError {
  /** The kind. */
  declare readonly kind: string;
  /** The limit, in ms. */
  declare readonly runTimeoutMs: number;

  /** Makes the error. */
  constructor(kind: string, runTimeoutMs: number) {
    super(
      "JobTimeoutError",
      `Job of kind "${kind}" ran longer than its run timeout: ${runTimeoutMs} ms`,
      { kind, runTimeoutMs },
    );
    leaveCaller(this, told);
  }
}

/** The job was dropped. Only `run()` throws it; `submit()` returns a drop as an outcome. */
export class JobDroppedError extends HelixError {
  /** The kind. */
  declare readonly kind: string;
  /** Why, as a word; `router.explain(kind, input, hints).why` says in sentences how it would be decided on now. */
  declare readonly reason: DropReason;
  /** When a retry is worthwhile, in ms from the drop: an estimate, >= 1. */
  declare readonly retryAfterMs: number;

  /** Makes the error. */
  constructor(kind: string, reason: DropReason, retryAfterMs: number) {
    super("JobDroppedError", `Job of kind "${kind}" was dropped: ${reason}`, {
      kind,
      reason,
      retryAfterMs,
    });
  }
}

/** The worker that ran the job died, or none could be started to run it. */
export class WorkerCrashedError extends HelixError {
  /** Exit code of the worker, where the runtime reports it. */
  declare readonly exitCode: number | undefined;

  /** Makes the error. */
  constructor(message: string, exitCode?: number, options?: ErrorOptions) {
    super("WorkerCrashedError", message, { exitCode }, options);
    leaveCaller(this, told);
  }
}

/** A worker could not load the job module, or what it exports is not valid. */
export class JobModuleError extends HelixError {
  /** Makes the error. */
  constructor(message: string, options?: ErrorOptions) {
    super("JobModuleError", message, {}, options);
  }
}

/** A job module called `createRouter()` while a worker was importing it. */
export class NestedRouterError extends HelixError {
  /** Makes the error. */
  constructor() {
    const message = "Cannot create router while a worker imports this module: move the jobs to " +
      "a file of their own, with `defineJobs(import.meta.url, …)` as the default export. ";
    super("NestedRouterError", message + BUNDLE_RECIPE);
  }
}

/** The router is closed, or was closed before the job ended. */
export class RouterClosedError extends HelixError {
  /** Makes the error. */
  constructor(message = "Cannot submit job as the router is closed") {
    super("RouterClosedError", message);
  }
}

/** A policy threw, or chose a strategy that does not exist. */
export class PolicyError extends HelixError {
  /** The policy. */
  declare readonly policy: string;

  /** Makes the error. */
  constructor(policy: string, message: string, options?: ErrorOptions) {
    super("PolicyError", `Policy "${policy}" ${message}`, { policy }, options);
  }
}
