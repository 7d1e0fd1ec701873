// How many runs of an asynchronous kind there are at a time, on services that are only modelled.
import assert from "node:assert/strict";
import { test } from "node:test";
import { AsyncLimit, AsyncLimits, type Cohort } from "../../src/lanes/async_limit.ts";
import type { KindFacts } from "../../src/policy/policy.ts";
import { createRandom } from "../virtual/random.ts";

/** A service that takes so long, in ms, while so many runs are at it. */
type Latency = (number: number) => number;

/** A service that clients ask again as soon as they have an answer, as many at a time as the limit lets. */
class Service {
  readonly limit = new AsyncLimit();
  latency: Latency;
  #nowMs = 0;
  readonly #running: {
    readonly startMs: number;
    readonly endMs: number;
    readonly cohort: Cohort;
  }[] = [];

  constructor(latency: Latency) {
    this.latency = latency;
  }

  /** Lets so many begin, as soon as they may, and end; returns how long that took, in ms. */
  burst(runs: number): number {
    const sinceMs = this.#nowMs;
    for (let left = runs; left > 0 || this.#running.length > 0;) {
      left -= this.#begin(this.#running.length + left);
      this.#endNext();
    }
    return this.#nowMs - sinceMs;
  }

  /** Lets so many runs end; returns how many of the second half did in a ms. */
  run(clients: number, runs: number): number {
    let halfMs = NaN;
    for (let ended = 0; ended < runs; ended++) {
      this.#begin(clients);
      if (ended === runs >> 1) halfMs = this.#nowMs;
      this.#endNext();
    }
    return (runs - (runs >> 1)) / (this.#nowMs - halfMs);
  }

  #endNext(): void {
    const next = this.#running.reduce((a, b) => b.endMs < a.endMs ? b : a);
    this.#running.splice(this.#running.indexOf(next), 1);
    this.#nowMs = next.endMs;
    this.limit.end(next.endMs - next.startMs, next.cohort);
  }

  /** Lets runs begin until so many do at a time; returns how many have begun. */
  #begin(clients: number): number {
    let begun = 0;
    for (; this.#running.length < clients && !this.limit.isFull; begun++) {
      const cohort = this.limit.begin();
      const endMs = this.#nowMs + this.latency(this.limit.running);
      this.#running.push({ startMs: this.#nowMs, endMs, cohort });
    }
    return begun;
  }
}

/** The most that can be done in a ms, with up to 200 at a time. */
function best(latency: Latency): number {
  return Math.max(...Array.from({ length: 200 }, (_, i) => (i + 1) / latency(i + 1)));
}

const contended: Latency = (n) => 5 + 0.1 * n * n;

/** Factors by which latencies differ, with a mean of 1. */
const spreads: Readonly<Record<string, (random: () => number) => number>> = {
  "always the same": () => 1,
  "up to twice as long": (random) => 0.2 + 1.6 * random(),
  "exponential": (random) => -Math.log(1 - random()),
  "one in ten eleven times as long": (random) => random() < 0.9 ? 0.5 : 5.5,
};

for (const [name, factor] of Object.entries(spreads)) {
  test(`AsyncLimit gets 80 % of the most from a service that slows down, latencies ${name}`, () => {
    for (const seed of [1, 2, 3]) {
      const random = createRandom(seed);
      const service = new Service((n) => contended(n) * factor(random));
      service.run(200, 4_000);
      const rate = service.run(200, 8_000);
      assert.ok(rate > 0.8 * best(contended), `${rate} with ${service.limit.limit}`);
      assert.ok(service.limit.limit < 31, `${service.limit.limit}`);
    }
  });
}

test("AsyncLimit lets no more wait at a service than it needs, however latencies are spread", () => {
  for (const [name, factor] of Object.entries(spreads)) {
    const random = createRandom(5);
    const service = new Service((n) => Math.max(10, n / 4) * factor(random)); // 40 at a time, the rest waits
    const rate = service.run(200, 20_000);
    assert.ok(rate > 3.2 && service.limit.limit < 200, `${name}: ${rate}, ${service.limit.limit}`);
  }
});

test("AsyncLimit grows beyond the number of clients while that costs nothing", () => {
  for (const clients of [200, 500]) {
    const service = new Service(() => 10);
    service.run(clients, 10_000);
    const rate = service.run(clients, 20_000);
    assert.ok(service.limit.limit > clients, `${service.limit.limit}`);
    assert.ok(rate > 0.99 * clients / 10);
  }
});

test("AsyncLimit lets all of a burst run at a time soon, if that costs nothing", () => {
  const service = new Service(() => 20);
  const times = Array.from({ length: 6 }, () => service.burst(200));
  assert.ok(times[0] <= 140, `${times}`);
  assert.deepEqual(times.slice(4), [20, 20]);
  const random = createRandom(2);
  const uneven = new Service(() => 4 + 32 * random());
  for (let i = 0; i < 6; i++) uneven.burst(200);
  assert.ok(uneven.burst(200) < 40);
});

test("AsyncLimit does not shrink for latencies of 1 to 100 ms, if they do not go by the number", () => {
  const random = createRandom(3);
  const service = new Service(() => 100 ** random());
  let least = Infinity;
  for (let i = 0; i < 40; i++) {
    service.run(200, 500);
    least = Math.min(least, service.limit.limit);
  }
  assert.ok(least >= 31 && service.limit.limit > 100, `${least}, ${service.limit.limit}`);
});

test("AsyncLimit stays where it is while few run at a time", () => {
  const service = new Service(() => 10);
  for (const clients of [1, 3, 20]) {
    service.run(clients, 5_000);
    assert.equal(service.limit.limit, 31);
  }
});

test("AsyncLimit keeps what it has found while few run at a time", () => {
  const service = new Service(() => 10);
  service.run(200, 10_000);
  const { limit } = service.limit;
  service.run(3, 20_000);
  assert.equal(service.limit.limit, limit);
});

test("AsyncLimit finds its way after deploys: twice as slow, without contention, and back", () => {
  const service = new Service(contended);
  const share = (latency: Latency) => {
    service.latency = latency;
    service.run(200, 10_000);
    return service.run(200, 5_000) / best(latency);
  };
  const deploys: Latency[] = [
    contended,
    (n) => 2 * contended(n),
    () => 5,
    contended,
    (n) => 10 * n,
    () => 20,
    (n) => 5 + n * n,
  ];
  deploys.forEach((latency, i) => {
    const found = share(latency);
    assert.ok(found > 0.8, `deploy ${i}: ${found}`);
  });
});

test("AsyncLimit has one at a time where more are of no use, and gets away from there", () => {
  const service = new Service((n) => 10 * n);
  service.run(50, 10_000);
  assert.ok(service.limit.limit <= 2, `${service.limit.limit}`);
  service.latency = () => 10;
  service.run(50, 20_000);
  assert.ok(service.limit.limit >= 50, `${service.limit.limit}`);
});

test("AsyncLimit has one at a time where two get less done", () => {
  const service = new Service((n) => 10 * n * n);
  service.run(50, 4_000);
  assert.ok(service.run(50, 4_000) > 0.09); // one each 10 ms; two at a time: one each 20 ms
});

test("AsyncLimit learns nothing from runs that failed, however quick they are", () => {
  const service = new Service(contended);
  service.run(200, 4_000);
  const { limit } = service;
  const [before, latencyMs] = [limit.limit, limit.latencyMs];
  const running = limit.running;
  for (let i = 0; i < 50_000; i++) limit.end(NaN, limit.begin());
  assert.deepEqual([limit.limit, limit.latencyMs, limit.running], [before, latencyMs, running]);
});

test("AsyncLimit knows how long runs take lately", () => {
  const limit = new AsyncLimit();
  assert.ok(Number.isNaN(limit.latencyMs));
  limit.end(40, limit.begin());
  assert.equal(limit.latencyMs, 40);
  for (let i = 0; i < 200; i++) limit.end(0.5, limit.begin());
  assert.ok(limit.latencyMs > 0.5 && limit.latencyMs < 0.51, `${limit.latencyMs}`);
  limit.end(16.5, limit.begin());
  assert.ok(limit.latencyMs > 1.4 && limit.latencyMs < 1.6, `${limit.latencyMs}`);
});

test("AsyncLimit takes runs of no time, and as many as there can be", () => {
  const limit = new AsyncLimit();
  for (let i = 0; i < 1_000; i++) limit.end(0, limit.begin());
  limit.limit = Infinity;
  const cohort = limit.begin();
  for (let i = 1; i < 2 ** 21; i++) assert.equal(limit.begin(), cohort);
  for (let i = 0; i < 100; i++) limit.end(1, cohort);
  assert.equal(limit.running, 2 ** 21 - 100);
  assert.ok(limit.limit >= 1);
});

/** Limits of which one is full: 31 runs of kind 2 have begun. */
function fullLimits(): AsyncLimits {
  const limits = new AsyncLimits();
  for (let i = 0; i < 31; i++) limits.begin(2);
  return limits;
}

test("AsyncLimits keeps kinds apart, and tells when one may run again", () => {
  const limits = fullLimits();
  const freed: number[] = [];
  limits.freed = (kind) => freed.push(kind);
  limits.begin(0);
  assert.deepEqual([0, 1, 2].map((kind) => limits.isFull(kind)), [false, false, true]);
  limits.end(2, 5, { number: 31 });
  assert.equal(limits.isFull(2), false);
  assert.deepEqual(freed, [2]);
});

test("AsyncLimits says in words that a kind is at its limit", () => {
  const limits = new AsyncLimits();
  const fetch = { index: 0, name: "fetch" } as KindFacts;
  assert.equal(limits.wordsOf(fetch), undefined);
  for (let running = 0; !limits.isFull(0); running++) limits.begin(0);
  const wait =
    'It would wait until fewer jobs of kind "fetch" run than 31: as was seen, more at a time get no more done';
  assert.equal(limits.wordsOf(fetch), `${wait}.`);
  limits.hold(0, 1);
  assert.equal(limits.wordsOf(fetch), `${wait}, and 1 wait already.`);
});

test("AsyncLimits takes a job that waits for too late only by what is known", () => {
  const limits = fullLimits();
  assert.equal(limits.isTooLate(2, 1_000, 1, 0), false, "no run has ended yet");
  limits.end(2, 62, { number: 31 });
  limits.begin(2);
  assert.equal(limits.isTooLate(2, 1_000, NaN, 0), false, "nobody knows what it needs");
  // Each of 31 runs takes 62 ms, so one may begin each 2 ms.
  assert.equal(limits.isTooLate(2, 49, 100, 0), false);
  assert.equal(limits.isTooLate(2, 50, 100, 0), true);
});

test("AsyncLimits has the queue be no longer than a run takes for a second after a job was too late", () => {
  const limits = fullLimits();
  limits.end(2, 62, { number: 31 });
  limits.begin(2);
  assert.equal(limits.isTooLate(2, 40, 100, 0), false);
  assert.equal(limits.isTooLate(2, 60, 100, 10), true);
  assert.equal(limits.isTooLate(2, 30, 100, 1_009), false);
  assert.equal(limits.isTooLate(2, 31, 100, 1_009), true, "and that begins another second");
  assert.equal(limits.isTooLate(2, 40, 100, 2_009), false);
});
