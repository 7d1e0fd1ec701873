import type { HelixRouter, SubmitOptions } from "../../mod.ts";
import { calibrateRoundsPerMs } from "../simulation/calibration.ts";
import type { DemoKinds } from "../simulation/mod.ts";
import { delay } from "./std_async.ts";

/** Offered work, as a multiple of what the pool can do. */
const OVERLOAD = 3;
const TICK_MS = 20;
const DURATION_MS = 20_000;
/** Run time of a job, on any machine. */
const JOB_MS = 5;
const LATENCY_BUDGET_MS = 60;
/** Heavy for the policy, on any machine. */
const COST = 200_000;

/**
 * Offers a router three times as many heavy jobs as it can run, evenly, for 20 s: it has to drop
 * two out of three.
 *
 * @param router The router.
 * @param signal Stops the load.
 */
export async function feedOverload(
  router: HelixRouter<DemoKinds>,
  signal: AbortSignal,
): Promise<void> {
  const rounds = Math.round(JOB_MS * calibrateRoundsPerMs(performance));
  const options: SubmitOptions = { computeCost: COST, latencyBudgetMs: LATENCY_BUDGET_MS, signal };
  const sink = { settled() {}, refused() {} };
  const startMs = performance.now();
  let offered = 0;
  for (;;) {
    const elapsedMs = performance.now() - startMs;
    if (signal.aborted || router.closed || elapsedMs > DURATION_MS) return;
    const { cpuParallelism } = router.load;
    const due = OVERLOAD * cpuParallelism * (elapsedMs + TICK_MS) / JOB_MS;
    for (; offered < due; offered++) router.offer("llm_request", rounds, options, sink);
    await delay(TICK_MS, { signal }).catch(() => {}); // the signal ends the pause
  }
}
