// When those who were dropped are told to come back, and how often an obedient crowd has to.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { SettledJob } from "../../mod.ts";
import { MAX_RETURN_MS, Returns } from "../../src/policy/returns.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createWorld } from "../virtual/world.ts";

test("each is told to come back later than the one before, as places are freed", () => {
  const returns = new Returns();
  const told = Array.from({ length: 4 }, () => returns.next(1_000, 100, 10, 0));
  assert.deepEqual(told, [100, 113, 125, 138]);
  assert.equal(returns.next(1_050, 100, 10, 0), 100, "nobody before what waits has started");
  assert.equal(returns.next(9_000, 0.2, 1, 0), 1, "1 ms at the least");
});

test("nobody is told to come back before anything is expected to start", () => {
  const returns = new Returns();
  const told = Array.from({ length: 3 }, () => returns.next(0, 100, 10, 5_000));
  assert.deepEqual(told, [5_000, 5_013, 5_025]);
  assert.equal(new Returns().next(0, 0, 0, 1e9), MAX_RETURN_MS);
});

test("nobody is told to come back after more than a minute", () => {
  const returns = new Returns();
  const told = Array.from({ length: 1_000 }, () => returns.next(0, 2_000, 10, 0));
  assert.ok(told.every((ms) => ms >= 2_000 && ms <= MAX_RETURN_MS));
  assert.equal(told.at(-1), MAX_RETURN_MS);
  assert.equal(returns.next(0, 1e9, 1, 0), MAX_RETURN_MS);
});

/** A crowd of producers that come back when they are told to. */
interface Crowd {
  readonly lane: "cpu_pool" | "spawn";
  /** Run time of their jobs, in ms. */
  readonly ms: number;
  /** Whether something is known of run times before they come. */
  readonly isWarm: boolean;
}

/** How many of a crowd of 3,000 needed how many tries, for two at a time and a queue of 10. */
async function tryAll({ lane, ms, isWarm }: Crowd): Promise<Record<number, number>> {
  const { clock, router } = await createWorld({
    policy: forcedPolicy(lane),
    cpuParallelism: 2,
    spawnConcurrency: 2,
    cpuQueueCapacity: 10,
    spawnQueueCapacity: 10,
  });
  const kind = lane === "spawn" ? "local" : "shared";
  const tries: number[] = [];
  let left = 0;
  const submit = (producer: number): void => {
    tries[producer]++;
    const sink = {
      settled(job: SettledJob) {
        if (job.status === "completed") left--;
        else clock.setTimer((job as { retryAfterMs?: number }).retryAfterMs!, submit, producer);
      },
      refused: assert.fail,
    };
    router.offer(kind, { id: producer, ms, later: true }, undefined, sink);
  };
  const come = (producers: number): void => {
    left = producers;
    tries.splice(0);
    for (let producer = 0; producer < producers; producer++) {
      tries[producer] = 0;
      submit(producer);
    }
    while (left > 0) assert.ok(clock.step());
  };
  if (isWarm) come(8);
  come(3_000);
  const counts: Record<number, number> = {};
  for (const count of tries) counts[count] = (counts[count] ?? 0) + 1;
  return counts;
}

const crowds: readonly Crowd[] = [
  { lane: "cpu_pool", ms: 2, isWarm: true },
  { lane: "cpu_pool", ms: 20, isWarm: true },
  { lane: "cpu_pool", ms: 20, isWarm: false },
  { lane: "cpu_pool", ms: 35, isWarm: false },
  { lane: "spawn", ms: 10, isWarm: false },
];

for (const crowd of crowds) {
  const known = crowd.isWarm ? "known" : "unknown";
  test(`3,000 who obey need 3 tries each at most: ${crowd.lane}, ${crowd.ms} ms, ${known}`, {
    timeout: 60_000,
  }, async () => {
    const tries = await tryAll(crowd);
    assert.equal(tries[1], crowd.lane === "spawn" ? 10 : 12, "the others found no room at first");
    assert.ok(Object.keys(tries).every((count) => Number(count) <= 3), JSON.stringify(tries));
  });
}
