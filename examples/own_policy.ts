// A policy of one's own: jobs below a size that it learns from the run times run here, all others
// on a worker; when the pool has more than two jobs waiting per worker, low priorities are shed.

import { createRouter, type Decision, type Policy } from "helixrouter";
import jobs from "./readme/jobs.ts";

const HERE: Decision = { strategy: "inline", reason: "below_a_millisecond" };
const POOL: Decision = { strategy: "cpu_pool", reason: "above_a_millisecond" };
const SHED: Decision = { strategy: "backpressure_drop", reason: "low_priority_under_load" };

/** Milliseconds that one unit of cost takes, by kind. */
type State = Map<string, number>;

const learned: Policy<State> = {
  name: "learned",
  init: () => new Map(),
  decide(job, load, msPerUnit) {
    const expectedMs = job.computeCost * (msPerUnit.get(job.kind.name) ?? 1e-4);
    if (expectedMs < 1) return HERE;
    const isBusy = load.poolWaiting > 2 * load.cpuParallelism;
    return isBusy && job.priority < 5 ? SHED : POOL;
  },
  observe(msPerUnit, { type, job, status, runMs = 0 }) {
    if (type !== "settle" || status !== "completed" || !(job.computeCost > 0)) return;
    const before = msPerUnit.get(job.kind.name);
    const now = runMs / job.computeCost;
    msPerUnit.set(job.kind.name, before === undefined ? now : before * 0.9 + now * 0.1);
  },
};

const router = await createRouter({ jobs, policy: learned, cpuParallelism: 1 });
router.onDecision(({ kind, computeCost, strategy, reason }) =>
  console.log(`${kind}(${computeCost}): ${strategy}, ${reason}`)
);
await router.run("greet", "policy", { computeCost: 10 });
await router.run("count_primes", { limit: 1_000_000 });
const flood = Array.from(
  { length: 12 },
  (_, i) => router.submit("count_primes", { limit: 500_000 }, { priority: i % 10 }),
);
const outcomes = await Promise.all(flood);
console.log(outcomes.filter((outcome) => outcome.status === "completed").length, "of 12 completed");
await router.close();
