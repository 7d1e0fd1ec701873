// What a job throws looks the same wherever it ran.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, JobFailedError, type Strategy } from "../../mod.ts";
import type { Transport } from "../../src/transport/port.ts";
import { assertNothingLeft } from "../fixtures/assert_counts.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { THROWN, THROWN_NAMES, type ThrownName } from "../fixtures/thrown.ts";
import jobs, { jobsOfThisThread } from "../fixtures/thrown_jobs.ts";
import { isError } from "../../src/error_type.ts";
import { shapeOf } from "../fixtures/thrown_shape.ts";
import { guarded } from "../fixtures/until.ts";

function createThrowingRouter(strategy: Strategy, transport?: Transport, ofThis = jobs) {
  return createRouter({
    jobs: ofThis,
    policy: forcedPolicy(strategy),
    cpuParallelism: 1,
    batchMaxSize: 50,
    batchMaxDelayMs: 1,
    ...(transport !== undefined && { transport }),
  });
}

type ThrowingRouter = Awaited<ReturnType<typeof createThrowingRouter>>;

async function failureOf(
  router: ThrowingRouter,
  kind: "throw" | "reject" | "failAll",
  name: ThrownName,
) {
  const error = await router.submit(kind, name).then(
    () => assert.fail("It did not fail"),
    (error: unknown) => error,
  );
  assert.ok(error instanceof JobFailedError, `${name}: ${error}`);
  return error;
}

const away: readonly (readonly [Strategy, Transport | undefined])[] = [
  ["cpu_pool", "shared_memory"],
  ["cpu_pool", "messages"],
  ["spawn", undefined],
];

for (const [strategy, transport] of away) {
  for (const kind of ["throw", "reject"] as const) {
    const where = transport === undefined ? strategy : `${strategy} by ${transport}`;
    test(`what a job may ${kind} looks the same inline and on ${where}`, guarded, async () => {
      const here = await createThrowingRouter("inline");
      const there = await createThrowingRouter(strategy, transport);
      for (const name of THROWN_NAMES) {
        const wanted = await failureOf(here, kind, name);
        const received = await failureOf(there, kind, name);
        assert.equal(received.message, wanted.message, name);
        assert.deepEqual(shapeOf(received.cause), shapeOf(wanted.cause), name);
      }
      for (const router of [here, there]) {
        await router.close();
        assertNothingLeft(router.stats());
      }
    });
  }
}

for (const transport of ["shared_memory", "messages"] as const) {
  test(`failed items look the same in a batch here and by ${transport}`, guarded, async () => {
    const here = await createThrowingRouter("batch", transport, jobsOfThisThread);
    const there = await createThrowingRouter("batch", transport);
    const names = THROWN_NAMES.filter((name) => isError(THROWN[name]()));
    assert.ok(names.includes("foreign") && names.includes("timeout"));
    const failures = (router: ThrowingRouter) =>
      Promise.all(names.map((name) => failureOf(router, "failAll", name)));
    const [wanted, received] = await Promise.all([failures(here), failures(there)]);
    for (const [i, name] of names.entries()) {
      assert.deepEqual(shapeOf(received[i].cause), shapeOf(wanted[i].cause), name);
    }
    for (const router of [here, there]) {
      await router.close();
      assertNothingLeft(router.stats());
    }
  });
}
