import type { Decision, JobFacts } from "../policy/policy.ts";
import type { KeepContext, Within } from "../runtime_defaults.ts";
import type { Strategy } from "../outcome.ts";
import type { SettledJob } from "./sink.ts";
import { hearRejection, isThenable } from "../thenable.ts";
import type { TraceContext } from "../trace_context.ts";
import type { RouterStats } from "./stats.ts";
import type { JobTelemetry, Telemetry } from "./telemetry.ts";

/** Wraps a router's telemetry, so that nothing it throws propagates. */
export class Tracer {
  readonly #telemetry: Telemetry;
  readonly #keepContext: KeepContext;
  readonly #failed: (error: unknown) => void;
  #stop: (() => void) | undefined;

  /** `failed` is called for each call that failed, with what it threw, or with the promise that it gave. */
  constructor(
    telemetry: Telemetry,
    keepContext: KeepContext,
    stats: () => RouterStats,
    failed: (error: unknown) => void,
  ) {
    this.#telemetry = telemetry;
    this.#keepContext = keepContext;
    this.#failed = failed;
    this.#try(() => this.#stop = telemetry.observe?.(stats));
  }

  /** A job was decided on, and goes to the lane of `strategy` next, or waits for room. */
  begin(job: JobFacts, decision: Decision, strategy: Strategy): JobTrace | null {
    const theirs = this.#try(() => this.#telemetry.submitted(job, decision));
    if (theirs == null) return null;
    const mayRunLaterHere = strategy !== "inline" && strategy !== "cpu_pool";
    return new JobTrace(theirs, mayRunLaterHere ? this.#keepContext() : undefined, this.#failed);
  }

  /** Binds a function to the current asynchronous context. */
  bind<A>(fn: (arg: A) => void): (arg: A) => void {
    const within = this.#keepContext();
    return within === undefined ? fn : (arg) => within(() => fn(arg));
  }

  /** The router is closed. */
  close(): void {
    this.#try(() => this.#stop?.());
  }

  #try<T>(call: () => T): T | undefined {
    return answerOf(call, this.#failed);
  }
}

/** Wraps the telemetry of one job in the same way. */
export class JobTrace {
  readonly #theirs: JobTelemetry;
  readonly #within: Within | undefined;
  readonly #failed: (error: unknown) => void;
  #isOver = false;

  constructor(theirs: JobTelemetry, within: Within | undefined, failed: (error: unknown) => void) {
    this.#theirs = theirs;
    this.#within = within;
    this.#failed = failed;
  }

  waits(): void {
    if (this.#isOver) return; // one of a batch that waits again
    answerOf(() => this.#theirs.waits(), this.#failed);
  }

  /** The job starts to run, in a call of `batchSize` jobs; `lead` is the trace of the first one. */
  starts(batchSize: number, lead: JobTrace | null): void {
    const leads = lead === null || lead === this ? undefined : lead.#theirs;
    answerOf(() => this.#theirs.starts(batchSize, leads), this.#failed);
  }

  context(): TraceContext | undefined {
    return answerOf(() => this.#theirs.context(), this.#failed);
  }

  /** The same for a call with this job only. */
  contexts(): readonly [TraceContext] | undefined {
    const context = this.context();
    return context === undefined ? undefined : [context];
  }

  /** Calls `fn` once, whatever the telemetry does; returns or throws what it does. */
  run<T>(fn: () => T): T {
    let [hasRun, hasThrown] = [false, false];
    let value: unknown;
    const runOnce = (): void => {
      if (hasRun) return;
      hasRun = true;
      try {
        value = fn();
      } catch (error) {
        hasThrown = true;
        value = error;
      }
    };
    const runTheirs = (): void => answerOf(() => this.#theirs.run(runOnce), this.#failed);
    try {
      if (this.#within === undefined) runTheirs();
      else this.#within(runTheirs);
    } catch (error) {
      this.#failed(error);
    }
    runOnce();
    if (hasThrown) throw value;
    return value as T;
  }

  settled(job: SettledJob): void {
    this.#isOver = true;
    answerOf(() => this.#theirs.settled(job), this.#failed);
  }
}

/** What telemetry answers; `undefined` if it throws, or gives a promise, which it must not. */
function answerOf<T>(call: () => T, failed: (error: unknown) => void): T | undefined {
  let answer: T | undefined;
  try {
    answer = call();
    if (!isThenable(answer)) return answer;
  } catch (error) {
    return void failed(error);
  }
  hearRejection(answer);
  failed(answer);
  return undefined;
}
