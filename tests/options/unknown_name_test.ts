import assert from "node:assert/strict";
import { test } from "node:test";
import { adaptivePolicy, createRouter, InvalidOptionError, thresholdPolicy } from "../../mod.ts";
import { defineJobs } from "../../src/define/jobs.ts";
import { wantedFor as wantedOnPage } from "../../src/unknown_name.browser.ts";
import { optionTable } from "../../src/options/option_table.ts";
import { wantedFor } from "../../src/unknown_name.ts";
import { createWorld } from "../virtual/world.ts";

const OPTIONS = Object.keys(optionTable);
const jobs = defineJobs({ double: { run: (n: number) => 2 * n } });
const run = () => 0;

const meantBy = (name: string, known: readonly string[] = OPTIONS): string | undefined =>
  /^one of the options\. Did you mean (\w+)\? They are /.exec(wantedFor(name, known))?.[1];

test("names that other pools have for the number of workers mean cpuParallelism", () => {
  const names = "workers maxWorkers threads maxThreads poolSize concurrency maxConcurrency";
  for (const name of names.split(" ")) assert.equal(meantBy(name), "cpuParallelism", name);
  assert.equal(meantBy("minThreads"), "minWorkers");
  assert.equal(meantBy("maxQueue"), "cpuQueueCapacity");
  assert.equal(meantBy("workers", ["ordered", "hints"]), undefined, "only where it is known");
});

test("a misspelt option means the nearest one", () => {
  const misspelt = {
    cpuParalelism: "cpuParallelism",
    cpuparallelism: "cpuParallelism",
    minWorker: "minWorkers",
    idleTimeout: "idleTimeoutMs",
    piority_ageing: "priorityAgeingMs",
    job: "jobs",
    policies: "policy",
  };
  for (const [name, meant] of Object.entries(misspelt)) assert.equal(meantBy(name), meant, name);
  // But for "workers", which is their number.
  for (const one of OPTIONS) if (one !== "worker") assert.equal(meantBy(`${one}s`), one);
});

test("what is an option of a kind or a submit goes there, and does not mean one like it", () => {
  for (const name of ["latencyBudgetMs", "priority", "runTimeoutMs"]) {
    const wanted = `one of the options. It goes on a kind or a submit. The options are ${
      OPTIONS.join(", ")
    }`;
    assert.equal(wantedFor(name, OPTIONS), wanted);
  }
});

test("what is like none of them means nothing", () => {
  for (const name of ["", "x", "foo", "unknown", "verbose", "onFinish", "__proto__"]) {
    assert.equal(wantedFor(name, OPTIONS), `one of the options ${OPTIONS.join(", ")}`);
  }
});

test("wherever options are read by name, the nearest one is told before all others", async () => {
  const { router } = await createWorld();
  const refusals: [() => unknown, string][] = [
    [() => createRouter({ jobs, workers: 4 } as never), "cpuParallelism? They are jobs, policy"],
    [() => createRouter({ jobs, resourceLimits: { stackSize: 4 } } as never), "stackSizeMb?"],
    [
      () => defineJobs({ double: { run, runBach: run } } as never),
      "runBatch? They are input, cost",
    ],
    [
      () => defineJobs("file:///a.js", { double: { run } }, { tearDown: run } as never),
      "teardown?",
    ],
    [() => router.submit("shared", {} as never, { priorty: 1 } as never), "priority?"],
    [() => router.map("shared", [], { order: false } as never), "ordered?"],
    [() => router.configure({ batchSize: 4 } as never), "batchMaxSize?"],
    [() => router.close({ drain: 5 } as never), "drainMs?"],
    [() => adaptivePolicy({ objectiv: "count" } as never), "objective?"],
    [() => thresholdPolicy({ inlineTreshold: 5 } as never), "inlineThreshold?"],
  ];
  for (const [refused, meant] of refusals) {
    await assert.rejects(async () => await refused(), (error: Error) => {
      const told = `must be one of the options. Did you mean ${meant}`;
      assert.ok(error.message.includes(told), `${error.message} does not say ${told}`);
      return true;
    });
  }
});

test("createRouter() says that what it was given are the jobs themselves", async () => {
  const ofModule = defineJobs("file:///a.js", { double: { run } });
  for (const given of [jobs, ofModule, [jobs, ofModule]]) {
    await assert.rejects(createRouter(given as never), (error) => {
      assert.ok(error instanceof InvalidOptionError);
      assert.equal(error.option, "options");
      assert.match(error.message, /"options" must be an object such as \{ jobs \}: received /);
      return true;
    });
  }
});

test("a page tells all that are known", () => {
  assert.equal(wantedOnPage("runBach", ["run", "runBatch"]), "one of the options run, runBatch");
  assert.equal(wantedOnPage("ad", ["add"], "kinds"), "one of the kinds add");
});
