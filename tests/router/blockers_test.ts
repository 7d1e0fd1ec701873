// A kind that no worker can load blocks the router's thread: that is told once, whoever decides.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  adaptivePolicy,
  type AnyPolicy,
  createRouter,
  defineJobs,
  type HelixRouter,
  type Kind,
  type SubmitOptions,
  thresholdPolicy,
} from "../../mod.ts";
import { Blockers } from "../../src/job/blockers.ts";
import type { Job } from "../../src/job/job.ts";
import { RunTimeModel } from "../../src/model/model.ts";
import type { LoadGauges } from "../../src/policy/load.ts";
import { fixtureUrl } from "../fixtures/fixture_url.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { guarded } from "../fixtures/until.ts";
import { createWorld, offer } from "../virtual/world.ts";

const SLICE_MS = 8;

/** Keeps the thread busy. */
function spin(ms: number): number {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs);
  return ms;
}

const kinds = {
  spin: { cost: 1, run: spin, runBatch: (all: readonly number[]) => all.map(spin) },
  other: { cost: 1, run: spin },
  fails: {
    cost: 1,
    run: (ms: number) => {
      throw new Error(`after ${spin(ms)} ms`);
    },
  },
  later: { cost: 1, run: (ms: number) => Promise.resolve(ms).then(spin) },
};

interface Made {
  readonly router: HelixRouter<Record<keyof typeof kinds, Kind<number, number>>>;
  /** What was warned of. */
  readonly warned: string[];
}

/** A router of these kinds, and what it warns of. */
async function makeRouter(
  policy: AnyPolicy,
  jobs: unknown = defineJobs(kinds as never),
): Promise<Made> {
  const warned: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => void warned.push(text);
  try {
    const router = await createRouter({ jobs: jobs as never, policy, inlineSliceMs: SLICE_MS });
    return { router: router as never, warned };
  } finally {
    console.warn = warn;
  }
}

/** What the warning of a kind says. */
function saysOf(kind: string, beside = ""): RegExp {
  return new RegExp(
    `^A job of kind "${kind}"${beside} has blocked this thread for \\d+ ms, as no worker can load its kind: ` +
      'give defineJobs\\(\\) import.meta.url as its first argument \\(where .* a "worker"\\)\\.$',
  );
}

const policies: Record<string, () => AnyPolicy> = {
  adaptivePolicy,
  thresholdPolicy,
  inline: () => forcedPolicy("inline"),
  spawn: () => forcedPolicy("spawn"),
  batch: () => forcedPolicy("batch"),
};

for (const [name, make] of Object.entries(policies)) {
  test(
    `a kind that blocks because it has no module is told of once: ${name}`,
    guarded,
    async () => {
      const { router, warned } = await makeRouter(make());
      for (let i = 0; i < 3; i++) await router.run("spin", 2 * SLICE_MS);
      assert.equal(warned.length, 1);
      assert.match(warned[0], saysOf("spin"));
      await router.run("other", 2 * SLICE_MS);
      assert.equal(warned.length, 2, "each kind for itself");
      assert.match(warned[1], saysOf("other"));
      await router.close();
    },
  );

  test(`explain() says what it does to this thread, and the cure: ${name}`, guarded, async () => {
    const { router } = await makeRouter(make());
    const told = (kind: "spin" | "other") => router.explain(kind, 1).why?.join(" ") ?? "";
    for (let i = 0; i < 3; i++) await router.run("spin", 2 * SLICE_MS);
    assert.match(told("spin"), /It blocks this thread for \d+ ms, as .*import\.meta\.url/);
    assert.doesNotMatch(told("other"), /It blocks/);
    await router.close();
  });
}

test("what takes no longer than a slice is not told of", guarded, async () => {
  const { router, warned } = await makeRouter(forcedPolicy("inline"));
  router.configure({ inlineSliceMs: 1_000 });
  await router.run("spin", 2 * SLICE_MS);
  assert.deepEqual(warned, []);
  assert.doesNotMatch(router.explain("spin", 1).why?.join() ?? "", /It blocks/);
  await router.close();
});

test("a run that blocks and then fails is told of, too", guarded, async () => {
  const { router, warned } = await makeRouter(forcedPolicy("inline"));
  await assert.rejects(router.run("fails", 2 * SLICE_MS));
  assert.match(warned.join(), saysOf("fails"));
  await router.close();
});

for (const runs of [4, 200]) {
  test(
    `a short kind that was held up once in ${runs} runs is not told of, but one that often blocks is`,
    guarded,
    async () => {
      const { router, warned } = await makeRouter(forcedPolicy("inline"));
      for (let i = 0; i < runs; i++) await router.run("spin", 0);
      await router.run("spin", 2 * SLICE_MS);
      assert.deepEqual(warned, [], "that may have been the machine");
      await router.run("spin", 2 * SLICE_MS);
      await router.run("spin", 2 * SLICE_MS);
      assert.match(warned.join(), saysOf("spin"));
      await router.close();
    },
  );
}

test("a costly input that always blocks is told of, however rare it is", guarded, async () => {
  const { router, warned } = await makeRouter(forcedPolicy("inline"));
  for (let i = 0; i < 10 * 150 && warned.length === 0; i++) {
    if (i % 150 < 149) await router.run("spin", 0, { computeCost: 1 });
    else await router.run("spin", 2 * SLICE_MS, { computeCost: 1_000 });
  }
  assert.match(warned.join(), saysOf("spin"));
  await router.close();
});

test("what blocks after an await is told of, but only if it does so again", guarded, async () => {
  const { router, warned } = await makeRouter(forcedPolicy("spawn"));
  await router.run("later", 5 * SLICE_MS);
  assert.deepEqual(warned, [], "that may have been the program's own work");
  for (let i = 0; i < 5 && warned.length === 0; i++) await router.run("later", 5 * SLICE_MS);
  assert.match(warned.join(), saysOf("later", ", or what ran while it was pending,"));
  await router.close();
});

test("a kind that waits is not told of as the thread is held up now and then, but if it often is", () => {
  const warned: string[] = [];
  const model = new RunTimeModel(1);
  const load = { model, inlineSliceMs: SLICE_MS } as LoadGauges;
  const blockers = new Blockers(load, (text) => warned.push(text));
  const kind = { index: 0, name: "fetch", hasModule: false };
  const job = { facts: { kind, computeCost: NaN } } as Job;
  const run = (i: number, busyMs: number): void => {
    model.learn(kind, NaN, 30, busyMs, 40 * i);
    blockers.ran(job, busyMs, 30);
  };
  for (let i = 0; i < 400; i++) run(i, i % 10 === 9 ? 20 : 0.1);
  assert.deepEqual(warned, []);
  for (let i = 400; i < 600; i++) run(i, i % 2 === 0 ? 25 : 0.1);
  assert.match(warned.join(), /"fetch", or what ran while it was pending, has blocked/);
});

test("a kind that workers can load is not told of, wherever it runs", guarded, async () => {
  const jobs = defineJobs(fixtureUrl("basic_jobs"), kinds as never);
  const { router, warned } = await makeRouter(forcedPolicy("inline"), jobs);
  await router.run("spin", 2 * SLICE_MS);
  assert.deepEqual(warned, []);
  assert.doesNotMatch(router.explain("spin", 1).why?.join() ?? "", /It blocks/);
  await router.close();
});

test("modelled time blocks nobody, and is not warned of", async () => {
  const { warn } = console;
  const warned: string[] = [];
  console.warn = (text: string) => void warned.push(text);
  try {
    const world = await createWorld();
    offer(world, "local", { ms: 50 }, { computeCost: 1 });
    world.clock.run();
    assert.deepEqual(warned, []);
  } finally {
    console.warn = warn;
  }
});

test("the first failure of a listener is warned of, the others are counted", guarded, async () => {
  const { router, warned } = await makeRouter(forcedPolicy("inline"));
  router.on("outcome", (job) => void JSON.parse(job.kind.name));
  router.on("decision", () => Promise.reject(new Error("unheard")) as never);
  for (let i = 0; i < 3; i++) await router.run("spin", 0);
  assert.equal(router.stats().listenerErrors, 6);
  assert.equal(warned.length, 1, `${warned}`);
  assert.match(
    warned[0],
    /^A listener.* has failed: (SyntaxError|Error): .*stats\(\)\.listenerErrors/,
  );
  await router.close();
});

const OTHER_CODE: readonly (readonly [string, AnyPolicy, SubmitOptions])[] = [
  ["a policy that observes", { ...forcedPolicy("inline"), observe: failing }, {}],
  ["a policy that admits", { ...forcedPolicy("spawn"), admit: failing }, {}],
  ["a signal", forcedPolicy("spawn"), { signal: lasting() }],
];

for (const [what, policy, options] of OTHER_CODE) {
  test(`the warning of the first failure tells the error of ${what}`, guarded, async () => {
    const { router, warned } = await makeRouter(policy);
    await router.run("spin", 0, options);
    assert.equal(warned.length, 1, `${warned}`);
    assert.match(warned[0], /has failed: Error: on purpose/);
    await router.close();
  });
}

function failing(): never {
  throw new Error("on purpose");
}

/** A signal that cannot be let go of. */
function lasting(): AbortSignal {
  return { aborted: false, addEventListener() {}, removeEventListener: failing } as never;
}

test("a warning that cannot be written loses no job", guarded, async () => {
  const { warn } = console;
  console.warn = () => {
    throw new Error("no console");
  };
  const router = await createRouter({ jobs: defineJobs(kinds) }).finally(() => {
    console.warn = warn;
  });
  assert.equal(await router.run("spin", 2 * SLICE_MS), 2 * SLICE_MS);
  assert.equal(router.stats().listenerErrors, 1);
  await router.close();
});
