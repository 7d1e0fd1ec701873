// Job files: what is loaded where, what is refused, and what is said about it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Worker as NodeWorker } from "node:worker_threads";
import {
  createRouter,
  InvalidInputError,
  InvalidOptionError,
  JobModuleError,
  RouterClosedError,
  type SchemaResult,
  type StandardSchema,
} from "../../mod.ts";
import { defineJobs } from "../../src/define/jobs.ts";
import { assertCountsAddUp, assertNothingLeft } from "../fixtures/assert_counts.ts";
import basicJobs from "../fixtures/basic_jobs.ts";
import faultJobs from "../fixtures/fault_jobs.ts";
import { fixtureUrl } from "../fixtures/fixture_url.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import lazySchemaJobs from "../fixtures/lazy_schema_jobs.ts";
import { runProgram } from "../fixtures/run_program.ts";
import schemaJobs from "../fixtures/schema_jobs.ts";
import { guarded } from "../fixtures/until.ts";
import { createWorld } from "../virtual/world.ts";

/** A worker on an entry of this package's tests. */
function startEntry(name: string): unknown {
  const url = fixtureUrl(name);
  return typeof Worker === "function"
    ? new Worker(url, { type: "module" })
    : new NodeWorker(new URL(url));
}

const pool = { policy: forcedPolicy("cpu_pool"), cpuParallelism: 1 };

/** A Standard Schema made by hand; `validate` sees numbers only. */
function schemaOf(
  validate: (value: unknown) => SchemaResult<number> | Promise<SchemaResult<number>>,
): StandardSchema<number> {
  return { "~standard": { version: 1, vendor: "helixrouter tests", validate } };
}

test("createRouter() in the job file is explained, and nothing hangs", guarded, async () => {
  const { code, stdout, stderr } = await runProgram("one_file_app");
  assert.equal(code, 0, stderr);
  const { name, message, cause } = JSON.parse(stdout);
  assert.deepEqual([name, cause], ["JobModuleError", "NestedRouterError"]);
  assert.match(message, /move the jobs to a file of their own/);
});

test(
  "createRouter() in the job file, not awaited, is explained, and nothing hangs",
  guarded,
  async () => {
    const { code, stdout, stderr } = await runProgram("one_file_app_unawaited");
    assert.equal(code, 0, stderr);
    assert.match(stdout, /move the jobs to a file of their own/);
  },
);

test("a lazy schema is loaded on the router's side and not in a worker", guarded, async () => {
  const router = await createRouter({ jobs: lazySchemaJobs, ...pool });
  assert.deepEqual(await router.run("lazy", { limit: 5 }), { limit: 5, loaded: false });
  await assert.rejects(router.run("lazy", { limit: 0 }), InvalidInputError);
  await router.close();
  const here = await createRouter({ jobs: lazySchemaJobs, policy: forcedPolicy("inline") });
  assert.deepEqual(await here.run("lazy", { limit: 5 }), { limit: 5, loaded: true });
  await here.close();
});

test("jobs whose URL is unknown run on workers of one's own", guarded, async () => {
  const jobs = defineJobs(undefined as never, basicJobs.kinds);
  const router = await createRouter({ jobs, ...pool, worker: () => startEntry("basic_entry") });
  const outcome = await router.submit("heavy", { n: 3 });
  assert.deepEqual(
    [outcome.strategy, outcome.status === "completed" && outcome.output],
    ["cpu_pool", 3],
  );
  await router.close();
});

test("jobs whose URL is unknown stay on this thread without such workers", guarded, async () => {
  const jobs = defineJobs(undefined as never, basicJobs.kinds);
  const router = await createRouter({ jobs, ...pool });
  const outcome = await router.submit("heavy", { n: 3 });
  assert.deepEqual(
    [outcome.strategy, outcome.status === "completed" && outcome.output],
    ["spawn", 3],
  );
  assert.equal(router.explain("heavy", { n: 3 }).reason, "no_module");
  const { workers, transport } = router.stats();
  assert.deepEqual([workers.started, typeof transport], [0, "string"]);
  await router.close();
});

test("stats() names the transport that calls take", guarded, async () => {
  for (const transport of ["messages", "shared_memory"] as const) {
    const router = await createRouter({ jobs: basicJobs, transport });
    assert.equal(router.stats().transport, transport);
    await router.close();
  }
  const { router } = await createWorld();
  assert.equal(router.stats().transport, undefined, "ports of one's own");
});

test("a schema that the job file imports is loaded in a worker, too", guarded, async () => {
  const router = await createRouter({ jobs: schemaJobs, ...pool });
  assert.deepEqual(await router.run("eager", { limit: 5 }), { limit: 5, loaded: true });
  await router.close();
});

test("a worker gets the value that the schema gave", guarded, async () => {
  const router = await createRouter({ jobs: schemaJobs, ...pool });
  const order = { lines: [{ pieces: 2, price: 1.5 }], extra: "left out" };
  assert.deepEqual(await router.run("order", order), { day: "today", sum: 3 });
  assert.equal(await router.run("parse", "41"), 42);
  await router.close();
  assertNothingLeft(router.stats());
});

test("an input that a zod schema refuses names the path and what is wanted", guarded, async () => {
  const router = await createRouter({ jobs: schemaJobs });
  const lines = [{ pieces: 1, price: 2 }, { pieces: 0, price: "free" as unknown as number }];
  await assert.rejects(router.submit("order", { lines }), (error) => {
    assert.ok(error instanceof InvalidInputError);
    assert.equal(error.kind, "order");
    assert.equal(error.issues.length, 2);
    assert.match(error.message, /"order"/);
    assert.match(error.message, /"lines\.1\.pieces": .*1/);
    assert.match(error.message, /1 more/);
    return true;
  });
  await assert.rejects(router.submit("parse", 5 as never), /expected string/);
  const { submitted, rejected } = router.stats();
  assert.deepEqual({ submitted, rejected }, { submitted: 0, rejected: { invalid_input: 2 } });
  await router.close();
});

test("a schema that throws refuses the input, and says so", guarded, async () => {
  const thrown = new RangeError("schema is broken");
  const jobs = defineJobs({
    throws: {
      input: schemaOf(() => {
        throw thrown;
      }),
      run: (n) => n,
    },
    rejects: { input: schemaOf(() => Promise.reject(thrown)), run: (n) => n },
  });
  const router = await createRouter({ jobs });
  for (const kind of ["throws", "rejects"] as const) {
    await assert.rejects(router.submit(kind, 1), (error) => {
      assert.ok(error instanceof InvalidInputError);
      assert.match(error.message, /schema is broken/);
      assert.equal(error.cause, thrown);
      return true;
    });
  }
  assert.deepEqual(router.stats().rejected, { invalid_input: 2 });
  await router.close();
  assertNothingLeft(router.stats());
});

test("an asynchronous schema is waited for", guarded, async () => {
  const jobs = defineJobs({
    half: {
      input: schemaOf((value) =>
        Promise.resolve(
          Number(value) % 2 === 0
            ? { value: Number(value) / 2 }
            : { issues: [{ message: "must be even", path: [{ key: "n" }] }] },
        )
      ),
      cost: 1,
      run: (n) => n,
    },
  });
  const router = await createRouter({ jobs });
  const [four, five] = [router.submit("half", 4), router.submit("half", 5)];
  assert.equal(router.stats().submitted, 0);
  const refused = assert.rejects(five, /invalid at "n": must be even/);
  const outcome = await four;
  assert.equal(outcome.status === "completed" && outcome.output, 2);
  await refused;
  await router.close();
  assertCountsAddUp(router.stats());
});

test("drain() waits for an asynchronous schema, and the job behind it", guarded, async () => {
  let answer!: (result: SchemaResult<number>) => void;
  const jobs = defineJobs({
    slow: {
      input: schemaOf(() => new Promise((resolve) => answer = resolve)),
      run: (n) => n,
    },
  });
  const router = await createRouter({ jobs });
  const output = router.run("slow", 1);
  const drained = router.drain();
  answer({ value: 1 });
  await drained;
  assert.deepEqual([router.stats().completed, router.stats().inFlight], [1, 0]);
  assert.equal(await output, 1);
  await router.close();
});

test("close() does not wait for ever for an asynchronous schema", guarded, async () => {
  let answer!: (result: SchemaResult<number>) => void;
  const jobs = defineJobs({
    slow: {
      input: schemaOf(() => new Promise((resolve) => answer = resolve)),
      run: (n) => n,
    },
  });
  const router = await createRouter({ jobs });
  const refused = assert.rejects(router.submit("slow", 1), RouterClosedError);
  await router.close({ drainMs: 10 });
  answer({ value: 1 });
  await refused;
  assertNothingLeft(router.stats());
});

test(
  "createRouter() rejects for a lazy schema that cannot be loaded or is none",
  guarded,
  async () => {
    const cause = new Error("not there");
    const broken = defineJobs({ broken: { input: () => Promise.reject(cause), run: () => 1 } });
    await assert.rejects(createRouter({ jobs: broken }), (error) => {
      assert.ok(error instanceof JobModuleError);
      assert.match(error.message, /schema of kind "broken"/);
      assert.equal(error.cause, cause);
      return true;
    });
    const none = defineJobs({ none: { input: () => Promise.resolve({} as never), run: () => 1 } });
    await assert.rejects(createRouter({ jobs: none }), (error) => {
      assert.ok(error instanceof JobModuleError);
      assert.match(error.message, /schema of kind "none".*Standard Schema/);
      return true;
    });
  },
);

test("jobs may be several sets, of workers and of this thread", guarded, async () => {
  const here = defineJobs({ shout: { cost: 1, run: (text: string) => `${text}!` } });
  const router = await createRouter({ jobs: [basicJobs, faultJobs, here], ...pool });
  assert.equal(await router.run("add", { a: 1, b: 2 }), 3);
  assert.equal(await router.run("square", 3), 9);
  const outcome = await router.submit("shout", "Hey");
  assert.equal(outcome.status === "completed" && outcome.output, "Hey!");
  assert.equal(outcome.status === "completed" && outcome.strategy, "spawn");
  assert.equal(router.stats().workers.started, 1);
  await router.close();
  assertNothingLeft(router.stats());
});

test("createRouter() refuses sets with a kind in common", guarded, async () => {
  const other = defineJobs({ add: { run: (n: number) => n } });
  await assert.rejects(createRouter({ jobs: [basicJobs, other] }), (error) => {
    assert.ok(error instanceof InvalidOptionError);
    assert.equal(error.option, "jobs");
    assert.match(error.message, /no kind in common: received "add"/);
    return true;
  });
});

test("createRouter() refuses what defineJobs() did not make", guarded, async () => {
  for (const jobs of [undefined, {}, { kinds: basicJobs.kinds }, [], [basicJobs, 1]]) {
    await assert.rejects(createRouter({ jobs: jobs as never }), (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.equal(error.option, "jobs");
      return true;
    });
  }
});
