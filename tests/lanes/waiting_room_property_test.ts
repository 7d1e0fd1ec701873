// Whatever capacities, priorities, aborts, budgets and closes there are: who waits for room is served in order.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { SettledJob, SubmitOptions } from "../../mod.ts";
import { hasPoolRoom } from "../../src/policy/pool_room.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { sharedRuns } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { createWorld, type World } from "../virtual/world.ts";

type Move =
  | {
    readonly do: "submit";
    readonly waits: boolean;
    readonly priority: number;
    readonly ms: number;
    readonly budgetMs: number | undefined;
    readonly signal: number | undefined;
    /** What its sink does. */
    readonly then: "nothing" | "submit" | "wait" | "abort" | "throw";
  }
  | { readonly do: "abort"; readonly signal: number }
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "resize"; readonly capacity: number }
  | { readonly do: "close"; readonly drainMs: number };

const SIGNALS = 3;

const submits: fc.Arbitrary<Move> = fc.record({
  do: fc.constant("submit"),
  waits: fc.boolean(),
  priority: fc.integer({ min: 0, max: 9 }),
  ms: fc.integer({ min: 0, max: 12 }),
  budgetMs: fc.constantFrom(undefined, undefined, 5, 30),
  signal: fc.constantFrom(undefined, undefined, 0, 1, 2),
  then: fc.constantFrom("nothing", "nothing", "submit", "wait", "abort", "throw"),
});
const moves: fc.Arbitrary<Move> = fc.oneof(
  { weight: 60, arbitrary: submits },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("abort"), signal: fc.nat(SIGNALS - 1) }),
  },
  {
    weight: 20,
    arbitrary: fc.record({ do: fc.constant("advance"), ms: fc.integer({ min: 0, max: 15 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("resize"), capacity: fc.integer({ min: 1, max: 6 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("close"), drainMs: fc.constantFrom(0, 20, 500) }),
  },
) as fc.Arbitrary<Move>;

const scenarios = fc.record({
  cpuParallelism: fc.integer({ min: 1, max: 3 }),
  cpuQueueCapacity: fc.integer({ min: 1, max: 6 }),
  waitCapacity: fc.integer({ min: 1, max: 12 }),
  moves: fc.array(moves, { maxLength: 60, size: "max" }),
});

/** A submit that is not over, by the number of its job. */
interface Waiter {
  readonly id: number;
  readonly priority: number;
}

/** Plays moves, and holds what happens against what must. */
class Room {
  readonly #world: World;
  readonly #capacity: number;
  readonly #signals = Array.from({ length: SIGNALS }, () => new AbortController());
  /** Who waits for room. */
  readonly #waiting = new Map<number, Waiter>();
  /** Numbers of the jobs that were decided on. */
  readonly #decisions = new Set<number>();
  readonly problems: string[] = [];
  #submitted = 0;
  #settled = 0;
  #refused = 0;
  #depth = 0;
  #lastId = 0;

  constructor(world: World, capacity: number) {
    this.#world = world;
    this.#capacity = capacity;
    world.router.on("decision", ({ jobId }) => this.#decided(jobId));
  }

  /** Whoever leaves the room for a lane was the first there. */
  #decided(id: number): void {
    this.#decisions.add(id);
    const served = this.#waiting.get(id);
    if (served === undefined) return;
    this.#waiting.delete(id);
    for (const other of this.#waiting.values()) {
      const isBefore = other.priority === served.priority
        ? other.id < id
        : other.priority > served.priority;
      if (isBefore) this.problems.push(`${id} was served before ${other.id}`);
    }
  }

  submit(move: Move & { do: "submit" }): void {
    const { router } = this.#world;
    const before = router.load.waitingForRoom;
    const { priority, budgetMs, signal } = move;
    const options: SubmitOptions = {
      priority,
      latencyBudgetMs: budgetMs,
      signal: signal === undefined ? undefined : this.#signals[signal].signal,
      whenFull: move.waits ? "wait" : undefined,
    };
    let ends = 0;
    let last: SettledJob | undefined;
    this.#submitted++;
    const wanted = router.stats().submitted;
    router.offer("shared", { id: 1, ms: move.ms }, options, {
      settled: (job) => {
        last = job;
        this.#settled++;
        this.#waiting.delete(job.id);
        if (++ends > 1) this.problems.push(`${job.id} was settled twice`);
        this.#then(move);
      },
      refused: () => {
        this.#refused++;
        if (++ends > 1) this.problems.push("refused twice");
      },
    });
    const { load, submitted } = router.stats();
    if (submitted > wanted) {
      const id = ++this.#lastId;
      const isDecided = this.#decisions.has(id);
      if (ends === 0 && !isDecided) this.#waiting.set(id, { id, priority });
      if (ends === 0 && isDecided && load.waitingForRoom > 0) {
        this.problems.push(`${id} took a place of those who wait`);
      }
    }
    const isFull = last?.value === "wait_full";
    if (isFull && before < this.#capacity) this.problems.push(`wait_full at ${before}`);
  }

  #then({ then, signal }: Move & { do: "submit" }): void {
    if (then === "throw") throw new Error("sink");
    if (then === "abort") return this.#signals[signal ?? 0].abort();
    if (then === "nothing" || this.#depth > 2) return;
    this.#depth++;
    const ms = 3;
    this.#nested.push({
      ...{ do: "submit", waits: then === "wait", priority: 5, ms, budgetMs: undefined },
      ...{ signal: undefined, then: "nothing" },
    });
    this.#depth--;
  }

  /** Submitted right after the sink, as its number is not known within. */
  readonly #nested: (Move & { do: "submit" })[] = [];

  play(move: Move): Promise<void> | undefined {
    const { clock, router } = this.#world;
    let closing: Promise<void> | undefined;
    if (move.do === "submit") this.submit(move);
    else if (move.do === "abort") this.#signals[move.signal].abort();
    else if (move.do === "advance") clock.advance(move.ms);
    else if (move.do === "resize") router.configure({ cpuQueueCapacity: move.capacity });
    else closing = router.close({ drainMs: move.drainMs });
    for (let next = this.#nested.shift(); next !== undefined; next = this.#nested.shift()) {
      this.submit(next);
    }
    this.look();
    clock.advance(0);
    this.look();
    const { load } = router;
    const hasPlace = load.waitingForRoom > 0 && hasPoolRoom(load);
    if (hasPlace) this.problems.push("a place is free, and somebody waits");
    return closing;
  }

  look(): void {
    const { load, inFlight, submitted, doubleSettled } = this.#world.router.stats();
    assert.ok(load.waitingForRoom <= this.#capacity, "who waits is bounded");
    assert.equal(load.waitingForRoom, this.#waiting.size, "who waits");
    assert.equal(inFlight, this.#submitted - this.#settled - this.#refused, "in flight");
    assert.equal(submitted, this.#submitted - this.#refused, "submitted");
    assert.equal(doubleSettled, 0);
    assert.deepEqual(this.problems, []);
  }

  end(): void {
    this.look();
    assert.equal(this.#settled + this.#refused, this.#submitted, "nothing is lost");
  }
}

test("who waits for room is served once, in order, and before anyone else", guarded, async () => {
  await fc.assert(
    fc.asyncProperty(scenarios, async ({ moves, ...options }) => {
      const world = await createWorld({
        ...options,
        policy: forcedPolicy("cpu_pool"),
        priorityAgeingMs: 1e9, // none rises
      });
      const room = new Room(world, options.waitCapacity);
      let closing: Promise<void> | undefined;
      for (const move of moves) {
        const closed = room.play(move);
        closing ??= closed;
      }
      world.clock.runUntil(world.clock.now() + 100_000);
      room.end();
      closing ??= world.router.close();
      world.clock.runUntil(world.clock.now() + 100_000);
      await closing;
      room.end();
      assert.equal(world.clock.pending, 0, "nothing is left in the clock");
    }),
    sharedRuns(150),
  );
});
