import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidHintError } from "../../mod.ts";
import type { AnyKind } from "../../src/define/jobs.ts";
import { createWorld, defineSet, offer, Told } from "../virtual/world.ts";

const MAX_MS = 2_147_483_647;

const wrongHints: [string, unknown[], string][] = [
  ["computeCost", [-1, NaN, Infinity, -Infinity, "5", null, 5n, {}], "a finite number >= 0"],
  ["scalingPotential", [-0.01, 1.01, NaN, Infinity, "1", null], "a number from 0 to 1"],
  ["key", ["", "k".repeat(201), 1, null, {}, Symbol.iterator], "a string of 1 to 200 characters"],
  ["priority", [-1, 10, 5.5, NaN, Infinity, "5", null, 5n], "an integer from 0 to 9"],
];
const timeHints = ["latencyBudgetMs", "runTimeoutMs", "abortAfterMs"].map((
  hint,
): typeof wrongHints[number] => [
  hint,
  [0, -1, NaN, Infinity, MAX_MS + 1, 1e300, "50", null, {}],
  `a number of ms above 0 and at most ${MAX_MS}`,
]);

test("hints out of range reject with InvalidHintError, and are only counted as refused", async () => {
  const { router } = await createWorld();
  let count = 0;
  for (const [hint, values, wanted] of [...wrongHints, ...timeHints]) {
    for (const value of values) {
      const promise = router.submit("local", { id: 1, ms: 1 }, { [hint]: value });
      await assert.rejects(promise, (error) => {
        assert.ok(error instanceof InvalidHintError, `${hint}: ${error}`);
        assert.deepEqual([error.hint, error.received, error.wanted], [hint, value, wanted]);
        assert.match(error.message, /^Cannot submit job of kind "local" as "\w+" must be /);
        return true;
      });
      const told = new Told();
      router.offer("local", { id: 1, ms: 1 }, { [hint]: value }, told);
      assert.ok(told.refusals[0] instanceof InvalidHintError);
      count += 2;
    }
  }
  const { submitted, inFlight, rejected } = router.stats();
  assert.deepEqual([submitted, inFlight, rejected], [0, 0, { invalid_hints: count }]);
});

test("hints at the edge of their range are taken", async () => {
  const world = await createWorld();
  const hints = [
    ...[0, Number.MIN_VALUE, Number.MAX_VALUE].map((computeCost) => ({ computeCost })),
    ...[0, 1].map((scalingPotential) => ({ scalingPotential })),
    ...[0, 9, -0].map((priority) => ({ priority })),
    ...[" ", "k".repeat(200)].map((key) => ({ key })),
    ...[Number.MIN_VALUE, MAX_MS].map((latencyBudgetMs) => ({ latencyBudgetMs })),
    ...[Number.MIN_VALUE, MAX_MS].map((runTimeoutMs) => ({ runTimeoutMs })),
    ...[Number.MIN_VALUE, MAX_MS].map((abortAfterMs) => ({ abortAfterMs })),
    { signal: undefined, priority: undefined, computeCost: undefined },
  ];
  for (const one of hints) {
    const told = new Told();
    world.router.offer("shared", { id: 1, ms: 0 }, one, told);
    assert.equal(told.refusals.length, 0, JSON.stringify(one));
  }
  world.clock.run();
  assert.equal(world.router.stats().inFlight, 0);
});

test("a signal or transfer of the wrong type is a wrong hint, not a stuck job", async () => {
  const world = await createWorld();
  const wrong = [
    ...[null, {}, "abort", 1, new AbortController()].map((signal) => ({ signal })),
    ...[null, {}, "abc", 1, new ArrayBuffer(1)].map((transfer) => ({ transfer })),
  ];
  for (const options of wrong) {
    const promise = world.router.submit("shared", { id: 1, ms: 1 }, options as never);
    await assert.rejects(promise, InvalidHintError, JSON.stringify(options));
  }
  const { submitted, inFlight, rejected } = world.router.stats();
  assert.deepEqual([submitted, inFlight, rejected], [0, 0, { invalid_hints: wrong.length }]);
});

test("a cost function that throws or gives nonsense rejects the submit", async () => {
  const cause = new Error("no cost");
  const kinds: Record<string, AnyKind> = {
    throws: {
      run: () => 0,
      cost() {
        throw cause;
      },
    },
    negative: { run: () => 0, cost: () => -1 },
    nothing: { run: () => 0, cost: () => undefined as never },
    text: { run: () => 0, cost: () => "5" as never },
    later: { run: () => 0, cost: (() => Promise.resolve(5)) as never },
  };
  const { router } = await createWorld({ jobs: defineSet(kinds) });
  for (const kind of Object.keys(kinds)) {
    await assert.rejects(router.submit(kind, 0), (error) => {
      assert.ok(error instanceof InvalidHintError);
      assert.match(error.message, /from the kind's "cost" function/);
      if (kind !== "throws") return true;
      assert.equal(error.cause, cause);
      assert.match(error.message, /which threw: received Error: no cost$/);
      return true;
    });
  }
  assert.equal(router.stats().submitted, 0);
  const told = new Told();
  router.offer("throws", 0, { computeCost: 5 }, told);
  assert.equal(told.status, "completed", "the caller's own word goes before it");
});

test("options of a submit are an object of own properties, each of them known", async () => {
  const { router } = await createWorld();
  const offered = (options: unknown): unknown => {
    const told = new Told();
    router.offer("local", { id: 1, ms: 0 }, options as never, told);
    return told.refusals[0];
  };
  for (const options of [null, undefined, {}, Object.create(null), { priority: undefined }]) {
    assert.equal(offered(options), undefined);
  }
  class Settings {
    get priority(): number {
      return 3;
    }
  }
  const wrong: readonly [unknown, string][] = [
    [5, "options"],
    ["x", "options"],
    [true, "options"],
    [{ prioritee: 3 }, "prioritee"],
    [{ toString: 3 }, "toString"],
    [new Settings(), "priority"],
    [Object.create({ runTimeoutMs: 5 }), "runTimeoutMs"],
  ];
  for (const [options, hint] of wrong) {
    const error = offered(options);
    assert.ok(error instanceof InvalidHintError, `${hint}: ${error}`);
    assert.equal(error.hint, hint);
  }
});

test("a submit takes nothing from Object.prototype, and reads its options once", async () => {
  const world = await createWorld({ cpuParallelism: 1 });
  const polluted = Object.prototype as unknown as Record<string, unknown>;
  polluted.runTimeoutMs = 1;
  polluted.computeCost = -1;
  try {
    const heavy = { scalingPotential: 0.9 };
    const told = offer(world, "shared", { ms: 50 }, heavy);
    world.clock.run();
    assert.equal(told.status, "completed");
  } finally {
    delete polluted.runTimeoutMs;
    delete polluted.computeCost;
  }
  const first = new AbortController();
  const options: { signal?: AbortSignal } = { signal: first.signal };
  const told = offer(world, "shared", { ms: 50 }, options);
  options.signal = new AbortController().signal;
  first.abort();
  assert.equal(told.status, "cancelled");
  world.clock.run();
});
