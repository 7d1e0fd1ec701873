import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createRouter, InvalidInputError, thresholdPolicy } from "../../mod.ts";
import { demoInput, roundsInput } from "../../src/simulation/demo_input.ts";
import jobs from "../../src/simulation/jobs.ts";
import { hashMix, hashMixRounds } from "../../src/simulation/kernels/hash_mix.ts";
import { monteCarloRisk } from "../../src/simulation/kernels/monte_carlo_risk.ts";
import { type DemoInput, demoJobs } from "../../src/simulation/mod.ts";
import { runs } from "../fixtures/property.ts";

function check(input: unknown) {
  const result = demoInput["~standard"].validate(input);
  assert.ok(!(result instanceof Promise));
  return result;
}

/** Path and message of the first thing that is wrong with an input. */
function complaint(input: unknown): [string, string] {
  const [issue] = check(input).issues ?? assert.fail(`not refused: ${String(input)}`);
  return [(issue.path ?? []).map(String).join("."), issue.message];
}

test("demoJobs is the default export of its file", () => {
  assert.equal(jobs, demoJobs);
  assert.deepEqual(Object.keys(demoJobs.kinds), [
    "hash_mix",
    "prime_count",
    "monte_carlo_risk",
    "llm_request",
  ]);
});

test("demoJobs take bigint, integer and decimal string for the same number", () => {
  const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  fc.assert(
    fc.property(uint64, fc.array(uint64), uint64, (id, inputs, cost) => {
      const exact = { id, inputs, cost };
      assert.deepEqual(check(exact), { value: exact });
      const text = { id: String(id), inputs: inputs.map(String), cost: String(cost) };
      assert.deepEqual(check(text), { value: exact });
    }),
    runs(100),
  );
  fc.assert(
    fc.property(fc.maxSafeNat(), (cost) => {
      assert.deepEqual(check({ id: 0, inputs: [cost], cost }), {
        value: { id: 0n, inputs: [BigInt(cost)], cost: BigInt(cost) },
      });
    }),
    runs(100),
  );
});

test("demoJobs say what is wrong with an input, and where", () => {
  const right = { id: 1, inputs: [1, 2], cost: 5 };
  const wanted = "must be an integer from 0 to 2^64 - 1 (bigint, safe integer or decimal string)";
  assert.deepEqual(complaint({ ...right, cost: -1 }), ["cost", `${wanted}: received -1`]);
  assert.deepEqual(complaint({ ...right, cost: 1.5 }), ["cost", `${wanted}: received 1.5`]);
  assert.deepEqual(complaint({ ...right, cost: 2 ** 53 }), [
    "cost",
    `${wanted}: received 9007199254740992`,
  ]);
  assert.deepEqual(complaint({ ...right, id: 2n ** 64n }), [
    "id",
    `${wanted}: received 18446744073709551616`,
  ]);
  assert.deepEqual(complaint({ ...right, id: "0x10" }), ["id", `${wanted}: received "0x10"`]);
  assert.deepEqual(complaint({ ...right, inputs: [1, ""] }), [
    "inputs.1",
    `${wanted}: received ""`,
  ]);
  assert.deepEqual(complaint({ ...right, inputs: 3 }), ["inputs", "must be an array: received 3"]);
  assert.deepEqual(complaint({ ...right, id: undefined }), ["id", `${wanted}: received undefined`]);
  assert.deepEqual(complaint(null), [
    "",
    "must be an object with id, inputs and cost: received null",
  ]);
});

test("demoJobs refuse any other value without throwing", () => {
  fc.assert(
    fc.property(fc.anything(), (input) => {
      const result = check(input);
      assert.ok(result.issues === undefined || result.issues.length > 0);
      assert.ok(!(roundsInput["~standard"].validate(input) instanceof Promise));
    }),
    runs(100),
  );
});

test("llm_request takes rounds that fit 32 bits", () => {
  for (const rounds of [0, 1, 4_294_967_295]) {
    assert.deepEqual(roundsInput["~standard"].validate(rounds), { value: rounds });
  }
  for (const wrong of [-1, 0.5, 4_294_967_296, "5", 5n, NaN, null]) {
    const result = roundsInput["~standard"].validate(wrong);
    assert.ok(!(result instanceof Promise) && result.issues !== undefined, String(wrong));
  }
});

test("demoJobs give the kernels' outputs, in workers and batches, too", async () => {
  const router = await createRouter({
    jobs: demoJobs,
    cpuParallelism: 1,
    policy: thresholdPolicy(),
  });
  const input: DemoInput = { id: 3, inputs: ["7", 8n, 9], cost: 120_000 };
  const values: [bigint, bigint[], bigint] = [3n, [7n, 8n, 9n], 120_000n];
  for (const computeCost of [1, 30_000, 100_000]) {
    for (const scalingPotential of [0, 1]) {
      const hints = { computeCost, scalingPotential };
      const [hash, risk, rounds, ...primes] = await Promise.all([
        router.run("hash_mix", input, hints),
        router.run("monte_carlo_risk", input, hints),
        router.run("llm_request", 1_000, hints),
        ...[10_000, 10_007].map((cost) => router.run("prime_count", { ...input, cost }, hints)),
      ]);
      assert.equal(hash, hashMix(values[1], values[2]));
      assert.equal(risk, monteCarloRisk(...values));
      assert.equal(rounds, hashMixRounds(1, 1_000));
      assert.deepEqual(primes, [1_229, 1_230]);
    }
  }
  const { routed } = router.stats();
  for (const strategy of ["inline", "spawn", "cpu_pool", "batch"] as const) {
    assert.ok(routed[strategy] > 0, strategy);
  }
  await assert.rejects(
    router.submit("hash_mix", { id: 1, inputs: [], cost: "much" }),
    (error) => error instanceof InvalidInputError && error.message.includes('at "cost"'),
  );
  await router.close();
});
