import assert from "node:assert/strict";
import { test } from "node:test";
import { type Policy, type PolicyEvent, type Strategy, thresholdPolicy } from "../../mod.ts";
import { shadowPolicy } from "../../src/policy/shadow.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createWorld, offer } from "../virtual/world.ts";
import { byPriority, observing, wish } from "./wishes.ts";

const tiny = { computeCost: 1 };
const medium = { computeCost: 10_000 };
const heavy = { computeCost: 100_000 };

test("shadowPolicy() does what the live policy says, and counts where the candidate differs", async () => {
  const policy = shadowPolicy(byPriority, forcedPolicy("spawn"));
  const world = await createWorld({ policy });
  const told = [0, 1, 2, 2, 3, 4].map((priority) => offer(world, "group", {}, { priority }));
  offer(world, "local", {}, { priority: 0 });
  world.clock.run();
  assert.deepEqual(told.map(({ story }) => story), [
    ...["inline completed", "spawn completed", "cpu_pool completed", "cpu_pool completed"],
    ...["batch completed", "backpressure_drop dropped wish"],
  ]);
  const pair = (kind: string, live: Strategy, jobs: number) =>
    ({ kind, live, candidate: "spawn", jobs }) as const;
  assert.deepEqual(world.router.stats().shadow, {
    candidate: "only_spawn",
    jobs: 7,
    faults: 0,
    differences: [
      pair("group", "inline", 1),
      pair("group", "cpu_pool", 2),
      pair("group", "backpressure_drop", 1),
      pair("group", "batch", 1),
      pair("local", "inline", 1),
    ].sort((a, b) => order(a) - order(b)),
  });
  assert.equal(world.router.stats().policy, "wishes");

  /** In the order in which they were met. */
  function order({ kind, live }: { kind: string; live: Strategy }): number {
    return ["inline", "cpu_pool", "batch", "backpressure_drop"].indexOf(live) +
      (kind === "local" ? 9 : 0);
  }
});

test("shadowPolicy() asks on the same job and the same load", async () => {
  const seen: unknown[][] = [[], []];
  const noting = (i: number): Policy => ({
    name: "noting",
    decide(job, load) {
      seen[i].push({ ...job, load: { ...load, cpuParallelism: load.cpuParallelism } });
      return wish("cpu_pool");
    },
  });
  const world = await createWorld({ policy: shadowPolicy(noting(0), noting(1)) });
  for (let i = 0; i < 4; i++) offer(world, "shared", {}, { computeCost: i });
  world.clock.run();
  assert.equal(seen[0].length, 4);
  assert.deepEqual(seen[1], seen[0]);
});

test("shadowPolicy() counts a job that its lane refuses, or that is decided again, once", async () => {
  const policy = shadowPolicy(forcedPolicy("cpu_pool"), forcedPolicy("inline"));
  const world = await createWorld({ policy, cpuParallelism: 1, cpuQueueCapacity: 1 });
  for (let i = 0; i < 5; i++) offer(world, "shared", { end: i === 0 ? "crash" : "ok" });
  world.clock.run();
  const { shadow, dropReasons } = world.router.stats();
  assert.ok(dropReasons.lane_full > 0);
  assert.deepEqual(shadow?.differences, [
    { kind: "shared", live: "cpu_pool", candidate: "inline", jobs: 5 },
  ]);
});

test("explain() and refused submits are not counted", async () => {
  let answer: unknown = wish("inline");
  const live = { name: "live", decide: () => answer } as Policy;
  const world = await createWorld({ policy: shadowPolicy(live, forcedPolicy("spawn")) });
  world.router.explain("local", { id: 1, ms: 1 });
  answer = { strategy: "gpu" };
  assert.equal(offer(world, "local").status, "refused");
  answer = null;
  assert.equal(offer(world, "local").status, "refused");
  assert.deepEqual(world.router.stats().shadow, {
    candidate: "only_spawn",
    jobs: 0,
    faults: 0,
    differences: [],
  });
});

test("shadowPolicy() counts the faults of a candidate, which change nothing", async () => {
  const broken = () => {
    throw new Error("no");
  };
  const later = () => Promise.reject(new Error("later"));
  const odd = {
    get strategy() {
      throw new Error("read me");
    },
  };
  const answers = [
    broken,
    later,
    () => undefined,
    () => "inline",
    () => odd,
    () => ({ strategy: "gpu" }),
  ];
  for (const decide of answers) {
    const candidate = { name: "broken", decide } as unknown as Policy;
    const world = await createWorld({ policy: shadowPolicy(byPriority, candidate) });
    const told = [0, 1, 2].map((priority) => offer(world, "shared", {}, { priority }));
    world.clock.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.deepEqual(told.map(({ status }) => status), Array(3).fill("completed"));
    const { shadow, listenerErrors } = world.router.stats();
    assert.deepEqual([shadow?.faults, shadow?.jobs, listenerErrors], [3, 0, 0], String(decide));
  }
  for (const part of [{ init: broken }, { observe: broken }, { observe: later }, { init: later }]) {
    const candidate = { ...byPriority, ...part } as Policy;
    const world = await createWorld({ policy: shadowPolicy(byPriority, candidate) });
    offer(world, "shared", {}, { priority: 2 }); // enqueue, start, settle
    world.clock.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    const { shadow, listenerErrors, completed } = world.router.stats();
    const faults = "observe" in part ? 3 : 1;
    assert.deepEqual([shadow?.faults, completed, listenerErrors], [faults, 1, 0]);
    assert.equal(shadow?.jobs, 1);
  }
});

test("both policies have a state of their own in each router, and observe every event", async () => {
  const events = new Map<string, PolicyEvent["type"][]>();
  const counting = (name: string): Policy<{ settled: number }> => ({
    name,
    init: () => ({ settled: 0 }),
    // Spawns every other one, by what it has observed.
    decide: (_job, _load, state) => wish(state.settled % 2 === 0 ? "inline" : "spawn"),
    observe(state, event) {
      events.set(name, [...events.get(name) ?? [], event.type]);
      if (event.type === "settle") state.settled += name === "live" ? 2 : 1;
    },
  });
  const policy = shadowPolicy(counting("live"), counting("candidate"));
  const [world, other] = [await createWorld({ policy }), await createWorld({ policy })];
  const told = [1, 2, 3, 4].map(() => offer(world, "local"));
  offer(other, "local");
  assert.deepEqual(told.map(({ job }) => job?.strategy), Array(4).fill("inline"));
  assert.deepEqual(events.get("candidate"), events.get("live"));
  assert.equal(events.get("live")?.length, 10);
  assert.deepEqual([world, other].map(({ router }) => router.stats().shadow?.jobs), [4, 1]);
  assert.deepEqual(world.router.stats().shadow?.differences, [
    { kind: "local", live: "inline", candidate: "spawn", jobs: 2 },
  ]);
});

test("what the live policy throws in observe() is counted as its own", async () => {
  const { policy: candidate, events } = observing();
  const live: Policy = {
    ...byPriority,
    observe() {
      throw new Error("no");
    },
  };
  const world = await createWorld({ policy: shadowPolicy(live, candidate) });
  offer(world, "local", {}, { priority: 0 });
  const { listenerErrors, shadow } = world.router.stats();
  assert.deepEqual([listenerErrors, shadow?.faults, events.length], [2, 0, 2]);
});

test("settings are those of the live policy, and what was counted outlives their change", async () => {
  const policy = shadowPolicy(thresholdPolicy(), thresholdPolicy({ inlineThreshold: 20_000 }));
  const world = await createWorld({ policy });
  offer(world, "local", {}, medium);
  assert.equal(world.router.config().policy?.inlineThreshold, 8_000);
  world.router.configure({ policy: { inlineThreshold: 20_000 } });
  assert.equal(offer(world, "local", {}, medium).job?.strategy, "inline");
  assert.equal(world.router.config().policy?.inlineThreshold, 20_000);
  assert.throws(() => world.router.configure({ policy: { inlineThreshold: -1 } }), {
    name: "InvalidOptionError",
    option: "policy.inlineThreshold",
  });
  const { shadow } = world.router.stats();
  assert.equal(shadow?.jobs, 2);
  assert.deepEqual(shadow.differences.map(({ jobs }) => jobs), [1]);
  const later = (): never => Promise.resolve({}) as never;
  for (const broken of [{ init: later }, { ...thresholdPolicy(), configure: later }]) {
    const policy = shadowPolicy({ ...byPriority, ...broken }, byPriority);
    const made = createWorld({ policy }).then(({ router }) => router.configure({ policy: {} }));
    await assert.rejects(made, /gave a promise as its state/);
  }
  const fixed = await createWorld({ policy: shadowPolicy(byPriority, byPriority) });
  assert.equal(fixed.router.config().policy, undefined);
  assert.throws(() => fixed.router.configure({ policy: { a: 1 } }), /has no settings/);
});

test("admit(), order(), evict(), save() and load() are those of the live policy, with its state", async () => {
  class Counter implements Policy<{ from: number }> {
    readonly name = "counter";
    readonly #reason = "odd"; // private: it must be called on itself
    init = () => ({ from: 0 });
    decide = () => wish("cpu_pool");
    admit(job: { id: number }, _load: unknown, { from }: { from: number }) {
      return (job.id + from) % 2 === 0 ? "run" : { reason: this.#reason };
    }
    order(job: { id: number }, _load: unknown, { from }: { from: number }): number {
      return from - job.id;
    }
    evict(_job: unknown, _load: unknown, { from }: { from: number }): undefined {
      assert.equal(from, 0);
      this.evictions++;
    }
    evictions = 0;
    save(state: { from: number }): unknown {
      return { ...state };
    }
    load(saved: unknown): { from: number } {
      return saved as { from: number };
    }
  }
  const candidate: Policy = { ...byPriority, admit: () => assert.fail("asked"), order: () => NaN };
  const live = new Counter();
  const policy = shadowPolicy(live, candidate);
  const world = await createWorld({ policy, cpuParallelism: 1 });
  const ended: number[] = [];
  world.router.on("outcome", ({ id, status }) => status === "completed" && ended.push(id));
  for (let i = 0; i < 6; i++) offer(world, "shared");
  world.clock.run();
  assert.deepEqual(ended, [6, 4, 2]);
  assert.equal(live.evictions, 6, "asked for each job");
  const state = policy.load!({ from: 3 });
  assert.deepEqual(policy.save!(state), { from: 3 });
  const job = { id: 1 } as Parameters<NonNullable<Policy["admit"]>>[0];
  assert.equal(policy.admit!(job, world.router.load, state), "run");
  const plain = shadowPolicy(byPriority, new Counter());
  for (
    const name of ["admit", "order", "evict", "save", "load", "settings", "configure"] as const
  ) {
    assert.equal(plain[name], undefined, name);
  }
});

test("shadowPolicy() with itself never differs, whatever becomes of the jobs", async () => {
  const policy = shadowPolicy(thresholdPolicy(), thresholdPolicy());
  const world = await createWorld({ policy, cpuParallelism: 1, cpuQueueCapacity: 2 });
  const plain = await createWorld({ cpuParallelism: 1, cpuQueueCapacity: 2 });
  const stories = [world, plain].map((one) => {
    const told = Array.from({ length: 60 }, (_, i) => {
      const hints = { ...[tiny, medium, heavy][i % 3], latencyBudgetMs: 5 + i };
      return offer(one, ["local", "shared", "group"][i % 5 % 3], {}, hints);
    });
    one.clock.run();
    return told.map(({ story }) => story);
  });
  assert.deepEqual(stories[0], stories[1]);
  const { shadow, submitted } = world.router.stats();
  assert.deepEqual([shadow?.differences, shadow?.faults, shadow?.jobs], [[], 0, submitted]);
  assert.equal(plain.router.stats().shadow, undefined);
});

test("shadowPolicy() hands on all that the live policy has", () => {
  const live: Required<Omit<Policy<string>, "shadow">> = {
    name: "all",
    objective: "count",
    startsWorker: true,
    init: () => "state",
    decide: () => wish("inline"),
    isAlwaysInline: () => true,
    admit: (_job, _load, state) => ({ reason: `admit ${state}` }),
    explain: (_job, _load, state) => [`explain ${state}`],
    reconsider: (_job, _load, state) => state === "state" ? "inline" : undefined,
    order: (_job, _load, state) => state.length,
    evict: (job, _load, state) => ({ job, reason: `evict ${state}` }),
    observe: () => {},
    settings: (state) => ({ state }),
    configure: (state) => state,
    save: (state) => state,
    load: (saved) => String(saved),
  };
  const policy = shadowPolicy(live, thresholdPolicy());
  const names = Object.keys(live).filter((name) => name !== "isAlwaysInline");
  assert.deepEqual(
    names.filter((name) => policy[name as keyof Policy] === undefined),
    [],
    "the candidate is asked about every job, so none is always inline",
  );
  assert.equal(policy.isAlwaysInline, undefined);
  assert.equal(policy.objective, "count");
  assert.equal(policy.startsWorker, true);
  const job = {} as never;
  const state = policy.init!();
  assert.deepEqual(policy.explain!(job, job, state), ["explain state"]);
  assert.equal(policy.reconsider!(job, job, state), "inline");
  assert.equal(policy.order!(job, job, state), 5);
  assert.deepEqual(policy.admit!(job, job, state), { reason: "admit state" });
  assert.deepEqual(policy.settings!(state), { state: "state" });
});
