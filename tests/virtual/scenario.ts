import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type DecisionRecord,
  type Drop,
  type JobFacts,
  JobFailedError,
  JobTimeoutError,
  type Policy,
  RouterClosedError,
  type Strategy,
  type SubmitOptions,
  thresholdPolicy,
} from "../../mod.ts";
import type { WorkerCall } from "../../src/runtime/port.ts";
import { macrotask } from "./clock.ts";
import type { PortModel } from "./port.ts";
import { CountingController } from "./signal.ts";
import { createWorld, outputOf, serveTask, type Task, Told, type World } from "./world.ts";

/** A submit, and what its callbacks do. */
export interface Submit {
  readonly do: "submit";
  readonly kind: string;
  readonly hints: SubmitOptions;
  readonly task: Omit<Task, "id">;
  /** Place of the caller's signal, if there is one. */
  readonly signal: number | undefined;
  /** What its run does beside its work, on this thread. */
  readonly inRun: "nothing" | "submit" | "abort";
  /** What its sink does. */
  readonly inSink: "nothing" | "submit" | "abort";
}

/** One move of a scenario. */
export type Move =
  | Submit
  | { readonly do: "abort"; readonly signal: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "step" }
  | { readonly do: "kill"; readonly worker: number }
  | { readonly do: "close"; readonly drainMs: number };

/** A whole run: options, the workers' behaviour, and what happens. */
export interface Scenario {
  readonly options: {
    readonly cpuParallelism: number;
    readonly cpuQueueCapacity: number;
    readonly spawnConcurrency: number;
    readonly spawnQueueCapacity: number;
    readonly inlineSliceMs: number;
    readonly batchMaxSize: number;
    readonly batchMaxDelayMs: number;
    readonly idleTimeoutMs: number;
    readonly abortGraceMs: number | undefined;
    readonly maxLostWorkers: number;
    readonly maxJobsPerWorker: number | undefined;
    readonly quarantineAfter: number | undefined;
    readonly quarantineMs: number;
    readonly seed: number;
  };
  readonly model: Partial<PortModel>;
  /** Whether the policy has an `order` and an `admit` of its own. */
  readonly hasOrder: boolean;
  readonly hasAdmit: boolean;
  /** Whether someone listens to decisions, and submits from there. */
  readonly listener: "none" | "looks" | "submits";
  /** Whether the policy, which should only decide, aborts callers' signals in its `admit`. */
  readonly meddles: boolean;
  readonly moves: readonly Move[];
}

const SIGNALS = 3;
const CAPACITY = fc.integer({ min: 1, max: 12 });

/** Once in four times. */
function rarely<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });
}

/** What jobs are like. */
interface Sort {
  /** Of 1,000 moves so many close the router. */
  readonly closes: number;
  readonly kinds: readonly string[];
  readonly costs: readonly (number | undefined)[];
  readonly scalings: readonly number[];
  readonly ms: fc.Arbitrary<number>;
  /** Of 20 jobs so many end well. */
  readonly good: number;
}

const ANY: Sort = {
  closes: 10,
  kinds: ["local", "local_group", "shared", "group", "steady_group"],
  costs: [undefined, 0, 100, 8_000, 8_001, 60_000, 60_001, 1e6],
  scalings: [0, 0.5, 0.65, 0.7, 0.8, 1],
  ms: fc.integer({ min: 0, max: 25 }),
  good: 16,
};

/** Short enough for workers to be handed calls ahead of time; now and then one that is not. */
const SHORT: Sort = {
  closes: 2,
  kinds: ["shared", "shared", "group"],
  costs: [60_001],
  scalings: [0.65, 0.65, 0.65, 1],
  ms: fc.oneof(
    { weight: 14, arbitrary: fc.integer({ min: 0, max: 1 }) },
    { weight: 1, arbitrary: ANY.ms },
  ),
  good: 19,
};

function submitsOf({ kinds, costs, scalings, ms, good }: Sort): fc.Arbitrary<Submit> {
  return fc.record({
    do: fc.constant("submit" as const),
    kind: fc.constantFrom(...kinds),
    hints: fc.record({
      computeCost: fc.constantFrom(...costs),
      scalingPotential: fc.constantFrom(...scalings),
      latencyBudgetMs: rarely(fc.integer({ min: 1, max: 60 })),
      priority: fc.integer({ min: 0, max: 9 }),
      runTimeoutMs: rarely(fc.integer({ min: 1, max: 20 })),
    }),
    task: fc.record({
      ms,
      end: fc.oneof(
        { weight: good, arbitrary: fc.constant("ok" as const) },
        {
          weight: 20 - good,
          arbitrary: fc.constantFrom("throw", "crash", "lost", "uncloneable"),
        },
      ) as fc.Arbitrary<Task["end"]>,
      later: fc.boolean(),
      heeds: fc.boolean(),
    }),
    signal: rarely(fc.nat(SIGNALS - 1)),
    inRun: fc.constantFrom("nothing", "nothing", "submit", "abort"),
    inSink: fc.constantFrom("nothing", "nothing", "submit", "abort"),
  });
}

function movesOf(sort: Sort): fc.Arbitrary<readonly Move[]> {
  const move: fc.Arbitrary<Move> = fc.oneof(
    { weight: 650, arbitrary: submitsOf(sort) },
    {
      weight: 30,
      arbitrary: fc.record({ do: fc.constant("abort" as const), signal: fc.nat(SIGNALS - 1) }),
    },
    {
      weight: 130,
      arbitrary: fc.record({
        do: fc.constant("advance" as const),
        ms: fc.integer({ min: 0, max: 40 }),
      }),
    },
    { weight: 160, arbitrary: fc.record({ do: fc.constant("step" as const) }) },
    { weight: 20, arbitrary: fc.record({ do: fc.constant("kill" as const), worker: fc.nat(2) }) },
    {
      weight: sort.closes,
      arbitrary: fc.record({
        do: fc.constant("close" as const),
        drainMs: fc.constantFrom(0, 5, 50, 500),
      }),
    },
  );
  return fc.array(move, { maxLength: 60, size: "max" });
}

/** Any scenario. */
export const scenarios: fc.Arbitrary<Scenario> = fc.record({
  options: fc.record({
    cpuParallelism: fc.integer({ min: 1, max: 3 }),
    cpuQueueCapacity: fc.oneof(CAPACITY, fc.integer({ min: 12, max: 60 })),
    spawnConcurrency: fc.integer({ min: 1, max: 3 }),
    spawnQueueCapacity: CAPACITY,
    inlineSliceMs: fc.constantFrom(0, 4, 8, 1_000),
    batchMaxSize: fc.integer({ min: 1, max: 4 }),
    batchMaxDelayMs: fc.integer({ min: 0, max: 12 }),
    idleTimeoutMs: fc.integer({ min: 1, max: 40 }),
    abortGraceMs: fc.constantFrom(undefined, 0, 5),
    maxLostWorkers: fc.integer({ min: 1, max: 3 }),
    maxJobsPerWorker: fc.constantFrom(undefined, undefined, 1, 3),
    quarantineAfter: fc.constantFrom(undefined, 1, Infinity),
    quarantineMs: fc.constantFrom(10, 1_000),
    seed: fc.nat(1_000),
  }),
  model: fc.record({
    depth: fc.constantFrom(1, 2, 4, 4),
    startMs: fc.constantFrom(0, 1, 3),
    endMs: fc.constantFrom(0, 1, 400),
    dispatchMs: fc.constantFrom(0, 0, 2),
    startFailures: fc.constantFrom(0, 0, 0, 0, 0.3, 1),
    slowStarts: fc.constantFrom(0, 0, 0.3),
    lateResults: fc.constantFrom(0, 0.5),
    seed: fc.nat(1_000),
  }),
  hasOrder: fc.boolean(),
  hasAdmit: fc.boolean(),
  listener: fc.constantFrom("none", "looks", "submits"),
  meddles: fc.boolean(),
  moves: fc.oneof(movesOf(ANY), movesOf(SHORT)),
});

/** What is known of a job beside what the router says. */
interface Known {
  readonly submit: Submit;
  readonly task: Task;
  readonly told: Told;
  /** Times it was begun, on whatever thread. */
  begun: number;
  /** When it was begun first, among all moments that are noted. */
  begunMoment: number;
}

/** What a job's policy events say. */
interface Seen {
  readonly deadlineMs: number;
  readonly types: string[];
  /** When it was first said to start though its budget was used up, among all moments noted. */
  lateMoment?: number;
}

/** Plays a scenario and holds every invariant against it, at every moment someone can look. */
export class Play {
  readonly scenario: Scenario;
  readonly world: World;
  readonly known: Known[];
  readonly trace: string[] = [];
  /** What went wrong in callbacks, where the router catches what is thrown. */
  readonly problems: string[] = [];
  readonly #signals = Array.from({ length: SIGNALS }, () => new CountingController());
  readonly #events: Map<number, Seen>;
  readonly #waiting: Set<number>;
  #depth = 0;
  #closing: Promise<void> | undefined;

  private constructor(
    scenario: Scenario,
    world: World,
    known: Known[],
    events: Map<number, Seen>,
    waiting: Set<number>,
  ) {
    this.scenario = scenario;
    this.world = world;
    this.known = known;
    this.#events = events;
    this.#waiting = waiting;
  }

  /** Plays it to its end. */
  static async run(scenario: Scenario): Promise<Play> {
    const known: Known[] = [];
    const events = new Map<number, Seen>();
    const waiting = new Set<number>();
    const check = (call: WorkerCall, what: string): void => {
      for (const { id } of tasksOf(call)) {
        if (known[id].told.status !== "pending") play.problems.push(`settled job ${id} ${what}`);
      }
    };
    const serve: PortModel["serve"] = (call) => {
      check(call, "was sent");
      return serveTask(call);
    };
    const begin: PortModel["begin"] = (call) => {
      for (const { id } of tasksOf(call)) begins(known[id]);
      check(call, "was run");
    };
    const world = await createWorld({
      ...scenario.options,
      workerStartTimeoutMs: 50,
      model: { ...scenario.model, serve, begin },
      policy: createPolicy(scenario, events, waiting, (id) => play.#meddle(id)),
    });
    const play = new Play(scenario, world, known, events, waiting);
    play.#listen();
    await play.#play();
    return play;
  }

  #listen(): void {
    const { listener } = this.scenario;
    if (listener === "none") return;
    this.world.router.onDecision((record) => {
      this.#look("listener");
      this.#checkDecision(record);
      this.trace.push(JSON.stringify(record));
      if (listener === "submits" && record.jobId % 5 === 0) this.#nested("group");
    });
  }

  async #play(): Promise<void> {
    const { clock, router } = this.world;
    for (const move of this.scenario.moves) {
      this.#make(move);
      this.#look(move.do);
      this.#rest();
    }
    clock.runUntil(clock.now() + 100_000);
    assert.deepEqual(this.known.filter(({ told }) => told.status === "pending"), [], "unsettled");
    this.#closing ??= router.close();
    clock.runUntil(clock.now() + 100_000);
    await Promise.race([this.#closing, macrotask().then(() => assert.fail("close() hangs"))]);
    this.#look("end");
    this.#rest();
    this.#checkEnd();
  }

  #make(move: Move): void {
    const { clock, ports, router } = this.world;
    switch (move.do) {
      case "submit":
        return this.#submit(move);
      case "abort":
        return this.#abort(move.signal);
      case "advance":
        return clock.advance(move.ms);
      case "step":
        return void clock.step();
      case "kill":
        return ports.all.at(-1 - move.worker)?.die(new Error("model: killed"));
      case "close": {
        const closing = router.close({ drainMs: move.drainMs });
        this.#closing ??= closing;
      }
    }
  }

  #submit(submit: Submit): void {
    const id = this.known.length;
    const controller = submit.signal === undefined ? undefined : this.#signals[submit.signal];
    const wasOver = controller?.controller.signal.aborted || this.#closing !== undefined;
    const told = new Told(() => {
      this.#look("sink");
      if (told.jobs.length > 1) this.problems.push(`job ${id} settled twice`);
      if (submit.inSink === "submit") this.#nested("local");
      if (submit.inSink === "abort" && submit.signal !== undefined) this.#abort(submit.signal);
    });
    const onBegin = (): void => {
      begins(known);
      if (told.status !== "pending") this.problems.push(`settled job ${id} was run`);
    };
    const onRun = (): void => {
      this.#look("run");
      if (submit.inRun === "submit") this.#nested("local_group");
      if (submit.inRun === "abort" && submit.signal !== undefined) this.#abort(submit.signal);
    };
    const known = {
      submit,
      task: { ...submit.task, id, onBegin, onRun },
      told,
      begun: 0,
      begunMoment: NaN,
    };
    this.known.push(known);
    const signal = controller?.controller.signal;
    const options = signal === undefined ? submit.hints : { ...submit.hints, signal };
    this.world.router.offer(submit.kind, known.task, options, told);
    if (wasOver) assert.equal(told.status, "refused");
  }

  /** A submit from inside a callback. */
  #nested(kind: string): void {
    if (this.#depth > 3 || this.known.length > 200) return;
    this.#depth++;
    this.#submit({
      do: "submit",
      kind,
      hints: { computeCost: 5_000, scalingPotential: kind === "local" ? 0.1 : 0.9 },
      task: { ms: 3 },
      signal: undefined,
      inRun: "nothing",
      inSink: "nothing",
    });
    this.#depth--;
  }

  /** An abort settles every job of the signal before it returns. */
  #abort(place: number): void {
    const { controller, reason } = this.#signals[place];
    if (controller.signal.aborted) return;
    const mine = this.known.filter(({ submit, told }) =>
      submit.signal === place && told.status === "pending"
    );
    controller.abort(reason);
    for (const { told, task } of mine) {
      const { status } = told;
      if (status === "pending") this.problems.push(`job ${task.id} outlives its signal`);
      if (status === "cancelled" && told.job!.value !== reason) {
        this.problems.push("reason changed");
      }
    }
  }

  /** What a policy must not do. */
  #meddle(id: number): void {
    if (id % 7 === 0) this.#abort(id % SIGNALS);
  }

  /** What holds at any moment, inside callbacks too. */
  #look(where: string): void {
    try {
      const { router, ports } = this.world;
      const { options } = this.scenario;
      const stats = router.stats();
      const { completed, failed, dropped, cancelled, timedOut, inFlight, load } = stats;
      const settled = completed + failed + dropped + cancelled + timedOut;
      assert.equal(stats.submitted, settled + inFlight, "submitted = settled + in flight");
      assert.equal(sum(stats.routed), stats.submitted, "routed sums to submitted");
      assert.equal(sum(stats.dropReasons), dropped, "dropReasons sums to dropped");
      assert.ok(dropped >= stats.routed.backpressure_drop, "dropped >= backpressure_drop");
      assert.equal(stats.doubleSettled, 0, "doubleSettled");
      assert.equal(stats.listenerErrors, 0, "listenerErrors");
      assert.equal(load.inFlight, inFlight, "in flight");
      within(load.poolWaiting + load.batchWaiting, options.cpuQueueCapacity, "pool's queue");
      within(load.poolWaiting, options.cpuQueueCapacity, "poolWaiting");
      within(load.batchWaiting, options.cpuQueueCapacity, "batchWaiting");
      within(load.spawnWaiting, options.spawnQueueCapacity, "spawn's queue");
      within(load.spawnRunning, options.spawnConcurrency, "spawnRunning");
      within(load.poolRunning, options.cpuParallelism, "poolRunning");
      within(ports.atWork, options.cpuParallelism, "calls at workers");
      within(ports.alive.length, options.cpuParallelism, "workers");
      assert.deepEqual(ports.violations, []);
    } catch (error) {
      this.problems.push(`${where}: ${(error as Error).message}`);
    }
  }

  /** What holds between two moves, when nothing is half done. */
  #rest(): void {
    const { router, clock, ports } = this.world;
    const { load, rejected, ...stats } = router.stats();
    for (const status of ["completed", "failed", "dropped", "cancelled", "timedOut"] as const) {
      assert.equal(this.#told(status), stats[status], `told ${status}`);
    }
    assert.equal(this.#told("refused"), sum(rejected), "told refused");
    assert.equal(this.#told("pending"), stats.inFlight, "pending");
    const waiting = load.poolWaiting + load.batchWaiting + load.spawnWaiting;
    const unheard = waiting - this.#waiting.size; // started or aborted, as they had begun
    within(unheard, ports.unheard, "jobs that wait by the load, but not by the events");
    for (const id of this.#waiting) {
      assert.ok(this.#events.get(id)!.deadlineMs >= clock.now() || clock.isLate, "waits expired");
    }
    assert.deepEqual(this.problems, []);
    const now = clock.now();
    this.trace.push(`${now}: ${this.known.map(({ told }) => told.story).join(", ")}`);
  }

  #told(status: string): number {
    return this.known.filter(({ told }) => told.status === status).length;
  }

  #checkDecision({ strategy, computeCost = NaN, load, kind, reason }: DecisionRecord): void {
    const isTiny = computeCost <= 8_000;
    if (strategy === "inline" && !isTiny) this.problems.push(`${kind} of ${computeCost} inline`);
    if (!isTiny || strategy !== "backpressure_drop") return;
    if (reason === "kind_quarantined") return; // it would kill a worker
    const isFull = load.spawnWaiting >= load.spawnCapacity;
    if (!isFull || reason === "pool_saturated") this.problems.push(`tiny job dropped: ${reason}`);
  }

  #checkEnd(): void {
    const { clock, ports, router } = this.world;
    assert.equal(clock.pending, 0, "nothing is left in the clock");
    assert.equal(ports.alive.length, 0, "no worker is left");
    for (const { listeners } of this.#signals) assert.equal(listeners, 0, "no listener is left");
    const { workers, load } = router.stats();
    assert.deepEqual([workers.starting, workers.idle, workers.busy], [0, 0, 0]);
    assert.equal(load.poolRunning, 0, "no permit is left");
    for (const known of this.known) this.#checkJob(known);
    const story = /^(enqueue )*((late )?start )?((enqueue )+((late )?start )?)?settle$/;
    for (const { types } of this.#events.values()) assert.match(types.join(" "), story);
  }

  #checkJob({ submit, task, told, begun, begunMoment }: Known): void {
    assert.equal(told.jobs.length + told.refusals.length, 1, "settled or refused, once");
    assert.ok(begun <= (submit.kind === "steady_group" ? 2 : 1), "begun once");
    const { job } = told;
    if (job === undefined) return;
    const { status, value, waitMs, runMs, totalMs, strategy } = job;
    if (status === "completed") {
      assert.equal(value, outputOf(task));
      assert.equal(waitMs + runMs, totalMs);
      assert.equal(job.withinBudget, totalMs <= (submit.hints.latencyBudgetMs ?? Infinity));
      assert.equal(begun > 0, true);
    } else if (status === "timedOut") {
      assert.ok(value instanceof JobTimeoutError && submit.hints.runTimeoutMs !== undefined);
    } else if (status === "cancelled") {
      const reasons = this.#signals.map((signal): unknown => signal.reason);
      const isMine = submit.signal !== undefined && value === reasons[submit.signal];
      assert.ok(isMine || value instanceof RouterClosedError, "cancelled by whom?");
    } else if (status === "failed") {
      const isOwn = task.end === "throw" && strategy !== "backpressure_drop";
      if (isOwn && submit.kind === "local") assert.ok(value instanceof JobFailedError);
      assert.ok(value instanceof Error);
    } else {
      assert.equal(typeof value, "string");
      assert.equal(begun === 0 || submit.kind === "steady_group", true, "dropped after it ran");
    }
    const lateMoment = this.#events.get(job.id)?.lateMoment;
    // A policy that meddles takes time between a job's last check and its start.
    const isExcused = lateMoment === undefined || begunMoment < lateMoment || this.scenario.meddles;
    assert.ok(isExcused, "started after its deadline, unless a worker had begun it");
    this.#checkStrategy(strategy, submit);
  }

  #checkStrategy(strategy: Strategy, { kind, hints }: Submit): void {
    if (strategy === "inline") assert.ok(hints.computeCost! <= 8_000, "only tiny jobs inline");
    if (strategy === "cpu_pool") assert.ok(!kind.startsWith("local"), "no module, no pool");
    if (strategy === "batch") assert.ok(kind.endsWith("group"), "no runBatch, no batch");
  }
}

/** Counts moments, to tell which of two came first. */
let moment = 0;

function begins(known: Known): void {
  known.begun++;
  if (known.begun === 1) known.begunMoment = ++moment;
}

function tasksOf({ isBatch, payload }: WorkerCall): readonly Task[] {
  return isBatch ? payload as readonly Task[] : [payload as Task];
}

/** The threshold policy, which also notes what it is told and holds it against the deadlines. */
function createPolicy(
  { hasOrder, hasAdmit, meddles }: Scenario,
  events: Map<number, Seen>,
  waiting: Set<number>,
  meddle: (id: number) => void,
): Policy<Map<number, Seen>> {
  const base: Policy<Map<number, Seen>> = {
    name: "observed",
    init: () => events,
    decide: (job, load) => thresholds.decide(job, load),
    observe(_state, { type, job, nowMs }) {
      const deadlineMs = job.submittedAtMs + job.latencyBudgetMs;
      const seen: Seen = events.get(job.id) ?? { deadlineMs, types: [] };
      events.set(job.id, seen);
      const isLate = type === "start" && nowMs > deadlineMs;
      seen.types.push(isLate ? "late start" : type);
      if (isLate) seen.lateMoment ??= ++moment;
      if (type === "enqueue") waiting.add(job.id);
      else waiting.delete(job.id);
    },
  };
  const admit = (job: JobFacts): "run" | Drop => {
    if (meddles) meddle(job.id);
    return job.draw < 0.1 ? { reason: "shed" } : "run";
  };
  return {
    ...base,
    ...(hasOrder ? { order: (a, b) => b.priority - a.priority } : {}),
    ...(hasAdmit ? { admit } : {}),
  };
}

const thresholds = thresholdPolicy();

function sum(counts: Readonly<Record<string, number | undefined>>): number {
  return Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0);
}

function within(value: number, limit: number, what: string): void {
  assert.ok(value >= 0 && value <= limit, `${what}: ${value} of ${limit}`);
}
