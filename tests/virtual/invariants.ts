import assert from "node:assert/strict";
import {
  type DecisionRecord,
  JobFailedError,
  JobTimeoutError,
  RouterClosedError,
  type Strategy,
} from "../../mod.ts";
import type { Known, PlayRecord } from "./play_record.ts";
import type { Scenario, Submit } from "./scenario.ts";
import { outputOf, type World } from "./world.ts";

/** What must hold in any scenario. */
export class Invariants {
  readonly #scenario: Scenario;
  readonly #world: World;
  readonly #record: PlayRecord;

  constructor(scenario: Scenario, world: World, record: PlayRecord) {
    this.#scenario = scenario;
    this.#world = world;
    this.#record = record;
  }

  /** What holds at any moment, inside callbacks too. */
  look(where: string): void {
    try {
      const { router, ports } = this.#world;
      const { options } = this.#scenario;
      const stats = router.stats();
      const { completed, failed, dropped, cancelled, timedOut, inFlight, load } = stats;
      const settled = completed + failed + dropped + cancelled + timedOut;
      assert.equal(stats.submitted, settled + inFlight, "submitted = settled + in flight");
      const routed = sum(stats.routed) + load.waitingForRoom;
      assert.equal(routed, stats.submitted, "routed, and waiting for room, sums to submitted");
      assert.equal(sum(stats.dropReasons), dropped, "dropReasons sums to dropped");
      const nowhere = stats.routed.backpressure_drop;
      assert.ok(dropped + cancelled >= nowhere, "dropped or cancelled >= backpressure_drop");
      within(load.waitingForRoom, options.waitCapacity, "waiting for room");
      assert.equal(stats.doubleSettled, 0, "doubleSettled");
      assert.equal(stats.listenerErrors, this.#record.telemetry?.thrown ?? 0, "listenerErrors");
      assert.equal(load.inFlight, inFlight, "in flight");
      // As many more wait as workers could be started for; a batch takes one for all its jobs.
      const capacity = options.cpuQueueCapacity + options.cpuParallelism;
      within(load.poolWaiting + load.batchWaiting, capacity, "pool's queue");
      within(load.spawnWaiting, options.spawnQueueCapacity, "spawn's queue");
      within(load.spawnRunning, options.spawnConcurrency, "spawnRunning");
      within(load.poolRunning, options.cpuParallelism, "poolRunning");
      within(ports.atWork, options.cpuParallelism, "calls at workers");
      within(ports.alive.length, options.cpuParallelism, "workers");
      assert.deepEqual(ports.violations, []);
    } catch (error) {
      this.#record.problems.push(`${where}: ${(error as Error).message}`);
    }
  }

  /** What holds between two moves, when nothing is half done. */
  rest(): void {
    const { router, clock, ports } = this.#world;
    const { load, rejected, workers, ...stats } = router.stats();
    for (const status of ["completed", "failed", "dropped", "cancelled", "timedOut"] as const) {
      assert.equal(this.#told(status), stats[status], `told ${status}`);
    }
    assert.equal(this.#told("refused"), sum(rejected), "told refused");
    assert.equal(this.#told("pending"), stats.inFlight, "pending");
    const waiting = load.poolWaiting + load.batchWaiting + load.spawnWaiting;
    const unheard = waiting - this.#record.waiting.size; // started or aborted, as they had begun
    within(unheard, ports.unheard, "jobs that wait by the load, but not by the events");
    for (const id of this.#record.waiting) {
      assert.ok(
        this.#record.events.get(id)!.deadlineMs >= clock.now() || clock.isLate,
        "waits expired",
      );
    }
    if (router.obstacle !== "closed") {
      assert.equal(workers.lost, ports.lost.length, "lost threads");
      const { maxLostWorkers } = this.#scenario.options;
      assert.equal(load.poolOpen, workers.lost < maxLostWorkers, "the pool is open");
    }
    assert.deepEqual(this.#record.problems, []);
    const now = clock.now();
    this.#record.trace.push(
      `${now}: ${this.#record.known.map(({ told }) => told.story).join(", ")}`,
    );
  }

  #told(status: string): number {
    return this.#record.known.filter(({ told }) => told.status === status).length;
  }

  checkDecision({ strategy, computeCost = NaN, load, kind, reason }: DecisionRecord): void {
    const isTiny = computeCost <= 8_000;
    if (strategy === "inline" && !isTiny) {
      this.#record.problems.push(`${kind} of ${computeCost} inline`);
    }
    if (!isTiny || strategy !== "backpressure_drop") return;
    if (reason === "kind_quarantined") return; // it would kill a worker
    if (reason === "wait_full" || reason === "expired") return; // it would have waited, or has
    if (reason === "spawn_saturated") return; // it would have missed its budget
    const hasModule = !kind.startsWith("local");
    if (reason === "pool_saturated" && hasModule) return; // it would block this thread
    const isFull = load.spawnWaiting >= load.spawnCapacity;
    if (!isFull || reason === "pool_saturated") {
      this.#record.problems.push(`tiny job dropped: ${reason}`);
    }
  }

  checkEnd(): void {
    const { clock, ports, router } = this.#world;
    assert.equal(clock.pending, 0, "nothing is left in the clock");
    assert.equal(ports.alive.length, 0, "no worker is left");
    for (const { listeners } of this.#record.signals) {
      assert.equal(listeners, 0, "no listener is left");
    }
    const { workers, load } = router.stats();
    assert.deepEqual([workers.starting, workers.idle, workers.busy], [0, 0, 0]);
    assert.equal(load.poolRunning, 0, "no permit is left");
    assert.equal(load.waitingForRoom, 0, "nobody waits for room");
    for (const known of this.#record.known) this.#checkJob(known);
    const story = /^(enqueue )*((late )?start )?((enqueue )+((late )?start )?)?settle$/;
    for (const { types } of this.#record.events.values()) assert.match(types.join(" "), story);
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
      const { runTimeoutMs = Infinity, abortAfterMs = Infinity } = submit.hints;
      assert.ok(value instanceof JobTimeoutError);
      assert.equal(value.runTimeoutMs, Math.min(runTimeoutMs, abortAfterMs));
    } else if (status === "cancelled") {
      const reasons = this.#record.signals.map((signal): unknown => signal.reason);
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
    const lateMoment = this.#record.events.get(job.id)?.lateMoment;
    // A policy that meddles takes time between a job's last check and its start.
    const isExcused = lateMoment === undefined || begunMoment < lateMoment ||
      this.#scenario.meddles;
    assert.ok(isExcused, "started after its deadline, unless a worker had begun it");
    this.#checkStrategy(strategy, submit);
  }

  #checkStrategy(strategy: Strategy, { kind, hints }: Submit): void {
    if (strategy === "inline") assert.ok(hints.computeCost! <= 8_000, "only tiny jobs inline");
    if (strategy === "cpu_pool") assert.ok(!kind.startsWith("local"), "no module, no pool");
    if (strategy === "batch") assert.ok(kind.endsWith("group"), "no runBatch, no batch");
  }
}

function sum(counts: Readonly<Record<string, number | undefined>>): number {
  return Object.values(counts).reduce<number>((total, count) => total + (count ?? 0), 0);
}

function within(value: number, limit: number, what: string): void {
  assert.ok(value >= 0 && value <= limit, `${what}: ${value} of ${limit}`);
}
