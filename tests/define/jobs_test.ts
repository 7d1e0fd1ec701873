import assert from "node:assert/strict";
import { test } from "node:test";
import { type } from "../virtual/callable_schema.ts";
import { createRouter, defineJobs, InvalidInputError, job, JobModuleError } from "../../mod.ts";
import { type AnyKind, JOBS_MARK, jobsVersion, PROTOCOL_VERSION } from "../../src/define/jobs.ts";
import { whilePolluted } from "../fixtures/polluted.ts";
import { createWorld, defineSet } from "../virtual/world.ts";

const run = (input: number) => input * 2;

test("defineJobs() keeps URL and kinds as they are now, and freezes them", () => {
  const double = { run, cost: 5, scaling: undefined };
  const jobs = defineJobs(import.meta.url, { double });
  double.cost = -1;
  assert.equal(jobs.module, import.meta.url);
  assert.deepEqual([jobs.kinds.double.run, jobs.kinds.double.cost], [run, 5]);
  for (const object of [jobs, jobs.kinds, jobs.kinds.double]) assert.ok(Object.isFrozen(object));
  assert.equal(defineJobs({ double: { run } }).module, undefined);
});

test("defineJobs() marks the set for every copy of this package", () => {
  const jobs = defineJobs({ double: { run } });
  assert.equal(JOBS_MARK, Symbol.for("helixrouter.jobs"));
  assert.equal(jobsVersion(jobs), PROTOCOL_VERSION);
  const foreign = { module: undefined, kinds: {}, [Symbol.for("helixrouter.jobs")]: 99 };
  assert.equal(jobsVersion(foreign), 99);
});

test("jobsVersion() is undefined for everything else", () => {
  const others = [undefined, null, 1, "jobs", {}, [], () => 0, { [JOBS_MARK]: "1" }];
  for (const value of others) assert.equal(jobsVersion(value), undefined);
});

test("defineJobs() refuses a URL that is none", () => {
  const urls = ["", "./jobs.ts", "jobs.ts", "/abs/jobs.ts", "C", "1:x"];
  for (const url of urls) {
    assert.throws(
      () => defineJobs(url, { double: { run } }),
      {
        name: "TypeError",
        message: /the URL must be "import\.meta\.url", in CommonJS .*: received/,
      },
    );
  }
  for (const url of ["file:///a.ts", "https://x/y.js", "data:text/javascript,", "blob:x"]) {
    assert.equal(defineJobs(url, { double: { run } }).module, url);
  }
});

test("defineJobs() takes an unknown URL, as bundles that are no modules have it", () => {
  const setup = (): void => {};
  const jobs = defineJobs(undefined as never, { double: { run } }, { setup });
  assert.equal(jobs.module, "");
  assert.deepEqual([Object.keys(jobs.kinds), jobs.setup], [["double"], setup]);
  assert.equal(jobsVersion(jobs), PROTOCOL_VERSION);
});

test("defineJobs() refuses what is no kind, and what is no kinds at all", () => {
  for (const kind of [undefined, null, 7, "kind", [], () => 0]) {
    assert.throws(
      () => defineJobs({ good: { run }, bad: kind } as never),
      {
        name: "TypeError",
        message: /as kind "bad" must be an object such as \{ run: .* \}: received/,
      },
    );
  }
  assert.throws(() => defineJobs(null as never), /must be an object: received null$/);
  for (const kinds of [undefined, null, 5]) {
    assert.throws(() => defineJobs(kinds as never), /kinds must be an object: received/);
    assert.throws(() => defineJobs("file:///x.ts", kinds as never), /kinds must be an object/);
  }
});

const ms = "a number of ms above 0 and at most 2147483647";
const share = "a number from 0 to 1";

/** Wrong values by key, and what is wanted. */
const WRONG: readonly [key: string, values: unknown[], wanted: string][] = [
  ["cost", ["10", -1, NaN, Infinity, null, 5n, {}], "a finite number >= 0, or a function of the"],
  ["scaling", [-0.01, 1.01, NaN, "0.5", null, () => 1], share],
  ["priority", [-1, 10, 5.5, "5", null, NaN], "an integer from 0 to 9"],
  ["latencyBudgetMs", [0, -1, NaN, Infinity, 2 ** 31, "50", null], ms],
  ["runTimeoutMs", [0, -1, NaN, Infinity, 2 ** 31, "50", null], ms],
  ["idempotent", [1, "true", null], "true or false"],
  ["transfer", [[], true, null], "a function"],
  ["transferOutput", [[], true, null], "a function"],
  ["runBatch", [run(1), [], null], "a function"],
  ["run", [undefined, 5, null], "a function"],
];

test("defineJobs() refuses a wrong value in a kind, by name of both", () => {
  for (const [key, values, wanted] of WRONG) {
    for (const value of values) {
      const kinds = { good: { run }, bad: { run, [key]: value } } as never;
      for (const define of [() => defineJobs(kinds), () => defineJobs("file:///a.ts", kinds)]) {
        assert.throws(define, (error) => {
          assert.ok(error instanceof TypeError);
          const start = `Cannot define jobs as "${key}" of kind "bad" must be ${wanted}`;
          assert.ok(error.message.startsWith(start), error.message);
          assert.match(error.message, /: received /);
          return true;
        }, `${key} ${String(value)}`);
      }
    }
  }
  assert.throws(() => defineJobs({ bad: {} } as never), /"run" of kind "bad" must be a function/);
});

test("defineJobs() takes every right value, and undefined for none", () => {
  const rights: Record<string, unknown[]> = {
    cost: [0, 0.5, Number.MAX_VALUE, () => 1],
    scaling: [0, 1],
    priority: [0, 9],
    latencyBudgetMs: [Number.MIN_VALUE, 2 ** 31 - 1],
    runTimeoutMs: [Number.MIN_VALUE, 2 ** 31 - 1],
    idempotent: [true, false],
    transfer: [() => []],
    transferOutput: [() => []],
    runBatch: [() => []],
  };
  for (const [key, values] of Object.entries(rights)) {
    for (const value of [...values, undefined]) {
      const { kinds } = defineJobs({ kind: { run, [key]: value } as AnyKind });
      assert.equal((kinds.kind as unknown as Record<string, unknown>)[key], value);
    }
  }
});

test("defineJobs() takes nothing from Object.prototype", async () => {
  const polluted = { cost: 7, scaling: 1, priority: 9, runTimeoutMs: 1, latencyBudgetMs: 1 };
  const functions = { transfer: run, transferOutput: run, runBatch: run, input: run };
  const hooks = { setup: run, teardown: run };
  await whilePolluted({ ...polluted, idempotent: true, ...functions, ...hooks }, async () => {
    const jobs = defineJobs(import.meta.url, { double: { run } });
    assert.deepEqual([jobs.setup, jobs.teardown], [undefined, undefined]);
    const kind: Record<string, unknown> = { ...jobs.kinds.double };
    for (const key of Object.keys({ ...polluted, ...functions })) {
      assert.equal((jobs.kinds.double as unknown as typeof kind)[key], undefined, key);
    }
    const { router } = await createWorld({ jobs: defineSet({ double: { run } }) });
    const { computeCost, scalingPotential, priority, latencyBudgetMs } = router.explain(
      "double",
      4,
    );
    assert.deepEqual([computeCost, latencyBudgetMs], [undefined, undefined]);
    assert.deepEqual([scalingPotential, priority], [0.5, 5]);
  });
  await whilePolluted({ run }, () => {
    assert.throws(() => defineJobs({ bad: {} } as never), /"run" of kind "bad" must be a function/);
  });
});

test("defineJobs() refuses what is inherited, and says what to do", () => {
  class Square {
    readonly cost = 1;
    run(input: number): number {
      return input ** 2;
    }
  }
  const wanted = "must be an own property, .* copy it by name into a plain object: received ";
  for (const bad of [new Square(), Object.create({ run })]) {
    const message = new RegExp(`"run" of kind "bad" ${wanted}`);
    assert.throws(() => defineJobs({ bad } as never), { name: "TypeError", message });
  }
  const bad = Object.assign(Object.create({ runTimeoutMs: 5 }), { run });
  const message = new RegExp(`"runTimeoutMs" of kind "bad" ${wanted}5$`);
  assert.throws(() => defineJobs({ bad }), { name: "TypeError", message });
  const hooks = Object.create({ setup: run });
  assert.throws(
    () => defineJobs(import.meta.url, { double: { run } }, hooks),
    { name: "TypeError", message: new RegExp(`"setup" of the hooks ${wanted}`) },
  );
  const bare = Object.assign(Object.create(null), { run, cost: 5 });
  assert.equal(defineJobs({ good: bare }).kinds.good.cost, 5);
});

test("defineJobs() refuses hooks that are none", () => {
  for (
    const [hooks, wanted] of [
      [{ setup: 5 }, /"setup" of the hooks must be a function: received 5$/],
      [{ teardown: null }, /"teardown" of the hooks must be a function: received null$/],
      [
        { tearDown: run },
        /"tearDown" of the hooks must be one of the options\. .* setup, teardown: /,
      ],
    ] as [never, RegExp][]
  ) {
    assert.throws(
      () => defineJobs(import.meta.url, { double: { run } }, hooks),
      { name: "TypeError", message: wanted },
    );
  }
});

test("job() gives the kind back as it is", () => {
  const kind = { run, cost: 5 };
  assert.equal(job(kind), kind);
});

test("a lazy schema is loaded before the router is there: a schema, or a module with one", async () => {
  const schema = type((value) => typeof value === "number", "a number");
  const object = { "~standard": schema["~standard"] };
  const lazy: (() => unknown)[] = [() => object, () => Promise.resolve(object)];
  lazy.push(() => ({ default: object }), () => Promise.resolve({ default: schema }));
  for (const input of lazy) {
    const kind = { cost: 1, input, run } as unknown as AnyKind;
    const { router } = await createWorld({ jobs: defineSet({ double: kind }) });
    assert.equal(await router.run("double", 4), 8);
    await assert.rejects(router.submit("double", "4"), InvalidInputError);
  }
});

test("a schema that is a function itself is not taken for a lazy one", async () => {
  const schema = type((value) => typeof value === "number", "a number");
  const kind = { cost: 1, input: schema, run } as unknown as AnyKind;
  const { router } = await createWorld({ jobs: defineSet({ double: kind }) });
  assert.equal(await router.run("double", 4), 8);
  await assert.rejects(router.submit("double", "4"), /invalid: must be a number$/);
});

test("defineJobs() refuses keys that mean nothing, such as the names of hints", () => {
  for (const key of ["computeCost", "scalingPotential", "runBach"]) {
    const kinds = { double: { run, [key]: 1 } };
    const known = "must be one of the options\\. .* input, cost, .*, runBatch: received 1$";
    const message = new RegExp(`"${key}" of kind "double" ${known}`);
    assert.throws(() => defineJobs(kinds), { name: "TypeError", message });
  }
});

test("a lazy schema that cannot be loaded, or is none, lets no router come to be", async () => {
  const cause = new Error("no such file");
  const wrong: [unknown, RegExp][] = [
    [() => Promise.reject(cause), /^Cannot load schema of kind "double": Error: no such file$/],
    [() => ({}), /schema of kind "double" as it must be a Standard Schema: received object$/],
    [() => undefined, /must be a Standard Schema: received undefined$/],
    [() => ({ default: () => 0 }), /must be a Standard Schema: received function$/],
    [() => ({ "~standard": {} }), /must be a Standard Schema: received object$/],
    [{ parse: () => 0 }, /must be a Standard Schema: received object$/],
    [null, /must be a Standard Schema: received object$/],
    ["number", /must be a Standard Schema: received string$/],
  ];
  for (const [input, message] of wrong) {
    const jobs = defineSet({ double: { input, run } as unknown as AnyKind });
    await assert.rejects(createRouter({ jobs }), (error) => {
      assert.ok(error instanceof JobModuleError);
      assert.match(error.message, message);
      if (message.source.includes("load")) assert.equal(error.cause, cause);
      return true;
    });
  }
});
