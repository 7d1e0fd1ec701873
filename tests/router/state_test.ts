// What a router has learned, saved and restored.
import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidOptionError, type Policy, PolicyError, type RouterState } from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createWorld, offer, type WorldOptions } from "../virtual/world.ts";
import { byPriority } from "../policy/wishes.ts";

/** Creates a world; returns what it warns of, too. */
async function createWarned(options: WorldOptions) {
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (message: string) => void warnings.push(message);
  try {
    return { world: await createWorld(options), warnings };
  } finally {
    console.warn = warn;
  }
}

/** The state of a router that has run jobs of three kinds, as it comes out of a file. */
async function learnedState(policy: Policy = byPriority): Promise<RouterState> {
  const world = await createWorld({ policy, minWorkers: 2 });
  for (const ms of [10, 14, 12]) {
    offer(world, "shared", { ms }, { priority: 2, computeCost: 2 });
    offer(world, "local", { ms: 1 }, { priority: 1, computeCost: 5 });
    offer(world, "local_group", { ms: 3, later: true }, { priority: 1 });
    world.clock.run();
  }
  world.clock.advance(1_000);
  return JSON.parse(JSON.stringify(world.router.exportState()));
}

const saving: Policy<{ count: number }> = {
  name: "saving",
  init: () => ({ count: 0 }),
  decide: () => ({ strategy: "spawn", reason: "all" }),
  observe: (state, { type }) => void (state.count += type === "settle" ? 1 : 0),
  settings: ({ count }) => ({ count }),
  save: ({ count }) => ({ count }),
  load(saved) {
    const { count } = saved as { count?: unknown };
    if (typeof count !== "number") throw new TypeError("no count");
    return { count };
  },
};

test("a router goes on with what an earlier one has learned of its kinds", async () => {
  const state = await learnedState();
  const { world, warnings } = await createWarned({ state, policy: byPriority });
  const predict = (index: number) => world.router.load.model.predict({ index }, 2);
  const { typicalMs, highMs, samples, error, busyMs } = predict(2);
  assert.equal(samples, 3);
  assert.ok(typicalMs > 10 && typicalMs < 13 && highMs > typicalMs && error > 0 && busyMs > 0);
  assert.deepEqual([predict(0).isAsync, predict(1).isAsync], [false, true]);
  assert.ok(Number.isNaN(predict(3).typicalMs), "nothing was learned of it");
  assert.deepEqual(warnings, []);
});

test("what was restored is as old as it was, and may be probed at once", async () => {
  const state = await learnedState();
  const { world } = await createWarned({ state });
  const { ageMs, probeAtMs } = world.router.load.model.predict({ index: 2 }, 1);
  assert.ok(ageMs >= 1_000 && ageMs < 1_100, `${ageMs}`);
  assert.equal(probeAtMs, 0);
});

test("exportState() gives plain JSON that restores to the same", async () => {
  const state = await learnedState();
  const { world } = await createWarned({ state });
  const again = world.router.exportState();
  assert.deepEqual(JSON.parse(JSON.stringify(again)), again);
  const rounded = (_: string, value: unknown) =>
    typeof value === "number" ? Math.round(value * 1e9) / 1e9 : value;
  assert.equal(JSON.stringify(again, rounded), JSON.stringify(state, rounded));
});

test("kinds are restored by name, and unknown ones are ignored", async () => {
  const state = await learnedState();
  const model = (state.model as { kind: string }[]).toReversed();
  const more = [{ ...model[0], kind: "gone" }, { ...model[0], kind: "__proto__" }, ...model];
  const { world, warnings } = await createWarned({ state: { ...state, model: more } });
  assert.equal(world.router.load.model.predict({ index: 2 }, 1).samples, 3);
  assert.deepEqual(warnings, []);
  const few = await createWarned({ state: { ...state, model: [] } });
  assert.equal(few.world.router.load.model.predict({ index: 2 }, 1).samples, 0);
});

test("a policy's state is saved and restored, by its own functions", async () => {
  const world = await createWorld({ policy: saving });
  for (let i = 0; i < 3; i++) offer(world, "local");
  world.clock.run();
  const state = world.router.exportState();
  assert.deepEqual(state.policy, { name: "saving", state: { count: 3 } });
  const restored = await createWarned({ policy: saving, state });
  assert.deepEqual(restored.world.router.config().policy, { count: 3 });
  assert.deepEqual(restored.warnings, []);
  for (const other of [{ ...saving, name: "other" }, { ...saving, load: undefined }]) {
    const { world, warnings } = await createWarned({ policy: other, state });
    assert.deepEqual(world.router.config().policy, { count: 0 });
    assert.deepEqual(warnings, []);
  }
  const policy = forcedPolicy("inline");
  assert.equal((await createWorld({ policy })).router.exportState().policy, undefined);
});

test("a state of another version, or a damaged one, is refused as a whole with one warning", async () => {
  const state = await learnedState();
  const model = state.model as Record<string, unknown>[];
  const place = model.findIndex(({ kind }) => kind === "shared");
  const damaged = (change: object) => ({
    ...state,
    model: model.map((one, i) => i === place ? { ...one, ...change } : one),
  });
  const states: unknown[] = [
    {},
    [],
    { ...state, version: 2 },
    { ...state, version: "1" },
    { ...state, model: undefined },
    { ...state, model: {} },
    { ...state, model: [null] },
    { ...state, model: ["shared"] },
    { ...state, model: [{ kind: "shared" }] },
    ...[-1, 1e16, "5", {}, true].map((error) => damaged({ error })),
    ...[0, null, "true"].map((isAsync) => damaged({ isAsync })),
    ...[null, 5, {}, { slope: 1 }, { slope: -1, octaves: [] }, { slope: 4, octaves: [] }].map((
      run,
    ) => damaged({ run })),
    ...[
      null,
      [[0.5, 1, [[1, 1, 1]]]],
      [[64, 1, [[1, 1, 1]]]],
      [[0, 9, [[1, 1, 1]]]],
      [[0, 1, []]],
      [[0, 1, [[128, 1, 1]]]],
      [[0, 1, [[1, 0, 1]]]],
      [[0, 1, [[1, 1e9, 1]]]],
      [[0, 1, [[1, 1, -1]]]],
      [[0, 1, [[1, 1, "1"]]]],
      [[0, 1, Array(129).fill([1, 1, 1])]],
      Array(101).fill([0, 1, [[1, 1, 1]]]),
    ].map((octaves) => damaged({ busy: { slope: 1, octaves } })),
    damaged({ ageMs: -5 }),
  ];
  for (const wrong of states) {
    const { world, warnings } = await createWarned({ state: wrong as RouterState });
    assert.equal(warnings.length, 1, JSON.stringify(wrong));
    assert.match(warnings[0], /^Cannot use saved state: /);
    assert.equal(world.router.load.model.predict({ index: 0 }, 1).samples, 0, "all or nothing");
  }
  const { warnings } = await createWarned({ state: { ...state, version: 2 } as never });
  assert.equal(warnings[0], "Cannot use saved state: TypeError: version 2 is not 1");
});

test("no saved estimate can forbid probes, or go on for ever", async () => {
  const state = await learnedState();
  const model = (state.model as object[]).map((one) => ({
    ...one,
    ...{ isProbed: true, probeAtMs: 1e15, probeEveryMs: 1e15 },
  }));
  const { world } = await createWarned({ state: { ...state, model } });
  const { model: restored } = world.router.load;
  assert.equal(restored.predict({ index: 2 }, 1).probeAtMs, 0);
});

test("a policy that cannot load its state begins anew, with one warning and nothing else restored", async () => {
  const state = { ...await learnedState(), policy: { name: "saving", state: { count: "3" } } };
  for (const load of [saving.load, () => Promise.reject(new Error("late")) as never]) {
    const { world, warnings } = await createWarned({ state, policy: { ...saving, load } });
    assert.deepEqual(world.router.config().policy, { count: 0 });
    assert.equal(world.router.load.model.predict({ index: 2 }, 1).samples, 0);
    assert.equal(warnings.length, 1);
  }
  const damaged = {
    version: 1,
    model: [1],
    policy: { name: "saving", state: { count: 3 } },
  } as const;
  const { world } = await createWarned({ state: damaged, policy: saving });
  assert.deepEqual(world.router.config().policy, { count: 0 });
});

test("exportState() throws PolicyError if the policy cannot save", async () => {
  const broken: Policy["save"][] = [
    () => {
      throw new Error("no");
    },
    () => 5n,
    () => Promise.reject(new Error("late")),
  ];
  for (const save of broken) {
    const { router } = await createWorld({ policy: { ...byPriority, save } });
    assert.throws(() => router.exportState(), PolicyError);
  }
});

test("a state that is no object is a wrong option", async () => {
  for (const state of [null, "{}", 1, true]) {
    await assert.rejects(createWorld({ state: state as never }), (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.match(error.message, /"state" must be what "exportState\(\)" gave/);
      return true;
    });
  }
});

test("a saved state writes to no prototype", async () => {
  const text =
    '{"version":1,"__proto__":{"polluted":1},"model":[{"kind":"shared","__proto__":{"polluted":1},' +
    '"constructor":{"prototype":{"polluted":1}}}],"policy":{"__proto__":{"name":"saving"}}}';
  await createWarned({ state: JSON.parse(text), policy: saving });
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});
