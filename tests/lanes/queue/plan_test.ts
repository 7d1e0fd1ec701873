// Who steps back when more waits than can be done in time.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call } from "../../../src/job/call.ts";
import { Plan, type Planned } from "../../../src/lanes/queue/plan.ts";
import { PoolServer } from "../../../src/lanes/queue/server.ts";
import { Shares } from "../../../src/lanes/queue/shares.ts";
import type { LoadGauges } from "../../../src/policy/load.ts";
import type { JobFacts } from "../../../src/policy/policy.ts";

/** A plan at time 100, of calls that are given by few figures. */
class Sketch {
  readonly load = { nowMs: 100, cpuParallelism: 1, freeInMs: () => this.free };
  free: readonly number[] = [0];
  readonly shares = new Shares();
  readonly plan: Plan<Planned>;
  #id = 0;

  constructor(isFair = false) {
    const load = this.load as unknown as LoadGauges;
    const server = new PoolServer(load);
    this.plan = new Plan<Planned>(load, server, isFair ? this.shares : null);
  }

  /** Adds a call that is to start within so many ms, and keeps its worker for so many. */
  add(keepsMs: number, inMs = Infinity, more: Partial<Planned> & { kind?: number } = {}): Planned {
    const { kind = 0, ...rest } = more;
    const entry: Planned = {
      ...{ call: null as unknown as Call, id: ++this.#id, level: 5, keepsMs, variance: 0 },
      ...{ isPatient: false, isProbe: false, key: "", flow: null },
      dueMs: 100 + inMs + keepsMs,
      latestStartMs: 100 + inMs,
      shareClass: this.classOf(kind),
      ...rest,
    };
    this.plan.add(entry);
    return entry;
  }

  classOf(kind: number): Planned["shareClass"] {
    return this.shares.classOf({ kind: { index: kind }, latencyBudgetMs: Infinity } as JobFacts);
  }

  /** The calls that have to step back, one after the other. */
  settle(): Planned[] {
    this.plan.look();
    const gone: Planned[] = [];
    this.plan.settle((one) => gone.push(one));
    return gone;
  }
}

test("Plan has nobody step back as long as all are in time", () => {
  const sketch = new Sketch();
  for (let i = 0; i < 10; i++) sketch.add(10, 10 * i);
  assert.deepEqual(sketch.settle(), []);
  assert.equal(sketch.plan.size, 10);
});

test("Plan has the largest step back of those up to the one that would be late", () => {
  const sketch = new Sketch();
  sketch.add(10, 0);
  const large = sketch.add(50, 10);
  const late = sketch.add(5, 55);
  sketch.add(500, 1_000);
  assert.deepEqual(sketch.settle(), [large]);
  assert.equal(sketch.plan.beforeMs(late), 10);
});

test("Plan has the one that would be late step back itself if it is the largest, and of equals", () => {
  for (const [firstMs, lateMs] of [[10, 20], [10, 10]]) {
    const sketch = new Sketch();
    sketch.add(firstMs, 0);
    const late = sketch.add(lateMs, 5);
    assert.deepEqual(sketch.settle(), [late]);
  }
});

test("Plan has the least number of equal calls step back", () => {
  const sketch = new Sketch();
  const calls = Array.from({ length: 20 }, () => sketch.add(10, 95));
  const gone = sketch.settle();
  assert.deepEqual(gone.map(({ id }) => id), calls.slice(10).map(({ id }) => id));
});

test("Plan lets only those of the same level step back", () => {
  const sketch = new Sketch();
  const huge = sketch.add(50, 0, { level: 6 });
  const late = sketch.add(5, 20);
  sketch.add(70, 0, { level: 4, latestStartMs: Infinity });
  assert.deepEqual(sketch.settle(), [late]);
  assert.equal(sketch.plan.first, huge);
});

test("Plan has a call step back that would be late even as the first, whoever is larger", () => {
  const sketch = new Sketch();
  sketch.free = [30];
  const large = sketch.add(40, 30);
  const late = sketch.add(1, 29.9, { dueMs: 500 });
  assert.deepEqual(sketch.settle(), [late]);
  assert.equal(sketch.plan.first, large);
});

test("Plan has the largest of the class step back that has had most", () => {
  const sketch = new Sketch(true);
  const [greedy, modest] = [1, 2];
  const small = sketch.add(8, 0, { kind: greedy });
  sketch.add(4, 0, { kind: greedy, dueMs: 90 });
  const large = sketch.add(20, 12, { kind: modest });
  const late = sketch.add(5, 31, { kind: modest });
  sketch.shares.give(sketch.classOf(greedy), 1_000, 0);
  sketch.shares.give(sketch.classOf(modest), 10, 0);
  assert.deepEqual(sketch.settle(), [small]);
  for (const entry of [large, late]) sketch.plan.remove(entry);
  const [later, rest] = [sketch.add(20, 4, { kind: modest }), sketch.add(5, 23, { kind: modest })];
  sketch.shares.give(sketch.classOf(modest), 5_000, 0);
  assert.deepEqual(sketch.settle(), [later], "that has changed now");
  assert.equal(sketch.plan.last, rest);
});

test("Plan counts the largest alone if classes have no shares", () => {
  const sketch = new Sketch(false);
  sketch.add(8, 0, { kind: 1 });
  const large = sketch.add(20, 8, { kind: 2 });
  sketch.add(5, 27, { kind: 2 });
  sketch.shares.give(sketch.classOf(1), 1_000, 0);
  assert.deepEqual(sketch.settle(), [large]);
});

test("Plan looks at the other classes if the one that has had most has none up to the late one", () => {
  const sketch = new Sketch(true);
  const large = sketch.add(20, 0, { kind: 1 });
  sketch.add(5, 10, { kind: 1 });
  sketch.add(9, 500, { kind: 2 });
  sketch.add(9, 0, { kind: 2, level: 3, latestStartMs: Infinity });
  sketch.shares.give(sketch.classOf(2), 1_000, 0);
  assert.deepEqual(sketch.settle(), [large]);
});

test("Plan spares the class of the one that would be late if others have had as much", () => {
  for (const late of [1, 2]) {
    const sketch = new Sketch(true);
    const [first, second] = [sketch.add(10, 0, { kind: 1 }), sketch.add(10, 10, { kind: 2 })];
    sketch.add(10, 19, { kind: late });
    assert.deepEqual(sketch.settle(), [late === 1 ? second : first]);
  }
});

test("Plan has the largest step back of classes that have had as much, in whatever order they came", () => {
  for (const sizes of [[10, 30, 20], [30, 20, 10], [20, 10, 30]]) {
    const sketch = new Sketch(true);
    const calls = sizes.map((ms, kind) => sketch.add(ms, Infinity, { kind, dueMs: 100 }));
    sketch.add(40, 50, { kind: 3 });
    assert.deepEqual(sketch.settle(), [calls[sizes.indexOf(30)]]);
  }
});

test("Plan has all workers share what waits, as they get free", () => {
  const sketch = new Sketch();
  sketch.load.cpuParallelism = 3;
  sketch.free = [0, 10, 50];
  sketch.plan.look();
  assert.deepEqual([0, 5, 20, 60, 120].map((ms) => sketch.plan.startInMs(ms)), [0, 5, 15, 35, 60]);
  sketch.add(20, Infinity, { dueMs: 100 });
  sketch.add(5, 15);
  assert.deepEqual(sketch.settle(), []);
  const late = sketch.add(25, 17.4, { dueMs: 200 });
  assert.deepEqual(sketch.settle(), [late]);
});

test("Plan tells whether there is room for a call, and has nobody step back for that", () => {
  const sketch = new Sketch();
  const large = sketch.add(40, 20, { dueMs: 100 });
  for (let i = 0; i < 4; i++) sketch.add(10, 40 + 10 * i);
  const entryOf = (keepsMs: number, inMs: number) => {
    const entry = sketch.add(keepsMs, inMs);
    sketch.plan.remove(entry);
    return entry;
  };
  assert.equal(sketch.plan.roomFor(entryOf(30, 0)), 0, "the large one would have to");
  assert.equal(sketch.plan.roomFor(entryOf(45, 0)) >= 0, false);
  assert.equal(sketch.plan.roomFor(entryOf(5, 100)) >= 0, true);
  assert.equal(sketch.plan.size, 5);
  assert.deepEqual(sketch.settle(), []);
  assert.equal(sketch.plan.first, large);
});

test("Plan keeps what it knows when the number of workers changes", () => {
  const sketch = new Sketch();
  sketch.load.cpuParallelism = 2;
  sketch.free = [0, 0];
  const calls = [0, 10, 20, 30].map((inMs) => sketch.add(20, inMs));
  assert.deepEqual(sketch.settle(), []);
  sketch.load.cpuParallelism = 1;
  sketch.free = [0];
  assert.deepEqual(sketch.settle(), [calls[1], calls[3]]);
  assert.equal(sketch.plan.size, 2);
  sketch.load.cpuParallelism = 0;
  assert.deepEqual(sketch.settle(), [], "with none at all it plans for one");
});

test("Plan leaves the more time free the less is known of what is before", () => {
  const stepsBack = (variance: number, workers: number) => {
    const sketch = new Sketch();
    sketch.load.cpuParallelism = workers;
    sketch.free = new Array(workers).fill(0);
    for (let i = 0; i < workers; i++) sketch.add(20, Infinity, { variance, dueMs: 100 });
    sketch.add(20, 35);
    return sketch.settle().length > 0;
  };
  assert.equal(stepsBack(99, 1), false); // 20 ms, and 1.5 standard deviations: 15 ms
  assert.equal(stepsBack(101, 1), true);
  assert.equal(stepsBack(101, 2), false);
});
