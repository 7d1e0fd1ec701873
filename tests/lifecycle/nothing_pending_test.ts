// Once close() has resolved, nothing of ours is pending: no timer, no message, no worker. On Deno its
// test sanitizers look for what is (node:test's tests go without them), elsewhere what the process lists.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import { createRouter, JobTimeoutError, type RouterOptions, runtimeInfo } from "../../mod.ts";
import { createHttpApp, serve } from "../../src/http/mod.ts";
import faultJobs from "../fixtures/fault_jobs.ts";
import { createFlags } from "../fixtures/flags.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";

/** Lives per case: where something was left behind, it was in one life of three. */
const ROUNDS = process.env.HELIX_LONG === "1" ? 10 : 3;

type Options = Partial<RouterOptions<typeof faultJobs>>;

function open(options: Options = {}) {
  return createRouter<typeof faultJobs>({ jobs: faultJobs, cpuParallelism: 2, ...options });
}

/** A life of a router that runs one job each way it is told, and is closed. */
async function live(options: Options, kind: "square" | "batch" = "square"): Promise<void> {
  const router = await open(options);
  const jobs = [1, 2, 3].map((n) =>
    kind === "square" ? router.run("square", n) : router.run("batch", "well")
  );
  await Promise.all(jobs);
  await router.close();
}

async function time(options: Options): Promise<void> {
  const router = await open({ ...options, policy: forcedPolicy("cpu_pool"), abortGraceMs: 1 });
  const never = { mine: createFlags(), other: createFlags() };
  await assert.rejects(router.submit("meet", never, { runTimeoutMs: 50 }), JobTimeoutError);
  await router.close();
}

/** Closes while a thread is lost. */
async function lose(options: Options): Promise<void> {
  const router = await open({ ...options, policy: forcedPolicy("cpu_pool"), abortGraceMs: 1 });
  const flags = createFlags();
  const job = router.submit("sleepNatively", { flags, ms: 1_500 }, { runTimeoutMs: 300 });
  await assert.rejects(job, JobTimeoutError);
  await router.close({ drainMs: 0 });
  assert.equal(router.stats().workers.lost, 1);
}

async function refuse(options: Options): Promise<void> {
  const router = await open(options);
  await assert.rejects(router.submit("square", 2, { signal: AbortSignal.abort("no") }));
  await assert.rejects(router.submit("nothing" as "square", 2));
  await router.close();
}

/** Closes while a job runs and others wait. */
async function cancel(options: Options): Promise<void> {
  const router = await open({ ...options, policy: forcedPolicy("cpu_pool") });
  const never = { mine: createFlags(), other: createFlags() };
  const jobs = [1, 2, 3].map(() => assert.rejects(router.submit("meet", never)));
  await router.close({ drainMs: 1 });
  await Promise.all(jobs);
}

async function post(fetch: (request: Request) => Response | Promise<Response>, url: string) {
  const response = await fetch(
    new Request(`${url}/api/jobs/square`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input: 3 }),
    }),
  );
  assert.equal(response.status, 200);
  await response.json();
}

async function fetchApp(options: Options): Promise<void> {
  const router = await open({ ...options, policy: forcedPolicy("cpu_pool") });
  const app = createHttpApp(router);
  await post((request) => app.fetch(request), "http://127.0.0.1");
  await router.close();
}

async function serveApp(options: Options): Promise<void> {
  const router = await open({ ...options, policy: forcedPolicy("cpu_pool") });
  const served = await serve(createHttpApp(router), { port: 0 });
  await post(fetch, served.url);
  await served.close();
  await router.close();
}

const lives: Record<string, (options: Options) => Promise<void>> = {
  "an inline job": (options) => live({ ...options, policy: forcedPolicy("inline") }),
  "a spawned job": (options) => live({ ...options, policy: forcedPolicy("spawn") }),
  "pool jobs": (options) => live({ ...options, policy: forcedPolicy("cpu_pool") }),
  "batch jobs": (options) => live({ ...options, policy: forcedPolicy("batch") }, "batch"),
  "a job over its run timeout": time,
  "a native call over its run timeout": lose,
  "jobs that are refused": refuse,
  "jobs that are cancelled": cancel,
  "a request to the app": fetchApp,
  "a request to the server": serveApp,
};

// deno-lint-ignore no-explicit-any
const { Deno } = globalThis as any;

/** What Node lists of the kinds that could be ours; `null` where the runtime lists nothing. */
function pending(): string[] | null {
  const list = process.getActiveResourcesInfo?.() ?? [];
  return list.filter((name) => ["Timeout", "Immediate", "MessagePort", "Worker"].includes(name));
}

/** Lives often, and finds after each life what it found before the first. */
async function liveOnNode(once: () => Promise<void>): Promise<void> {
  const before = pending();
  for (let round = 0; round < ROUNDS; round++) {
    await once();
    assert.deepEqual(pending(), before, `round ${round}`);
  }
}

for (const transport of ["shared_memory", "messages"] as const) {
  for (const [name, life] of Object.entries(lives)) {
    const title = `nothing is pending after close(): ${name} (${transport})`;
    const once = () => life({ transport });
    const { name: runtime } = runtimeInfo();
    if (runtime === "deno") {
      // One test a round: they look when a test ends.
      const sanitizers = { sanitizeOps: true, sanitizeResources: true, sanitizeExit: true };
      for (let round = 1; round <= ROUNDS; round++) {
        Deno.test({ name: `${title}, round ${round}`, ...sanitizers, fn: once });
      }
    } else if (runtime === "node") {
      test(title, guarded, () => liveOnNode(once));
    } else {
      const skip = skippedIf(true, title, "Bun lists nothing of what is pending");
      test(title, { skip }, () => {});
    }
  }
}
