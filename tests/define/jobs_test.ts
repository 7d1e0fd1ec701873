import assert from "node:assert/strict";
import { test } from "node:test";
import { type } from "../virtual/callable_schema.ts";
import { createRouter, defineJobs, InvalidInputError, job, JobModuleError } from "../../mod.ts";
import { type AnyKind, JOBS_MARK, jobsVersion, PROTOCOL_VERSION } from "../../src/define/jobs.ts";
import { createWorld, defineSet } from "../virtual/world.ts";

const run = (input: number) => input * 2;

test("defineJobs() keeps URL and kinds, and freezes the set", () => {
  const kinds = { double: { run } };
  const jobs = defineJobs(import.meta.url, kinds);
  assert.equal(jobs.module, import.meta.url);
  assert.equal(jobs.kinds, kinds as unknown);
  assert.ok(Object.isFrozen(jobs));
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
      { name: "TypeError", message: /the URL must be "import\.meta\.url": received/ },
    );
  }
  for (const url of ["file:///a.ts", "https://x/y.js", "data:text/javascript,", "blob:x"]) {
    assert.equal(defineJobs(url, { double: { run } }).module, url);
  }
});

test("defineJobs() refuses kinds without run, and what is no kinds at all", () => {
  for (const kind of [undefined, null, {}, { run: 5 }, { runBatch: () => [] }, 7]) {
    assert.throws(
      () => defineJobs({ good: { run }, bad: kind } as never),
      { name: "TypeError", message: /kind "bad" must have a "run" function: received/ },
    );
  }
  assert.throws(() => defineJobs(null as never), /must be an object: received null$/);
  for (const kinds of [undefined, null, 5]) {
    assert.throws(() => defineJobs(kinds as never), /kinds must be an object: received/);
    assert.throws(() => defineJobs("file:///x.ts", kinds as never), /kinds must be an object/);
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
    const message = new RegExp(`kind "double" must have only input, cost.* received ${key}$`);
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
