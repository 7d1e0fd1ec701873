import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Histogram } from "../../mod.ts";
import { STATUSES, STRATEGIES } from "../../src/outcome.ts";
import { type Totals, Windows } from "../../src/observe/windows.ts";
import { guarded } from "../fixtures/until.ts";
import { runs } from "../fixtures/property.ts";

interface Event {
  readonly atMs: number;
  readonly latencyMs: number;
}

/** Completed jobs of one strategy, as a router would count them. */
class Counted {
  readonly latencyMs = STRATEGIES.map(() => new Histogram());
  readonly #statuses = STATUSES.map(() => 0);
  readonly #routed = STRATEGIES.map(() => 0);
  #drops = 0;

  add({ latencyMs }: Event): void {
    this.#statuses[0]++;
    this.#routed[1]++;
    this.#drops += latencyMs > 50 ? 1 : 0;
    this.latencyMs[1].record(latencyMs);
  }

  totals(): Totals {
    const submitted = this.#statuses[0];
    const dropReasons: Record<string, number> = this.#drops > 0 ? { expired: this.#drops } : {};
    const [statuses, routed] = [[...this.#statuses], [...this.#routed]];
    const { latencyMs } = this;
    return { submitted, withinBudget: submitted, statuses, routed, dropReasons, latencyMs };
  }
}

const gaps = fc.oneof(
  { weight: 5, arbitrary: fc.nat(400) },
  { weight: 2, arbitrary: fc.nat(5_000) },
  { weight: 1, arbitrary: fc.nat(200_000) },
);
const steps = fc.array(
  fc.record({ gapMs: gaps, latencyMs: fc.integer({ min: 1, max: 100 }), reads: fc.boolean() }),
  { minLength: 1, maxLength: 150, size: "max" },
);

test(
  "Windows give what was counted since a moment that is at most a second too early",
  guarded,
  () => {
    fc.assert(
      fc.property(
        steps,
        fc.constantFrom(10_000, 60_000),
        fc.nat(5_000),
        (plan, spanMs, startMs) => {
          const counted = new Counted();
          const windows = new Windows(startMs, () => counted.totals());
          const events: Event[] = [];
          let nowMs = startMs;
          for (const { gapMs, latencyMs, reads } of plan) {
            nowMs += gapMs;
            windows.check(nowMs);
            const event = { atMs: nowMs, latencyMs };
            events.push(event);
            counted.add(event);
            if (!reads) continue;
            const window = windows.last(spanMs, nowMs, counted.totals());
            const sinceMs = nowMs - window.spanMs;
            const age = nowMs - startMs;
            if (age < spanMs) assert.equal(window.spanMs, age);
            else assert.ok(window.spanMs >= spanMs && window.spanMs < spanMs + 1_000);
            const inside = events.filter(({ atMs }) => atMs >= sinceMs);
            assert.equal(window.completed, inside.length);
            assert.equal(window.submitted, inside.length);
            assert.equal(window.routed.spawn, inside.length);
            const drops = inside.filter((event) => event.latencyMs > 50).length;
            assert.deepEqual(window.dropReasons, drops > 0 ? { expired: drops } : {});
            const wanted = new Histogram();
            for (const event of inside) wanted.record(event.latencyMs);
            const { count, p50, p99, max } = window.latencyMs.spawn;
            assert.equal(count, wanted.count);
            assert.ok(Math.abs(p50 - wanted.quantile(0.5)) <= 0.02 * p50);
            assert.ok(Math.abs(p99 - wanted.quantile(0.99)) <= 0.02 * p99);
            assert.ok(max >= wanted.figures().max && max <= wanted.figures().max * 1.032 + 0.001);
          }
        },
      ),
      runs(200),
    );
  },
);

test("Windows are empty after a time without anything", () => {
  const counted = new Counted();
  const windows = new Windows(0, () => counted.totals());
  windows.check(500);
  counted.add({ atMs: 500, latencyMs: 3 });
  assert.equal(windows.last(10_000, 9_000, counted.totals()).completed, 1);
  assert.equal(windows.last(10_000, 12_000, counted.totals()).completed, 0);
  assert.equal(windows.last(60_000, 12_000, counted.totals()).completed, 1);
  const later = windows.last(60_000, 1e9, counted.totals());
  assert.deepEqual([later.completed, later.latencyMs.spawn.max], [0, 0]);
});
