import { CallerSignals } from "./job/caller_signals.ts";
import type { Clock } from "./clock.ts";
import { Configuration } from "./options/configuration.ts";
import { Deadlines } from "./job/deadlines.ts";
import { Decider } from "./decision/decider.ts";
import { DecisionFeed } from "./decision/feed.ts";
import type { DecisionRecord } from "./decision/record.ts";
import { RouterClosedError, UnknownKindError } from "./errors.ts";
import { checkSignal, type SubmitOptions } from "./submit/hints.ts";
import { Job } from "./job/job.ts";
import { Tracer } from "./observe/job_trace.ts";
import type { KindInfo } from "./submit/kind.ts";
import type { Lane } from "./job/lane.ts";
import { createLanes, type Lanes, tuneLanes } from "./lanes/lanes.ts";
import { type Load, LoadGauges } from "./policy/load.ts";
import { LoopLag } from "./observe/loop_lag.ts";
import { Metrics } from "./observe/metrics.ts";
import type { ResolvedOptions } from "./options/options.ts";
import { STRATEGIES } from "./outcome.ts";
import { PendingChecks } from "./submit/pending_checks.ts";
import { Aborted, rejectionOf } from "./submit/refusal.ts";
import type { PortFactory } from "./transport/port.ts";
import { tell } from "./job/settlement.ts";
import type { Sink } from "./sink.ts";
import type { Obstacle, RouterStats } from "./observe/stats.ts";

/** The way of a job: check, load, decide, lane, metrics, outcome. */
export class Router {
  readonly clock: Clock;
  readonly seed: number;
  readonly kindNames: readonly string[];
  readonly #kinds: ReadonlyMap<string, KindInfo>;
  readonly #policy: ResolvedOptions["policy"];
  readonly configuration: Configuration;
  readonly #decider: Decider;
  readonly #load = new LoadGauges();
  readonly load: Load = this.#load;
  readonly #lanes: Lanes;
  readonly #metrics: Metrics;
  readonly #lag: LoopLag;
  readonly #deadlines: Deadlines;
  readonly #signals: CallerSignals;
  readonly #checks = new PendingChecks();
  readonly #feed: DecisionFeed;
  /** `null` when the router has no telemetry. */
  readonly #tracer: Tracer | null;
  readonly #startedAtMs: number;
  #lastId = 0;
  readonly #whenIdle: (() => void)[] = [];
  #isClosed = false;

  constructor(kinds: readonly KindInfo[], options: ResolvedOptions, createPort: PortFactory) {
    this.clock = options.clock;
    this.seed = options.seed;
    this.kindNames = kinds.map((kind) => kind.name);
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]));
    this.#policy = options.policy;
    this.#startedAtMs = this.clock.now();
    this.#metrics = new Metrics(kinds, options.metrics, this.#startedAtMs);
    const failed = (): void => void this.#metrics.listenerErrors++;
    this.#lanes = createLanes(options, createPort, this.#load, failed);
    this.#feed = new DecisionFeed(options.policy.name, this.#load, failed);
    this.#lag = new LoopLag(this.clock, this.#load);
    this.#deadlines = new Deadlines(this.clock);
    this.#signals = new CallerSignals(options.abortGraceMs);
    this.configuration = new Configuration(options, this.#policy, (limits) => {
      this.#signals.graceMs = limits.abortGraceMs;
      tuneLanes(this.#lanes, this.#load, limits);
    });
    const { configuration } = this;
    this.#decider = new Decider(
      this.#policy,
      configuration,
      this.#lanes,
      this.#load,
      this.clock,
      failed,
    );
    this.#tracer = options.telemetry === undefined
      ? null
      : new Tracer(options.telemetry, () => this.stats(), failed);
  }

  /** @throws {UnknownKindError} If there is no such kind. */
  kindOf(name: string): KindInfo {
    const kind = this.#kinds.get(name);
    if (kind === undefined) throw new UnknownKindError(name, this.kindNames);
    return kind;
  }

  /** Takes a job whose input is checked through all steps. Throws only before it is counted. */
  route(
    kind: KindInfo,
    input: unknown,
    options: SubmitOptions | undefined,
    sink: Sink | null,
    enteredAtMs?: number,
  ): Job {
    // 1 check
    if (this.#isClosed) throw new RouterClosedError();
    const signal = options?.signal;
    if (signal !== undefined) checkSignal(kind.name, signal);
    if (signal?.aborted) throw new Aborted(signal.reason);
    const job = new Job(++this.#lastId, kind, this, input, options);
    // 2 load, 3 decide
    const decision = this.#decider.decide(job, enteredAtMs);
    const record = this.#feed.isHeard ? this.#feed.record(job, decision) : null;
    job.sink = sink;
    job.strategy = decision.strategy;
    this.#metrics.took(decision.strategy, this.#load.nowMs);
    this.#load.inFlight++;
    if (this.#tracer !== null) job.trace = this.#tracer.begin(job, decision);
    // 4 lane
    const lane = this.#lanes[decision.strategy];
    if (lane === null) job.settle("dropped", decision.reason, job.submittedAtMs);
    else this.#hand(job, lane);
    // Not before: a listener may submit, and take the place that was decided on.
    if (record !== null) this.#feed.tell(record);
    return job;
  }

  #hand(job: Job, lane: Lane): void {
    const { signal } = job.options;
    if (signal !== undefined) this.#signals.watch(job, signal);
    job.lane = lane;
    lane.accept(job);
    if (job.state !== "settled") this.#lag.start();
  }

  /** The same for an input whose schema answers later; `sink` is told of a refusal, too. */
  routeLater(
    kind: KindInfo,
    checked: PromiseLike<unknown>,
    options: SubmitOptions | undefined,
    sink: Sink,
  ): void {
    const enteredAtMs = this.clock.now();
    const refuse = (error: unknown): void => {
      this.tellRefused(sink, error);
      this.#checkIdle();
    };
    const route = (value: unknown): void => {
      try {
        this.route(kind, value, options, sink, enteredAtMs);
      } catch (error) {
        refuse(error);
      }
    };
    const signal = options?.signal;
    try {
      if (signal !== undefined) checkSignal(kind.name, signal);
      if (signal?.aborted) throw new Aborted(signal.reason);
    } catch (error) {
      checked.then(undefined, () => {}); // its answer comes too late to be of use
      return refuse(error);
    }
    const later = this.#tracer === null ? route : this.#tracer.bind(route);
    this.#checks.add(checked, signal, later, refuse);
  }

  /** Counts a submit that did not become a job, and gives what it rejects with. */
  refuse(error: unknown): unknown {
    this.#metrics.rejected(rejectionOf(error));
    return error instanceof Aborted ? error.reason : error;
  }

  /** The same, told to a sink. */
  tellRefused(sink: Sink, error: unknown): void {
    this.#call(() => sink.refused(this.refuse(error)));
  }

  /** What would be decided now. */
  explain(kind: KindInfo, input: unknown, options: SubmitOptions | undefined): DecisionRecord {
    const job = new Job(this.#lastId + 1, kind, this, input, options);
    return this.#feed.record(job, this.#decider.decide(job, undefined));
  }

  stats(): RouterStats {
    const nowMs = this.clock.now();
    return {
      ...this.#metrics.snapshot(this.#load.inFlight, nowMs),
      policy: this.#policy.name,
      uptimeMs: nowMs - this.#startedAtMs,
      load: this.#load.copy(),
      workers: this.#lanes.cpu_pool.counts,
      eventLoopLagMs: this.#lag.histogram.summary(),
    };
  }

  get obstacle(): Obstacle | null {
    return this.#isClosed ? "closed" : this.#lanes.cpu_pool.obstacle;
  }

  onDecision(listener: (record: DecisionRecord) => void): () => void {
    return this.#feed.add(listener);
  }

  /** Starts the workers that are always kept. */
  warm(done: (error: Error | null) => void): void {
    this.#lanes.cpu_pool.warm(done);
  }

  callWhenIdle(done: () => void): void {
    this.#whenIdle.push(done);
    this.#checkIdle();
  }

  /** Refuses new jobs, lets the others end within `drainMs`, cancels the rest, ends the workers. */
  close(drainMs: number, done: () => void): void {
    this.#isClosed = true;
    const timer = this.clock.setTimer(drainMs, (router) => router.cancelAll(), this);
    this.callWhenIdle(() => {
      timer.cancel();
      this.#tracer?.close();
      this.#deadlines.close();
      this.#lag.close();
      this.#lanes.cpu_pool.close(done);
    });
  }

  /** Cancels every job in flight. */
  cancelAll(): void {
    const error = new RouterClosedError("Job was cancelled: the router closed before it was done");
    const jobs = STRATEGIES.flatMap((strategy) => this.#lanes[strategy]?.held() ?? []);
    jobs.sort((a, b) => a.id - b.id);
    for (const job of jobs) job.withdraw("cancelled", error, Infinity);
    this.#checks.cancelAll(new RouterClosedError());
    this.#checkIdle();
  }

  /** The job waits in a queue. */
  waits(job: Job): void {
    this.#deadlines.add(job);
    this.#decider.observe("enqueue", job);
  }

  /** The job runs. */
  starts(job: Job): void {
    this.#deadlines.remove(job);
    this.#decider.observe("start", job);
  }

  /** A batch of so many jobs runs. */
  startsBatch(size: number): void {
    this.#metrics.ranBatch(size);
  }

  /** A running job tells how far it is. */
  progressed(job: Job, progress: unknown): void {
    this.#call(() => job.options.onProgress!(progress));
  }

  /** Why the policy will not have a waiting job start; `null` if it may. */
  objection(job: Job): string | null {
    return this.#decider.objection(job);
  }

  /** 5 metrics, 6 outcome. */
  settled(job: Job, nowMs: number): void {
    this.#deadlines.remove(job);
    if (job.options.signal !== undefined) this.#signals.unwatch(job, job.options.signal);
    const errorMs = job.status === "completed"
      ? job.kind.learn(job.computeCost, job.runMs / job.batchSize)
      : NaN;
    this.#metrics.settled(job, nowMs, errorMs);
    this.#load.inFlight--;
    if (job.status === "dropped") {
      job.retryAfterMs = this.#load.retryAfterMs(job.kind.hasModule);
    }
    this.#decider.observe("settle", job);
    if (job.trace !== null) job.trace.settled(job);
    try {
      tell(job);
    } catch {
      this.#metrics.listenerErrors++;
    }
    this.#checkIdle();
  }

  /** A job was settled twice: a bug of the router. */
  settledAgain(): void {
    this.#metrics.doubleSettled++;
  }

  /** Calls what others wrote: it may throw, and must not take the router with it. */
  #call(theirs: () => void): void {
    try {
      theirs();
    } catch {
      this.#metrics.listenerErrors++;
    }
  }

  #checkIdle(): void {
    if (this.#whenIdle.length === 0 || this.#load.inFlight + this.#checks.size > 0) return;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
