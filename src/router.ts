import { AtOnce } from "./at_once.ts";
import type { Clock } from "./clock.ts";
import { Decider, type Eviction } from "./decision/decider.ts";
import { createFeeds, type Feeds, tellWorker } from "./decision/events.ts";
import type { DecisionRecord } from "./decision/record.ts";
import { Recorder } from "./decision/recorder.ts";
import { PolicyError, RouterClosedError, shown, UnknownKindError } from "./errors.ts";
import { Blockers } from "./job/blockers.ts";
import { CallerSignals } from "./job/caller_signals.ts";
import { Deadlines } from "./job/deadlines.ts";
import { Job } from "./job/job.ts";
import type { JobOwner, JobReport } from "./job/job_owner.ts";
import type { Lane } from "./job/lane.ts";
import { Learner } from "./job/learner.ts";
import { RunTimeouts } from "./job/run_timeouts.ts";
import { createLanes, type Lanes, tuneLanes } from "./lanes/lanes.ts";
import { WaitingRoom } from "./lanes/waiting_room.ts";
import type { RunTimeModel } from "./model/model.ts";
import { Tracer } from "./observe/job_trace.ts";
import { LoopLag } from "./observe/loop_lag.ts";
import { Metrics } from "./observe/metrics.ts";
import { Saturation } from "./observe/saturation.ts";
import type { Sink } from "./observe/sink.ts";
import type { Obstacle, RouterStats } from "./observe/stats.ts";
import { Configuration } from "./options/configuration.ts";
import type { ResolvedOptions } from "./options/options.ts";
import type { RouterState } from "./options/saved_state.ts";
import { type DropReason, type Outcome, STRATEGIES } from "./outcome.ts";
import { costsOf } from "./policy/costs.ts";
import { type Load, LoadGauges } from "./policy/load.ts";
import type { AnyPolicy } from "./policy/policy.ts";
import type { KeepContext, RuntimeDefaults } from "./runtime_defaults.ts";
import { permitsOf } from "./semaphore.ts";
import { checkInput } from "./submit/check_input.ts";
import { costOf, Facts } from "./submit/facts.ts";
import { type Given, givenIn, NOTHING_GIVEN } from "./submit/given.ts";
import type { SubmitOptions } from "./submit/hints.ts";
import type { KindInfo } from "./submit/kind.ts";
import { type Checking, PendingChecks } from "./submit/pending_checks.ts";
import { type Refusal, refusalBy, refusalOf } from "./submit/refusal.ts";
import { hearRejection, isThenable } from "./thenable.ts";
import type { PortFactory } from "./transport/port.ts";

/** What became of a submit. */
type Taken = Job | Refusal | Checking;

const NOWHERE = "backpressure_drop"; // the strategy of jobs that no lane has

/** Takes a job through its six steps: check, load, decide, lane, metrics, outcome. @internal */
export class Router implements JobOwner {
  declare readonly clock: Clock;
  declare readonly keepContext: KeepContext;
  declare readonly kindNames: readonly string[];
  declare readonly configuration: Configuration;
  readonly #load: LoadGauges;
  declare readonly load: Load;
  readonly #kinds: ReadonlyMap<string, KindInfo>;
  /** The kind of the last submit: the next one is often of the same kind. */
  #lastKind: KindInfo | undefined = undefined;
  readonly #policy: AnyPolicy;
  readonly #model: RunTimeModel;
  readonly #learner: Learner;
  readonly #decider: Decider;
  declare readonly isObserved: boolean;
  declare readonly feeds: Feeds;
  readonly #recorder: Recorder;
  readonly #saturation: Saturation;
  readonly #lanes: Lanes;
  /** `null` if the policy never says that a job needs no decision. */
  readonly #atOnce: AtOnce | null;
  readonly #room: WaitingRoom;
  readonly #metrics: Metrics;
  readonly #lag: LoopLag;
  readonly #deadlines: Deadlines;
  readonly #runTimeouts: RunTimeouts;
  readonly #signals: CallerSignals;
  readonly #checks = new PendingChecks();
  /** `null` when the router has no telemetry. */
  readonly #tracer: Tracer | null;
  readonly #startedAtMs: number;
  readonly #transport: RouterStats["transport"];
  #lastId = 0;
  readonly #whenIdle: (() => void)[] = [];
  /** Gives warnings; not while time is modelled, which blocks nobody. */
  readonly #warn: (text: string) => void;
  /** Counts a failure of user code that must not affect the router; of the first one, there is a warning. */
  readonly #failed = (error?: unknown): void => {
    if (this.#metrics.listenerErrors++ > 0) return;
    try {
      this.#warn(
        `A listener, or other code that the router calls, has failed: ${
          shown(error)
        }. stats().listenerErrors counts that`,
      );
    } catch {
      // There is nobody else to tell.
    }
  };
  #isClosed = false;

  constructor(
    kinds: readonly KindInfo[],
    model: RunTimeModel,
    options: ResolvedOptions,
    createPort: PortFactory,
    { keepContext, warn, clock: realClock }: RuntimeDefaults,
    transport: RouterStats["transport"],
  ) {
    const { clock, policy } = options;
    this.clock = clock;
    this.#transport = transport;
    this.kindNames = kinds.map((kind) => kind.name);
    this.#kinds = new Map(kinds.map((kind) => [kind.name, kind]));
    this.#policy = policy;
    this.#startedAtMs = clock.now();
    this.#metrics = new Metrics(kinds, options.metrics, this.#startedAtMs);
    const failed = this.#failed;
    this.#model = model;
    this.keepContext = keepContext;
    const permits = permitsOf(options.semaphore);
    const load = new LoadGauges(this.#model, options.seed, permits, this.#metrics.inFlight);
    this.load = this.#load = load;
    this.#warn = clock === realClock ? warn : () => {};
    const tell = (text: string): void => this.#call(() => this.#warn(text));
    this.#learner = new Learner(this.#model, new Blockers(load, tell));
    this.configuration = new Configuration(
      options,
      (limits) => {
        this.#signals.graceMs = limits.abortGraceMs;
        tuneLanes(this.#lanes, load, limits);
        if (load.waitingForRoom > 0) this.#room.wake();
      },
      (saved) => this.#model.load(saved, this.kindNames, clock.now()),
      warn,
    );
    this.#deadlines = new Deadlines(clock);
    this.#decider = new Decider(policy, this.configuration, load, this.#deadlines, clock, failed);
    this.isObserved = policy.observe !== undefined;
    const feeds = this.feeds = createFeeds(failed);
    this.#recorder = new Recorder(policy.name, load, feeds);
    this.#saturation = new Saturation(clock, load, feeds.saturation);
    this.#lanes = createLanes(options, createPort, this.#decider, load, permits, (event) => {
      this.#call(() => tellWorker(feeds, event, warn));
    });
    this.#lanes.places.areUsed = kinds.some((kind) => kind.isLimited);
    const { inline } = this.#lanes;
    this.#atOnce = policy.isAlwaysInline === undefined
      ? null
      : new AtOnce(this.#decider, load, inline, this.#metrics, model, this);
    this.#room = new WaitingRoom(this.#decider, load, options, this.#decideAgain);
    this.#lag = new LoopLag(clock, load);
    this.#runTimeouts = new RunTimeouts(clock);
    this.#signals = new CallerSignals(clock, options.abortGraceMs, failed);
    this.#tracer = options.telemetry === undefined
      ? null
      : new Tracer(options.telemetry, keepContext, () => this.stats(), failed);
  }

  /** @throws {UnknownKindError} If there is no such kind. */
  kindOf(name: string): KindInfo {
    if (this.#lastKind !== undefined && this.#lastKind.name === name) return this.#lastKind;
    const kind = this.#kinds.get(name);
    if (kind === undefined) throw new UnknownKindError(name, this.kindNames);
    this.#lastKind = kind;
    return kind;
  }

  /**
   * Takes a job through all steps.
   *
   * @param sink Notified when the job is over; `null` if it is set on the job later, or not needed.
   * @returns The job; a refusal; or a pending validation, which `takeLater` waits for. `sink` is
   * not notified of the latter two. Without a `sink`, also the outcome of what was over at once.
   */
  take(name: string, input: unknown, options: SubmitOptions | undefined, sink: Sink): Taken;
  take(
    name: string,
    input: unknown,
    options: SubmitOptions | undefined,
    sink: null,
  ): Taken | Outcome<unknown>;
  take(
    name: string,
    input: unknown,
    options: SubmitOptions | undefined,
    sink: Sink | null,
  ): Taken | Outcome<unknown> {
    // A turn that goes on with submits hears of results: else workers would wait for its end.
    if (this.#load.nowMs >= this.#load.exchangeAtMs) this.#lanes.cpu_pool.exchange();
    try {
      const kind = this.kindOf(name);
      let value = input;
      if (kind.schema !== undefined) {
        value = checkInput(kind, input);
        if (isThenable(value)) return this.#checking(kind, value, options);
      }
      const given = options == null ? NOTHING_GIVEN : givenIn(kind.name, options, this);
      return this.#route(kind, value, given, sink, undefined);
    } catch (error) {
      return this.#refuse(refusalOf(error));
    }
  }

  /** Reads the options before the validation ends: the caller may change the object meanwhile. */
  #checking(
    kind: KindInfo,
    checked: PromiseLike<unknown>,
    options: SubmitOptions | undefined,
  ): Checking | Refusal {
    let refusal: Refusal | null;
    try {
      this.#mustBeOpen();
      const given = options == null ? NOTHING_GIVEN : givenIn(kind.name, options, this);
      refusal = refusalBy(given.signal);
      if (refusal === null) return { state: "checking", kind, checked, given };
    } catch (error) {
      refusal = refusalOf(error);
    }
    checked.then(undefined, () => {}); // its result is no longer needed
    return this.#refuse(refusal);
  }

  /** Takes a job once its pending validation has ended; `sink` is notified of a refusal, too. */
  takeLater({ kind, checked, given }: Checking, sink: Sink): void {
    const enteredAtMs = this.clock.now();
    const refused = (refusal: Refusal): void => {
      this.tellRefused(sink, this.#refuse(refusal));
      this.#checkIdle();
    };
    const take = (value: unknown): void => {
      try {
        const taken = this.#route(kind, value, given, sink, enteredAtMs);
        if ("state" in taken && taken.state === "refused") this.tellRefused(sink, taken);
      } catch (error) {
        this.tellRefused(sink, this.#refuse(refusalOf(error)));
      }
      this.#checkIdle();
    };
    const later = this.#tracer === null ? take : this.#tracer.bind(take);
    this.#checks.add(checked, given.signal, later, refused);
  }

  /** Notifies a sink that its job was refused. */
  tellRefused(sink: Sink, refusal: Refusal): void {
    this.#call(() => sink.refused(refusal.error));
  }

  #refuse(refusal: Refusal): Refusal {
    this.#metrics.rejected(refusal.cause);
    return refusal;
  }

  // `=== true`, here and below: 3 KB less code on the way of a job, as V8 need not test what is falsy.
  #mustBeOpen(): void {
    if (this.#isClosed === true) throw new RouterClosedError();
  }

  /** Takes a job whose input has been validated. Throws only before the job is counted. */
  #route(
    kind: KindInfo,
    input: unknown,
    given: Given,
    sink: Sink | null,
    enteredAtMs: number | undefined,
  ): Job | Refusal | Outcome<unknown> {
    // 1 check
    this.#mustBeOpen();
    const refusal = given.signal === undefined ? null : refusalBy(given.signal);
    if (refusal !== null) return this.#refuse(refusal);
    if (this.#room.isStale === true) this.#room.serve(); // who waits was here before
    const cost = costOf(kind, input, given);
    this.#mustBeOpen(); // the kind's cost function may have closed it
    const id = ++this.#lastId;
    if (sink === null && this.#atOnce !== null && kind.isPlain && given.isPlain && !this.isHeard) {
      const beforeMs = this.#load.inlineTurnMs;
      const ended = this.#atOnce.run(kind, input, cost, given, id);
      if (ended !== null) return this.#ended(ended, beforeMs);
    }
    const job = new Job(new Facts(id, kind, cost, given), this, input, given);
    job.sink = sink;
    this.#enter(job, enteredAtMs);
    return job;
  }

  /** Decides on a job, counts it, and gives it to its lane. Throws only before it is counted. */
  #enter(job: Job, enteredAtMs: number | undefined): void {
    const { facts, given } = job;
    // 2 load, 3 decide
    let decision = this.#decider.decide(job, this.#lanes, enteredAtMs);
    const { eviction } = this.#decider;
    this.#mustBeOpen(); // the policy may have closed it
    const { strategy } = job;
    let waits = false;
    if (strategy === NOWHERE && given.whenFull === "wait" && this.#decider.lacksRoom) {
      const refused = this.#room.refuse();
      waits = refused === null;
      if (refused !== null) decision = refused;
    }
    let record: DecisionRecord | null;
    let reason: string;
    let isProbe: boolean | undefined;
    job.decision = decision;
    try { // once, and before the job counts: there may be getters
      ({ reason, isProbe } = decision);
      if (this.isObserved === true) job.routing = this.#recorder.routing(facts, decision);
      record = this.#tells() ? this.#recorder.note(job, decision) : null;
    } catch (cause) {
      throw this.#decider.unreadable(cause);
    }
    const isSelected = this.#metrics.took(facts, strategy, this.#load.nowMs);
    if (isSelected || isProbe === true) this.#expect(job, reason, isSelected, isProbe);
    this.#load.inFlight++;
    if (this.#tracer !== null) job.trace = this.#tracer.begin(facts, job.decision, strategy);
    // 4 lane; here and not in a method of its own, which would cost a tiny job 8 % of its time
    const lane = this.#lanes[strategy];
    if (waits) this.#await(job, reason);
    else if (lane === null) job.settle("dropped", reason, this.#load.nowMs);
    else if (eviction === null) this.#hand(job, lane);
    else this.#handInPlaceOf(eviction, job, lane);
    // Only now: a listener may submit, and take the place that was decided on.
    if (record !== null && job.lane !== this.#room) this.feeds.decision.tell(record);
  }

  /** No lane has room for the job: it waits. */
  #await(job: Job, reason: string): void {
    job.retryAfterMs = 0; // the policy's, of a drop
    if (job.given.signal !== undefined && !this.#signals.heed(job, this.#load.nowMs)) return;
    this.#saturation.refused(reason);
    if (job.trace !== null) job.trace.waits();
    if (job.isOver) return; // the telemetry may have aborted it
    this.#metrics.waits();
    this.#room.accept(job);
    this.#lag.start();
  }

  /** Decides on a job that waits for room again; returns whether it waits no longer. */
  readonly #decideAgain = (job: Job): boolean => {
    const { facts } = job;
    let eviction: Eviction | null = null;
    let record: DecisionRecord | null = null;
    let error: unknown;
    this.#room.isDeciding = true;
    try {
      const decision = this.#decider.decide(job, this.#lanes, facts.submittedAtMs);
      if (job.isOver) return true; // the policy has aborted it
      if (job.strategy === NOWHERE && this.#decider.lacksRoom) return false;
      ({ eviction } = this.#decider);
      job.value = decision.reason; // if it is dropped
      if (this.isObserved) job.routing = this.#recorder.routing(facts, decision);
      job.decision = decision;
      if (this.#tells()) record = this.#recorder.note(job, decision);
      if (decision.isProbe === true) this.#learner.probe(job);
    } catch (cause) {
      error = cause instanceof PolicyError ? cause : this.#decider.unreadable(cause);
      job.strategy = NOWHERE;
    } finally {
      this.#room.isDeciding = false;
    }
    if (!this.#room.revoke(job)) return true;
    const lane = this.#lanes[job.strategy];
    if (error !== undefined) job.fail(error, this.#load.nowMs);
    else if (lane === null) job.settle("dropped", job.value, this.#load.nowMs);
    else {
      job.lane = null;
      this.#metrics.leaves(facts.kind.index, job.strategy);
      if (eviction === null) this.#hand(job, lane);
      else this.#handInPlaceOf(eviction, job, lane);
    }
    if (record !== null) this.feeds.decision.tell(record);
    return true;
  };

  /** A job has been run at once, after inline runs had taken `beforeMs` in this turn. */
  #ended(ended: Outcome<unknown> | Job, beforeMs: number): Outcome<unknown> | Job {
    this.#heedRun(beforeMs);
    if (ended instanceof Job && ended.state !== "settled") this.#lag.start();
    this.#checkIdle();
    return ended;
  }

  get isHeard(): boolean {
    return this.isObserved || this.#tells();
  }

  /** Whether anyone is told of decisions. */
  #tells(): boolean {
    const { decision, outcome } = this.feeds;
    return decision.isHeard === true || outcome.isHeard === true || this.#tracer !== null;
  }

  /** Keeps what is expected of a job, to look back on it when it is over. */
  #expect(job: Job, reason: unknown, isSelected: boolean, isProbe: boolean | undefined): void {
    const { facts, strategy } = job;
    if (isSelected) this.#metrics.hindsight.decided(facts.kind.index, reason);
    if (isProbe === true) this.#learner.probe(job);
    if (strategy === NOWHERE) return;
    const prediction = this.#model.predict(facts.kind, facts.computeCost);
    job.expected = this.#metrics.hindsight.expect(facts, strategy, this.#load, prediction);
  }

  /** Its place is free at once; it is told only then, as that may submit another job. */
  #handInPlaceOf({ job: other, reason, retryAfterMs }: Eviction, job: Job, lane: Lane): void {
    const hasLeft = other.lane!.revoke(other);
    this.#hand(job, lane);
    if (!hasLeft) return;
    other.retryAfterMs = retryAfterMs;
    other.drop(reason, this.#load.nowMs);
  }

  #hand(job: Job, lane: Lane): void {
    if (job.given.signal !== undefined && !this.#signals.heed(job, this.#load.nowMs)) return;
    job.lane = lane;
    const beforeMs = this.#load.inlineTurnMs;
    lane.accept(job);
    this.#heedRun(beforeMs);
    if (job.state !== "settled") this.#lag.start();
  }

  /** Runs inside this call may have blocked this thread, for which they had spent `beforeMs` in this turn before. */
  #heedRun(beforeMs: number): void {
    const blockedMs = this.#load.inlineTurnMs - beforeMs;
    if (blockedMs > 0) this.#lag.blocked(blockedMs);
  }

  /** The decision that would be made now; an asynchronous schema is not awaited. */
  explain(name: string, input: unknown, options: SubmitOptions | undefined): DecisionRecord {
    const kind = this.kindOf(name);
    let value = input;
    if (kind.schema !== undefined) {
      const checked = checkInput(kind, input);
      if (isThenable(checked)) checked.then(undefined, () => {}); // its result is not needed
      else value = checked;
    }
    const given = options == null ? NOTHING_GIVEN : givenIn(kind.name, options, this);
    const facts = new Facts(this.#lastId + 1, kind, costOf(kind, value, given), given);
    const job = new Job(facts, this, value, given);
    const decision = this.#decider.decide(job, this.#lanes, undefined);
    const words = [
      this.#learner.blockers.wordsOf(facts),
      this.#lanes.places.wordsOf(job),
      this.#lanes.spawn.limits.wordsOf(facts.kind),
    ];
    const more = words.filter((sentence) => sentence !== undefined);
    try {
      // As for a submit: before the policy asks for an outlook to put it into words.
      const record = this.#recorder.record(facts, this.#recorder.withPrediction(job, decision));
      const costs = costsOf(facts, this.#load, this.#load.expectedWaitMs(facts, "cpu_pool", true));
      const told = this.#decider.why(job, decision);
      const why = more.length === 0 ? told : [...told ?? [], ...more];
      return why === undefined ? { ...record, costs } : { ...record, costs, why };
    } catch (cause) {
      throw this.#decider.unreadable(cause);
    }
  }

  exportState(): RouterState {
    return this.configuration.save(this.#model.save(this.kindNames, this.clock.now()));
  }

  stats(): RouterStats {
    const nowMs = this.clock.now();
    return {
      ...this.#metrics.snapshot(this.#load.inFlight, nowMs),
      policy: this.#policy.name,
      shadow: this.#policy.shadow?.(this.configuration.state),
      uptimeMs: nowMs - this.#startedAtMs,
      load: this.#load.copy(),
      workers: this.#lanes.cpu_pool.counts,
      transport: this.#transport,
      eventLoopLagMs: this.#lag.histogram.summary(),
    };
  }

  get obstacle(): Obstacle | null {
    return this.#isClosed ? "closed" : this.#lanes.cpu_pool.obstacle;
  }

  /** The lane that has the workers. */
  get pool(): Lanes["cpu_pool"] {
    return this.#lanes.cpu_pool;
  }

  /** `done` is called in the turn after the last outcome: whoever awaited it has gone on by then. */
  drain(done: () => void): void {
    this.callWhenIdle(() => this.clock.post(done, undefined));
  }

  callWhenIdle(done: () => void): void {
    this.#whenIdle.push(done);
    this.#checkIdle();
  }

  /** Refuses new jobs, waits up to `drainMs` for the others, cancels the rest, ends the workers. */
  close(drainMs: number, done: () => void): void {
    this.#isClosed = true;
    // One more turn: if this thread was blocked, results may have arrived unread.
    const cancelSoon = (router: Router): void =>
      router.clock.post((late) => late.cancelAll(), router);
    const timer = this.clock.setTimer(drainMs, cancelSoon, this as Router);
    this.callWhenIdle(() => {
      timer.cancel();
      this.#tracer?.close();
      this.#deadlines.close();
      this.#lag.close();
      this.#saturation.close();
      this.#lanes.spawn.shares.close();
      this.#lanes.cpu_pool.close(() => {
        const { inline, spawn } = this.#lanes;
        // Their callbacks are posted already and run first: then nothing of ours is pending.
        const hasPosted = inline.hasPosted || spawn.hasPosted || this.#room.hasPosted;
        if (hasPosted) this.clock.post(done, undefined);
        else done();
      });
    });
  }

  /** Cancels every job in flight. */
  cancelAll(): void {
    const error = new RouterClosedError(
      "Job was cancelled: the router closed before the job ended",
    );
    const lanes = [...STRATEGIES.map((strategy) => this.#lanes[strategy]), this.#room];
    const jobs = lanes.flatMap((lane) => lane?.held() ?? []);
    jobs.sort((a, b) => a.id - b.id);
    for (const job of jobs) {
      job.lane?.poll(job); // a result in shared memory
      job.withdraw("cancelled", error, Infinity, this.clock.now());
    }
    this.#checks.cancelAll(new RouterClosedError());
    this.#checkIdle();
  }

  waits(job: Job): void {
    job.routing!.startedAtMs = NaN;
    this.#decider.observe("enqueue", job);
  }

  starts(job: Job): void {
    if (job.deadlineIndex >= 0) this.#deadlines.remove(job);
    if (this.#load.waitingForRoom > 0) this.#room.freedBy(job);
    if (job.call !== job && job.call.jobs[0] === job) this.#metrics.ranBatch(job.batchSize);
    if (this.isObserved === true) {
      job.routing!.startedAtMs = this.#load.nowMs;
      this.#decider.observe("start", job);
    }
    const isLimited = job.facts.runTimeoutMs !== Infinity || job.given.abortAfterMs !== undefined;
    if (isLimited) this.#runTimeouts.start(job);
  }

  /** 5 metrics, 6 outcome. */
  settled(job: Job, nowMs: number): void {
    const { facts } = job;
    if (job.deadlineIndex >= 0) this.#deadlines.remove(job);
    if (job.lane === this.#room) this.#metrics.leaves(facts.kind.index, NOWHERE);
    else if (this.#load.waitingForRoom > 0) this.#room.freedBy(job);
    if (job.given.signal !== undefined) this.#signals.unheed(job);
    const errorMs = job.ran === true || job.isProbe === true
      ? this.#learner.settled(job, nowMs)
      : NaN;
    this.#metrics.settled(job, facts, nowMs, errorMs);
    if (job.expected !== null || job.isProbe === true) this.#metrics.hindsight.settled(job);
    this.#load.inFlight--;
    if (job.status === "dropped") this.#dropped(job, nowMs);
    if (this.isObserved === true) this.#decider.observe("settle", job);
    if (job.trace !== null) job.trace.settled(job);
    try {
      const answer: unknown = job.sink?.settled(job);
      if (answer !== undefined) hearRejection(answer, this.#failed);
    } catch (error) {
      this.#failed(error);
    }
    if (this.feeds.outcome.isHeard === true) this.feeds.outcome.tell(job);
    if (this.#whenIdle.length > 0) this.#checkIdle();
  }

  #dropped(job: Job, nowMs: number): void {
    const { kind, value } = job;
    const pool = this.#lanes.cpu_pool;
    const isBarred = value === "kind_quarantined";
    if (!isBarred) this.#saturation.refused(value as DropReason);
    if (job.retryAfterMs > 0) return;
    job.retryAfterMs = isBarred
      ? pool.quarantine.probeInMs(kind, nowMs)
      : this.#lanes.places.retryAfterMs(job, nowMs) ||
        this.#load.retryAfterMs(kind.hasModule, nowMs, pool.stuckMs);
  }

  report(event: JobReport): void {
    const { type, job } = event;
    if (type === "settled_twice") this.#metrics.doubleSettled++; // a bug in the router
    else if (type === "moved") {
      this.#metrics.moved(job.kind.index, event.from, job.strategy);
      this.#recorder.moved(job);
    } else if (type === "ran_batch") {
      this.#learner.ranBatch(job.call, event.ok, event.runMs, event.busyMs);
    } else if (type === "outlived") {
      this.#learner.outlived(job, event.busyMs);
      if (this.#load.waitingForRoom > 0) this.#room.wake();
    } else this.#call(() => job.given.onProgress!(event.value));
  }

  /** Calls user code; what it throws is counted, and must not affect the router. */
  #call(theirs: () => void): void {
    try {
      hearRejection(theirs(), this.#failed);
    } catch (error) {
      this.#failed(error);
    }
  }

  #checkIdle(): void {
    if (this.#whenIdle.length === 0 || this.#load.inFlight + this.#checks.size > 0) return;
    for (const done of this.#whenIdle.splice(0)) done();
  }
}
