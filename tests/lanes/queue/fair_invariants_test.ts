// Whatever is done to the queue of a pool, no call is lost, or twice in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BatchCall } from "../../../src/lanes/batch_call.ts";
import type { Job } from "../../../src/job/job.ts";
import { runs } from "../../fixtures/property.ts";
import { createRandom } from "../../virtual/random.ts";
import { FairBench } from "./fair_bench.ts";

type Queued = Job | BatchCall;

/** A queue and the calls that must be in it, of which random ones come, leave and return. */
class Ordeal {
  readonly bench: FairBench;
  readonly #random: () => number;
  readonly #inside = new Set<Queued>();
  readonly #outside: Queued[] = [];
  /** What a policy does to the facts of a call that is queued, and to those of one that comes. */
  readonly spoil: (job: Job) => void;

  constructor(seed: number, spoil: (job: Job, random: () => number) => void = () => {}) {
    this.#random = createRandom(seed);
    this.bench = new FairBench({ ageingMs: 1 + this.#below(200), isFair: this.#below(2) === 0 });
    this.spoil = (job) => spoil(job, this.#random);
  }

  #below(count: number): number {
    return Math.floor(this.#random() * count);
  }

  /** One random operation; what must hold before and after it is checked. */
  step(): void {
    const { bench } = this;
    const { queue, load } = bench;
    const dice = this.#random();
    if (dice < 0.3) this.#push();
    else if (dice < 0.45) this.#take();
    else if (dice < 0.55) this.#remove();
    else if (dice < 0.62) this.#putBack();
    else if (dice < 0.72) load.nowMs += this.#random() * 40;
    else if (dice < 0.77) this.#learn();
    else if (dice < 0.8) this.#resize();
    else if (dice < 0.85) {
      for (const call of this.#inside) this.spoil("jobs" in call ? call.jobs[0] : call);
    } else if (dice < 0.95) {
      const job = this.#newJob();
      const { waitMs, place } = queue.outlook(job.facts);
      assert.ok(["in_time", "doubtful", "late"].includes(place) && !(waitMs < 0));
      queue.aheadMs(job.facts, load.nowMs);
      bench.inFlight(job.kind.index, -1);
    } else if (dice < 0.96) { while (this.#take()); }
    this.#check();
  }

  #check(): void {
    const { queue } = this.bench;
    assert.equal(queue.length, this.#inside.size);
    const all = queue.all();
    assert.equal(all.length, this.#inside.size);
    assert.ok(all.every((call) => this.#inside.has(call as Queued)), "it has what has left");
    assert.equal(new Set(all).size, all.length, "it has one twice");
    const { first, last } = queue;
    assert.equal(first === null, this.#inside.size === 0);
    assert.equal(last === null, this.#inside.size === 0);
    if (first !== null) assert.ok(this.#inside.has(first as Queued));
    if (last !== null) assert.ok(this.#inside.has(last as Queued));
  }

  #newJob(): Job {
    const budget = this.#random();
    const job = this.bench.job(this.#below(4), {
      priority: this.#random() < 0.7 ? 5 : this.#below(10),
      ...budget < 0.4 ? {} : { latencyBudgetMs: 1 + 200 * this.#random() },
      ...this.#random() < 0.5 ? {} : { key: `k${this.#below(5)}` },
      ...this.#random() < 0.5 ? {} : { computeCost: 1 + this.#below(1_000) },
    });
    if (this.#random() < 0.05) job.isProbe = true;
    return job;
  }

  #push(): void {
    const job = this.#newJob();
    let call: Queued = job;
    if (this.#random() < 0.1) {
      call = new BatchCall(job);
      for (let i = 0; i < 3; i++) call.add(this.bench.job(job.kind.index, { priority: 5 + i }));
    }
    call.forecast(this.bench.load);
    this.bench.queue.push(call, this.bench.load.nowMs);
    this.#inside.add(call);
    this.spoil(job);
  }

  #take(): boolean {
    const call = this.bench.take();
    if (call !== null) this.#leaves(call);
    return call !== null;
  }

  #leaves(call: Queued): void {
    assert.ok(this.#inside.delete(call));
    assert.equal(this.bench.queue.remove(call), false, "it has left");
    this.#outside.push(call);
    if (this.#outside.length > 20) {
      const [gone] = this.#outside.splice(0, 1);
      this.bench.inFlight(gone.kind.index, -gone.size);
    }
  }

  #remove(): void {
    const call = [...this.#inside][this.#below(this.#inside.size)];
    if (call === undefined) return;
    assert.equal(this.bench.queue.remove(call), true);
    this.#leaves(call);
  }

  #putBack(): void {
    const [call] = this.#outside.splice(this.#below(this.#outside.length), 1);
    if (call === undefined) return;
    this.bench.queue.putBack(call);
    this.#inside.add(call);
  }

  #learn(): void {
    const kind = { index: this.#below(4) };
    const ms = 2 ** (12 * this.#random() - 6);
    this.bench.model.learn(kind, NaN, ms, ms, this.bench.load.nowMs);
  }

  #resize(): void {
    this.bench.workers = this.#below(4);
    this.bench.free = this.bench.free.map(() => 20 * this.#random()).sort((a, b) => a - b);
  }

  /** Takes out all that is left. */
  end(): void {
    while (this.#take()) this.#check();
    assert.equal(this.#inside.size, 0, "some are lost");
  }
}

test("FairQueue loses no call, and has none twice, whatever comes and goes", () => {
  fc.assert(
    fc.property(fc.integer(), (seed) => {
      const ordeal = new Ordeal(seed);
      for (let i = 0; i < 200; i++) ordeal.step();
      ordeal.end();
    }),
    runs(100),
  );
});

test("FairQueue holds through thousands of operations", () => {
  const ordeal = new Ordeal(7);
  for (let i = 0; i < 5_000; i++) ordeal.step();
  ordeal.end();
});

const SPOILS: readonly unknown[] = [NaN, Infinity, -Infinity, -1, 3.5, 1e300, 0, "5", null];
const FACTS = ["key", "priority", "latencyBudgetMs", "computeCost", "arrivedAtMs", "submittedAtMs"];

for (const fact of FACTS) {
  test(`FairQueue holds when a policy writes to the ${fact} of jobs`, () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(...SPOILS), (seed, value) => {
        const ordeal = new Ordeal(seed, ({ facts }, random) => {
          if (random() < 0.3) (facts as unknown as Record<string, unknown>)[fact] = value;
        });
        for (let i = 0; i < 100; i++) ordeal.step();
        ordeal.end();
      }),
      runs(60),
    );
  });
}

test("FairQueue holds when it is given back a job that never was in it, with no time of submission", () => {
  for (const value of SPOILS) {
    const bench = new FairBench().know(0, 1).know(1, 1);
    bench.load.nowMs = 1e6;
    const jobs = [0, 1, 0, 1, 0].map((kind) => bench.push(kind, { priority: 9 }));
    const strange = bench.job(1);
    (strange.facts as { submittedAtMs: unknown }).submittedAtMs = value;
    bench.queue.putBack(strange);
    for (const call of bench.queue.all()) bench.queue.aheadMs(call.facts, 1e6);
    assert.equal(bench.queue.remove(strange), true);
    assert.deepEqual(bench.drain(), jobs.map(({ id }) => id));
  }
});
