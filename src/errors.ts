import type { SchemaIssue } from "./schema.ts";
import type { DropReason } from "./outcome.ts";

/** Shows a received value in a message: short, and never throwing. */
export function shown(value: unknown): string {
  try {
    if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
    if (typeof value === "bigint") return `${value}n`;
    if (typeof value === "function") return `function ${value.name}`;
    if (typeof value === "object" && value !== null) {
      return (JSON.stringify(value) ?? "object").slice(0, 80);
    }
    return String(value);
  } catch {
    return typeof value;
  }
}

/** An option of the router or of a policy is wrong. */
export class InvalidOptionError extends RangeError {
  override readonly name = "InvalidOptionError";
  /** The option. */
  readonly option: string;
  /** What was given. */
  readonly received: unknown;
  /** What is wanted. */
  readonly wanted: string;

  /** Makes the error of one option. */
  constructor(option: string, received: unknown, wanted: string, options?: ErrorOptions) {
    super(
      `Cannot create router as "${option}" must be ${wanted}: received ${shown(received)}`,
      options,
    );
    this.option = option;
    this.received = received;
    this.wanted = wanted;
  }
}

/** `submit()` was given a kind that the router does not know. */
export class UnknownKindError extends TypeError {
  override readonly name = "UnknownKindError";
  /** The kind asked for. */
  readonly kind: string;
  /** The kinds there are. */
  readonly known: readonly string[];

  /** Makes the error. */
  constructor(kind: string, known: readonly string[]) {
    super(`Cannot submit job as kind ${shown(kind)} is unknown: known are ${known.join(", ")}`);
    this.kind = kind;
    this.known = known;
  }
}

/** The input does not fit the kind's schema. */
export class InvalidInputError extends TypeError {
  override readonly name = "InvalidInputError";
  /** The kind. */
  readonly kind: string;
  /** What is wrong, each with its path and message. */
  readonly issues: readonly SchemaIssue[];

  /** Makes the error. */
  constructor(kind: string, issues: readonly SchemaIssue[], options?: ErrorOptions) {
    const first = issues[0];
    const path = (first?.path ?? []).map((step) =>
      String(typeof step === "object" ? step.key : step)
    ).join(".");
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : "";
    super(
      `Cannot submit job of kind "${kind}" as its input is invalid${
        path === "" ? "" : ` at "${path}"`
      }: ${first?.message ?? "no reason given"}${more}`,
      options,
    );
    this.kind = kind;
    this.issues = issues;
  }
}

/** A hint, given to `submit()` or read from the kind, is out of range. */
export class InvalidHintError extends RangeError {
  override readonly name = "InvalidHintError";
  /** The hint. */
  readonly hint: string;
  /** What was given. */
  readonly received: unknown;
  /** What is wanted. */
  readonly wanted: string;

  /** Makes the error. */
  constructor(
    kind: string,
    hint: string,
    received: unknown,
    wanted: string,
    options?: ErrorOptions,
  ) {
    super(
      `Cannot submit job of kind "${kind}" as "${hint}" must be ${wanted}: received ${
        shown(received)
      }`,
      options,
    );
    this.hint = hint;
    this.received = received;
    this.wanted = wanted;
  }
}

/** The job's own code threw or rejected; `cause` is what it threw. The same on every lane. */
export class JobFailedError extends Error {
  override readonly name = "JobFailedError";
  /** The kind. */
  readonly kind: string;

  /** Makes the error. */
  constructor(kind: string, cause: unknown) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : shown(cause);
    super(`Job of kind "${kind}" failed: ${why}`, { cause });
    this.kind = kind;
  }
}

/** The run took longer than its `runTimeoutMs`. */
export class JobTimeoutError extends Error {
  override readonly name = "JobTimeoutError";
  /** The kind. */
  readonly kind: string;
  /** The limit, in ms. */
  readonly runTimeoutMs: number;

  /** Makes the error. */
  constructor(kind: string, runTimeoutMs: number) {
    super(`Job of kind "${kind}" ran longer than its run timeout: ${runTimeoutMs} ms`);
    this.kind = kind;
    this.runTimeoutMs = runTimeoutMs;
  }
}

/** `run()` only: the job was dropped. `submit()` gives the same as an outcome. */
export class JobDroppedError extends Error {
  override readonly name = "JobDroppedError";
  /** The kind. */
  readonly kind: string;
  /** Why. */
  readonly reason: DropReason;
  /** When it is worth trying again, in ms. */
  readonly retryAfterMs: number;

  /** Makes the error. */
  constructor(kind: string, reason: DropReason, retryAfterMs: number) {
    super(`Job of kind "${kind}" was dropped: ${reason}`);
    this.kind = kind;
    this.reason = reason;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The worker that ran the job died. */
export class WorkerCrashedError extends Error {
  override readonly name = "WorkerCrashedError";
  /** Exit code of the worker, where the runtime tells. */
  readonly exitCode: number | undefined;

  /** Makes the error. */
  constructor(message: string, exitCode?: number, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** A worker could not load the job module, or the module is not what it should be. */
export class JobModuleError extends Error {
  override readonly name = "JobModuleError";
}

/** A job module calls `createRouter()` while a worker imports it. */
export class NestedRouterError extends Error {
  override readonly name = "NestedRouterError";

  /** Makes the error. */
  constructor() {
    super(
      'Cannot create router while a worker imports this module: move the jobs to a file of their own and pass that file\'s "defineJobs(import.meta.url, …)"',
    );
  }
}

/** The router is closed, or closed before the job was done. */
export class RouterClosedError extends Error {
  override readonly name = "RouterClosedError";

  /** Makes the error. */
  constructor(message = "Cannot submit job as the router is closed") {
    super(message);
  }
}

/** A policy threw, or decided for a strategy that does not exist. */
export class PolicyError extends Error {
  override readonly name = "PolicyError";
  /** The policy. */
  readonly policy: string;

  /** Makes the error. */
  constructor(policy: string, message: string, options?: ErrorOptions) {
    super(`Policy "${policy}" ${message}`, options);
    this.policy = policy;
  }
}
