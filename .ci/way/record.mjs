// Runs the rewritten sources and records jobs, one at a time, on a warm, idle pool.
import { createHook } from "node:async_hooks";
import { setTimeout as delay } from "node:timers/promises";
import * as recorder from "./recorder.mjs";

/** So many jobs teach the router what to expect. */
const WARM_UP_JOBS = 300;
/** Now and then a job finds something due, such as the statistics of a second: the shortest way counts. */
const RECORDED_JOBS = 5;
/** After this time whatever runs only while jobs are in flight has stopped, and the worker sleeps. */
const IDLE_MS = 50;
const HINTS = { latencyBudgetMs: 1_000 };

/** Types of what the runtime calls back, and the number of each promise, by the hooks of Node. */
const types = new Map();
const numbers = new WeakMap();
/** When each promise was settled. */
let settled = new Map();
const hook = createHook({
  init(id, type, _trigger, resource) {
    types.set(id, type);
    if (type === "PROMISE") numbers.set(resource, id);
  },
  before: (id) => recorder.startEvent(types.get(id)),
  promiseResolve: (id) => settled.set(id, recorder.mark()),
  destroy: (id) => types.delete(id),
});

/** Each job to the pool, short as it is. */
const POOL = { name: "pool", decide: () => TO_POOL };
const TO_POOL = { strategy: "cpu_pool", reason: "always" };

/**
 * Records jobs by one transport. `createRouter` is that of the rewritten sources, `functions` are theirs;
 * `jobs` have a kind `next` that takes a number. Gives for each job the calls, when `submit()` had
 * returned, and when the job's promise was settled.
 */
export async function recordJobs(createRouter, functions, jobs, transport) {
  hook.enable();
  const router = await createRouter({ jobs, policy: POOL, transport, cpuParallelism: 1 });
  try {
    for (let n = 0; n < WARM_UP_JOBS; n++) await router.submit("next", n, HINTS);
    await router.drain();
    const records = [];
    for (let n = 0; n < RECORDED_JOBS; n++) records.push(await recordJob(router, functions));
    return records;
  } finally {
    await router.close();
    hook.disable();
  }
}

async function recordJob(router, functions) {
  await delay(IDLE_MS);
  settled = new Map();
  recorder.start(functions);
  const promise = router.submit("next", 1, HINTS);
  const submittedAt = recorder.mark();
  const outcome = await promise;
  await delay(1);
  const calls = recorder.stop();
  if (outcome.strategy !== "cpu_pool") {
    throw new Error(`Cannot follow the job as it must run on the pool: ${JSON.stringify(outcome)}`);
  }
  return { calls, submittedAt, settledAt: settled.get(numbers.get(promise)) };
}
