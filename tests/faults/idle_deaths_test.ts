// A worker that dies while it is idle costs no job, and is told of all the same.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type CrashCause, createRouter, runtimeInfo, type WorkerCrash } from "../../mod.ts";
import type { Transport } from "../../src/transport/port.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import jobs from "../fixtures/late_death_jobs.ts";
import { guarded, until } from "../fixtures/until.ts";

type Death = Exclude<keyof typeof jobs.kinds, "well" | "exits">;

/** What each runtime tells of an exit code; Deno's Web Workers tell none. */
const { name: runtime } = runtimeInfo();
const codesOf = (...codes: number[]): unknown[] => runtime === "deno" ? [undefined] : codes;
/** Bun's is 0 after a rejection, and with its test runner after a throw, too. */
const FAILED = runtime === "bun" ? codesOf(0, 1) : codesOf(1);

const DEATHS: Readonly<Record<Death, readonly [CrashCause, RegExp, unknown[]]>> = {
  throwsLater: ["error", /it broke/, FAILED],
  rejectsLater: ["error", /it broke/, FAILED],
  rejectsWithNothing: ["error", /undefined/, FAILED],
  exitsLater: ["exit", /Worker exited/, codesOf(3)],
};

function createOne(transport: Transport) {
  const policy = forcedPolicy("cpu_pool");
  return createRouter({ jobs, policy, cpuParallelism: 1, transport });
}

/** Gathers warnings while `run` is at work. */
async function warningsOf(run: () => Promise<void>): Promise<string[]> {
  const warnings: string[] = [];
  const { warn } = console;
  console.warn = (message: string) => void warnings.push(message);
  try {
    await run();
  } finally {
    console.warn = warn;
  }
  return warnings;
}

for (const [kind, [cause, words, exitCodes]] of Object.entries(DEATHS)) {
  for (const transport of ["shared_memory", "messages"] as const) {
    test(`a worker that ${kind} is told of, by ${transport}`, guarded, async () => {
      const warnings = await warningsOf(async () => {
        await using router = await createOne(transport);
        const crashes: WorkerCrash[] = [];
        router.on("worker", (event) => {
          if (event.type === "crashed") crashes.push(event);
        });
        assert.equal(await router.run(kind as Death, "it broke"), "done");
        await until(() => crashes.length > 0);
        const [{ error, exitCode, ...crash }] = crashes;
        const wanted = { worker: 1, cause, lastKind: kind, wasIdle: true };
        assert.deepEqual(crash, { type: "crashed", ...wanted });
        assert.ok(exitCodes.includes(exitCode), `exit code ${exitCode}`);
        const { stack = "" } = (error.cause ?? {}) as Error;
        assert.match(error.message, words);
        if (words.source === "it broke") assert.match(stack, /late_death_jobs/);
        assert.equal(await router.run("well", 2), 2);
        const { crashed, crashes: counts } = router.stats().workers;
        assert.deepEqual([crashed, counts[cause]], [1, 1]);
      });
      assert.deepEqual(warnings, [], "it was heard");
    });
  }

  test(`a worker that ${kind} unheard gives one warning`, guarded, async () => {
    const warnings = await warningsOf(async () => {
      await using router = await createOne("auto");
      await router.run(kind as Death, "it broke");
      await until(() => router.stats().workers.crashed > 0);
      assert.equal(await router.run("well", 2), 2);
    });
    assert.equal(warnings.length, 1);
    const about = `Worker 1 died while it was idle, after a job of kind "${kind}": `;
    assert.ok(warnings[0].startsWith(about), warnings[0]);
    assert.match(warnings[0], words);
  });
}

test("a worker that dies with its job gives no warning: the job is told", guarded, async () => {
  const warnings = await warningsOf(async () => {
    await using router = await createOne("auto");
    await assert.rejects(router.run("exits", 3), { name: "WorkerCrashedError" });
  });
  assert.deepEqual(warnings, []);
});
