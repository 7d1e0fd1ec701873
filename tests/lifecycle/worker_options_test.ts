// Workers are started with the options that people bring, or createRouter() says that this runtime cannot.
import assert from "node:assert/strict";
import process from "node:process";
import { test } from "node:test";
import {
  createRouter,
  type HelixRouter,
  InvalidOptionError,
  JobFailedError,
  type KindsOf,
  type RouterOptions,
  runtimeInfo,
} from "../../mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";
import jobs from "../fixtures/worker_facts_jobs.ts";

const runtime = runtimeInfo().name;

async function withRouter(
  options: Partial<RouterOptions<typeof jobs>>,
  use: (router: HelixRouter<KindsOf<typeof jobs>>) => Promise<void>,
): Promise<void> {
  const policy = forcedPolicy("cpu_pool");
  const router = await createRouter<typeof jobs>({ jobs, policy, cpuParallelism: 1, ...options });
  try {
    await use(router);
  } finally {
    await router.close();
  }
}

/** Fails unless createRouter() says that this runtime cannot have the option. */
async function assertUnable(options: object, name: string): Promise<void> {
  await assert.rejects(createRouter({ jobs, ...options }), (error) => {
    assert.ok(error instanceof InvalidOptionError);
    assert.equal(error.option, name);
    assert.match(error.message, /must be left out on this runtime: received/);
    return true;
  });
}

for (const transport of ["shared_memory", "messages"] as const) {
  test(`workers have the env of the router, and no other (${transport})`, guarded, async () => {
    const env = { HELIX_GIVEN: "given", HELIX_LEFT_OUT: undefined };
    if (runtime === "deno") return assertUnable({ env }, "env");
    process.env.HELIX_LEFT_OUT = process.env.HELIX_OWN = "of the process";
    await withRouter({ env, transport }, async (router) => {
      assert.equal(await router.run("env", "HELIX_GIVEN"), "given");
      for (const name of ["HELIX_LEFT_OUT", "HELIX_OWN", "PATH"]) {
        assert.equal(await router.run("env", name), undefined, name);
      }
    });
  });
}

test("workers without env have that of the process", guarded, async () => {
  process.env.HELIX_OWN = "of the process";
  await withRouter({}, async (router) => {
    assert.equal(await router.run("env", "HELIX_OWN"), "of the process");
  });
});

test("debuggers know workers by the name of the router", guarded, async (t) => {
  await withRouter({ name: "images" }, async (router) => {
    const name = await router.run("name", null);
    if (name !== undefined) return assert.equal(name, "images");
    const reason = "a worker cannot read its name on Node before 22.20 and 24.6";
    skippedIf(true, "debuggers know workers by the name of the router", reason);
    t.skip(reason);
  });
});

test("workers have the limits of the router", guarded, async () => {
  const resourceLimits = {
    maxOldGenerationSizeMb: 64,
    maxYoungGenerationSizeMb: 8,
    stackSizeMb: 1,
  };
  if (runtime !== "node") return assertUnable({ resourceLimits }, "resourceLimits");
  await withRouter({ resourceLimits }, async (router) => {
    assert.deepEqual(await router.run("limits", null), { ...resourceLimits, codeRangeSizeMb: 0 });
    await assert.rejects(router.run("deep", 100_000), (error) => {
      assert.ok(error instanceof JobFailedError && error.cause instanceof RangeError);
      return true;
    });
    assert.equal(await router.run("deep", 100), 100, "the same worker goes on");
  });
  const larger = { resourceLimits: { stackSizeMb: 64 } };
  await withRouter(larger, async (router) => {
    assert.equal(await router.run("deep", 100_000), 100_000);
  });
});
