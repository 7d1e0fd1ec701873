import { rangeOf, TIMER_MS } from "./check.ts";
import type { RouterEvents } from "./decision/events.ts";
import type { DecisionRecord } from "./decision/record.ts";
import type { InputOf, OutputOf } from "./define/jobs.ts";
import { HelixError, InvalidOptionError, JobDroppedError, leaveCaller } from "./errors.ts";
import type { Job } from "./job/job.ts";
import { isOutcome, outcomeOf } from "./job/job_outcome.ts";
import { Mapping } from "./map/mapping.ts";
import {
  checkInputs,
  checkMapOptions,
  type MapInputs,
  type MapItem,
  type MapOptions,
} from "./map/map_options.ts";
import type { SettledJob, Sink } from "./observe/sink.ts";
import type { Obstacle, RouterStats } from "./observe/stats.ts";
import { type Check, checkOptions } from "./options/check_options.ts";
import type { RouterConfig } from "./options/configuration.ts";
import type { RouterState } from "./options/saved_state.ts";
import type { Outcome } from "./outcome.ts";
import type { Load } from "./policy/load.ts";
import type { Router } from "./router.ts";
import type { SubmitOptions } from "./submit/hints.ts";
import type { KindDescription } from "./submit/kind.ts";

/** Options of `close()`. */
export interface CloseOptions {
  /** Time that jobs in flight have to end, in ms, 0 to 2,147,483,647. @default {5000} */
  readonly drainMs?: number;
}

const DRAIN_MS = rangeOf(0, TIMER_MS.max, { unit: "ms" });
const CLOSE: readonly Check[] = [{ name: "drainMs", range: DRAIN_MS }];

/**
 * The public router, created by `createRouter()`: the promise-based API. The six steps of a job are
 * in `router.ts`.
 *
 * @typeParam K The kinds, by name.
 */
export class HelixRouter<K> implements AsyncDisposable {
  readonly #router: Router;
  #closing: Promise<void> | undefined;

  /** Use `createRouter()`. @internal */
  constructor(router: Router) {
    this.#router = router;
  }

  /** Names of its kinds. */
  get kinds(): readonly (keyof K & string)[] {
    return this.#router.kindNames as readonly (keyof K & string)[];
  }

  /** Whether it is closing or closed, and refuses new jobs. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Why it cannot run jobs on workers now; `null` if no obstacle is known. */
  get obstacle(): Obstacle | null {
    return this.#router.obstacle;
  }

  /**
   * Submits a job and lets the router decide how it runs.
   *
   * @typeParam N Name of the kind.
   * @param kind Name of the kind.
   * @param input Input of the job, as the kind's schema takes it.
   * @param options Hints, signal and limits of this job.
   * @returns The outcome: completed, or dropped with a reason.
   * @throws {UnknownKindError} If there is no such kind.
   * @throws {InvalidInputError} If the input does not match the kind's schema.
   * @throws {InvalidHintError} If a hint is out of range.
   * @throws {JobFailedError} If the job threw; `cause` is what it threw.
   * @throws {JobTimeoutError} If the run took longer than `runTimeoutMs` or `abortAfterMs`.
   * @throws {WorkerCrashedError} If the worker died while it ran the job, or none started in three
   * attempts.
   * @throws {JobModuleError} If no worker could load the job module.
   * @throws {RouterClosedError} If the router is closed, or was closed before the job ended.
   * @throws The signal's reason, unchanged, if the caller aborted.
   */
  submit<N extends keyof K & string>(
    kind: N,
    input: InputOf<K[N]>,
    options?: SubmitOptions,
  ): Promise<Outcome<OutputOf<K[N]>>>;
  submit(kind: string, input: unknown, options?: SubmitOptions): Promise<Outcome<unknown>> {
    const taken = this.#router.take(kind, input, options, null);
    if (!("state" in taken)) return Promise.resolve(taken);
    if (taken.state === "settled") {
      if (isOutcome(taken)) return Promise.resolve(outcomeOf(taken));
      return Promise.reject(calledBy(this.submit, taken.value));
    }
    if (taken.state === "refused") return Promise.reject(calledBy(this.submit, taken.error));
    const sink = new PromiseSink();
    if (taken.state === "checking") this.#router.takeLater(taken, sink);
    else taken.sink = sink;
    return sink.promise;
  }

  /**
   * Submits a job and returns its output.
   *
   * @typeParam N Name of the kind.
   * @param kind Name of the kind.
   * @param input Input of the job.
   * @param options Hints, signal and limits of this job.
   * @returns The output.
   * @throws {JobDroppedError} If the job was dropped; otherwise as `submit()`.
   */
  async run<N extends keyof K & string>(
    kind: N,
    input: InputOf<K[N]>,
    options?: SubmitOptions,
  ): Promise<OutputOf<K[N]>> {
    try {
      const outcome = await this.submit(kind, input, options);
      if (outcome.status === "completed") return outcome.output;
      throw new JobDroppedError(kind, outcome.reason, outcome.retryAfterMs);
    } catch (error) {
      throw calledBy(this.run, error);
    }
  }

  /**
   * Submits a job for each input, and yields the outputs: in order, or as jobs end. It keeps as many in flight
   * as pay, or `concurrency`; where `submit()` would drop a job for want of room, it waits; and it takes inputs
   * only so far ahead of the consumer, so that neither an endless source nor a slow consumer fills the
   * memory. Nothing begins before the first output is asked for. With two workers that have started it is faster than
   * a plain loop from jobs of some 0.2 ms on; a loop is for those below 0.1 ms.
   *
   * The first failure or drop throws at once, and stops the rest: what is in flight is aborted, and the source's
   * `return()` is called, as it is when the consumer leaves early, or the signal aborts. With `settled: true`
   * each item comes with how it ended, and the rest goes on.
   *
   * @example Usage
   * ```ts
   * import { createRouter } from "helixrouter";
   * import { defineJobs } from "helixrouter/jobs";
   * import assert from "node:assert/strict";
   *
   * const jobs = defineJobs({ double: { cost: 1, run: (n: number) => n * 2 } });
   * const router = await createRouter({ jobs });
   * const doubled: number[] = [];
   * for await (const output of router.map("double", [1, 2, 3])) doubled.push(output);
   * assert.deepEqual(doubled, [2, 4, 6]);
   * await router.close();
   * ```
   *
   * @typeParam N Name of the kind.
   * @param kind Name of the kind.
   * @param inputs Inputs of the jobs: any iterable or async iterable. If it throws, so does the iteration.
   * @param options Additional options.
   * @returns The outputs, to be read with `for await`.
   * @throws {UnknownKindError} If there is no such kind.
   * @throws {InvalidOptionError} If an option is invalid, unknown or inherited, or the inputs cannot be
   * iterated.
   */
  map<N extends keyof K & string>(
    kind: N,
    inputs: MapInputs<InputOf<K[N]>>,
    options: MapOptions<InputOf<K[N]>> & { readonly settled: true },
  ): AsyncGenerator<MapItem<OutputOf<K[N]>>, void, undefined>;
  /**
   * The same with outputs instead of items.
   *
   * @typeParam N Name of the kind.
   * @param kind Name of the kind.
   * @param inputs Inputs of the jobs.
   * @param options Additional options.
   * @returns The outputs.
   * @throws {JobDroppedError} In the iteration, if a job was dropped; otherwise as `submit()`.
   */
  map<N extends keyof K & string>(
    kind: N,
    inputs: MapInputs<InputOf<K[N]>>,
    options?: MapOptions<InputOf<K[N]>> & { readonly settled?: false | undefined },
  ): AsyncGenerator<OutputOf<K[N]>, void, undefined>;
  map(
    kind: string,
    inputs: MapInputs<unknown>,
    options: MapOptions<never> = {},
  ): AsyncGenerator<unknown, void, undefined> {
    this.#router.kindOf(kind);
    checkInputs(inputs);
    return new Mapping(this, kind, inputs, checkMapOptions(options)).run();
  }

  /**
   * Submits a job without a promise: `sink` is notified when it is over or refused, possibly before
   * this returns. For simulations and recording.
   *
   * @param kind Name of the kind.
   * @param input Input of the job.
   * @param options Hints, signal and limits of this job; may be `undefined`.
   * @param sink Receives the result.
   */
  offer(kind: string, input: unknown, options: SubmitOptions | undefined, sink: Sink): void {
    const taken = this.#router.take(kind, input, options, sink);
    if (taken.state === "refused") this.#router.tellRefused(sink, taken);
    else if (taken.state === "checking") this.#router.takeLater(taken, sink);
  }

  /**
   * Describes a kind.
   *
   * @param kind Name of the kind.
   * @returns Its definition, its schema and its limits.
   * @throws {UnknownKindError} If there is no such kind.
   */
  describe(kind: string): KindDescription {
    const { schema, definition, limits } = this.#router.kindOf(kind);
    return { schema, definition, limits };
  }

  /**
   * Returns the decision that would be made for a job now, and why. Nothing is run or counted.
   *
   * @typeParam N Name of the kind.
   * @param kind Name of the kind.
   * @param input Input of the job; an asynchronous schema is not awaited.
   * @param options Hints of the job.
   * @returns The decision and the figures it is based on.
   * @throws As `submit()` does, if an argument is invalid.
   */
  explain<N extends keyof K & string>(
    kind: N,
    input: InputOf<K[N]>,
    options?: SubmitOptions,
  ): DecisionRecord {
    return this.#router.explain(kind, input, options);
  }

  /** How busy it is: a live object, updated in place and free to read. `stats()` has a copy. */
  get load(): Load {
    return this.#router.load;
  }

  /** The current counters, distributions and load. */
  stats(): RouterStats {
    return this.#router.stats();
  }

  /**
   * What it has learned: run times of its kinds, and the state of its policy, if that has a `save`. Plain
   * JSON, for the `state` of a later `createRouter()`.
   *
   * @throws {PolicyError} If the policy cannot save its state as JSON.
   */
  exportState(): RouterState {
    return this.#router.exportState();
  }

  /** The settings that can change at run time, with their current values. */
  config(): RouterConfig {
    return this.#router.configuration.get();
  }

  /**
   * Changes settings at run time, from the next job on: all that are given, or none. Jobs that
   * already wait stay in their queue, even if fewer may wait from now on.
   *
   * @example Usage
   * ```ts
   * import { createRouter, thresholdPolicy } from "helixrouter";
   * import { defineJobs } from "helixrouter/jobs";
   * import assert from "node:assert/strict";
   *
   * const jobs = defineJobs({ greet: { cost: 1, run: (name: string) => `Hello ${name}` } });
   * const router = await createRouter({ jobs, policy: thresholdPolicy() });
   * router.configure({ cpuQueueCapacity: 100, policy: { inlineThreshold: 0 } });
   * assert.equal(router.explain("greet", "world").strategy, "spawn");
   * await router.close();
   * ```
   *
   * @param change The options to change; in `policy`, the settings of the policy to change.
   * @returns The new configuration.
   * @throws {InvalidOptionError} If one is invalid or unknown; `option` is `policy.NAME` for a
   * setting of the policy. Nothing is changed then.
   * @throws {PolicyError} If the policy threw.
   */
  configure(change: Partial<RouterConfig>): RouterConfig {
    return this.#router.configuration.change(change);
  }

  /**
   * Calls `listener` for every event of a kind: see {@linkcode RouterEvents}. What it throws is only
   * counted (`listenerErrors`). Without listeners an event costs nothing.
   *
   * @example Usage
   * ```ts
   * import { createRouter } from "helixrouter";
   * import { defineJobs } from "helixrouter/jobs";
   * import assert from "node:assert/strict";
   *
   * const jobs = defineJobs({ greet: { cost: 1, run: (name: string) => `Hello ${name}` } });
   * const router = await createRouter({ jobs });
   * const ended: string[] = [];
   * const stop = router.on("outcome", (job) => ended.push(`${job.kind.name} ${job.status}`));
   * await router.run("greet", "world");
   * stop();
   * assert.deepEqual(ended, ["greet completed"]);
   * await router.close();
   * ```
   *
   * @typeParam E Name of the event.
   * @param event Name of the event.
   * @param listener Receives what happened; must be fast.
   * @returns A function that removes the listener.
   * @throws {InvalidOptionError} If there is no such event, or the listener is no function.
   */
  on<E extends keyof RouterEvents>(
    event: E,
    listener: (told: RouterEvents[E]) => void,
  ): () => void {
    const { feeds } = this.#router;
    if (!Object.hasOwn(feeds, event)) {
      const wanted = `one of ${Object.keys(feeds).join(", ")}`;
      throw new InvalidOptionError("event", event, wanted, "listen");
    }
    if (typeof listener !== "function") {
      throw new InvalidOptionError("listener", listener, "a function", "listen");
    }
    return feeds[event].add(listener as (told: unknown) => void);
  }

  /**
   * The same as `on("decision", listener)`.
   *
   * @param listener Receives the decision and its figures.
   * @returns A function that removes the listener.
   */
  onDecision(listener: (record: DecisionRecord) => void): () => void {
    return this.on("decision", listener);
  }

  /**
   * Replaces the workers that are there, against leaks or after a deploy: new ones load the job files anew,
   * while the kinds stay those of `createRouter()`. No job is lost: a worker leaves when it has no call, after its
   * jobs' `teardown`, and one at a time; the others go on. A job that does not end keeps its worker, and the
   * promise pending: `runTimeoutMs` ends it.
   *
   * @returns A promise that resolves once all of them are gone and as many are ready, or the router closes.
   * @throws {JobModuleError} If a new worker cannot load the jobs: those that are left stay.
   * @throws {WorkerCrashedError} If none started in three attempts.
   */
  recycleWorkers(): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#router.pool.recycle((error) => error === null ? resolve() : reject(error))
    );
  }

  /**
   * Waits until nothing is in flight, and for one more turn of the event loop: callers of `submit()`
   * and `run()` have gone on by then. The router stays open.
   */
  drain(): Promise<void> {
    return new Promise((resolve) => this.#router.drain(resolve));
  }

  /**
   * Closes the router: new jobs are refused, those in flight have `drainMs` to end, then they are
   * cancelled and all workers exit. Calling it again returns the same promise.
   *
   * @param options Additional options.
   * @throws {InvalidOptionError} If `drainMs` is out of range, or an option is unknown or
   * inherited.
   */
  close(options: CloseOptions = {}): Promise<void> {
    try {
      const { drainMs = 5_000 } = checkOptions<CloseOptions>(options, CLOSE, "close router");
      return this.#closing ??= new Promise((resolve) => this.#router.close(drainMs, resolve));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** The same as `close()`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

type Resolve = (outcome: Outcome<unknown> | Promise<never>) => void;

/** Resolves the promise that was made last. */
let resolveLast!: Resolve;

/** One for all: a closure for each job would cost as much as the rest of its promise. */
function keepResolve(resolve: Resolve): void {
  resolveLast = resolve;
}

/**
 * The promise of a job. A rejection is passed on as a promise: a waiting job need not keep a function for it, of 64
 * bytes.
 */
class PromiseSink implements Sink {
  readonly promise: Promise<Outcome<unknown>> = new Promise(keepResolve);
  readonly #resolve = resolveLast;

  settled(job: SettledJob): void {
    this.#resolve(isOutcome(job) ? outcomeOf(job as Job) : Promise.reject(job.value));
  }

  refused(error: unknown): void {
    this.#resolve(Promise.reject(error));
  }
}

/** An error of one job begins with the frames of its caller; others are shared. */
function calledBy(method: unknown, error: unknown): unknown {
  return error instanceof HelixError && "kind" in error ? leaveCaller(error, method) : error;
}
