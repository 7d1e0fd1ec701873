import type { HelixRouter, SubmitOptions } from "../../mod.ts";
import type { DemoInput } from "../simulation/demo_input.ts";
import type { DemoKinds } from "../simulation/mod.ts";
import { nominalServiceMs } from "../simulation/service_time.ts";
import { delay } from "./std_async.ts";

/** Work that is offered, as a multiple of what the pool can do at best. */
const OVERLOAD = 3;
const TICK_MS = 20;
const DURATION_MS = 20_000;
/** 50,000 samples: the dearest job of the demo, some ms on any machine. */
const COST = 10_000_000;
const LATENCY_BUDGET_MS = 60;

/**
 * Offers a router more heavy jobs than it can do, evenly, for 20 s: it has to drop most of them.
 *
 * @param router Takes the jobs.
 * @param signal Ends it.
 */
export async function feedOverload(
  router: HelixRouter<DemoKinds>,
  signal: AbortSignal,
): Promise<void> {
  const serviceMs = nominalServiceMs("monte_carlo_risk", COST);
  const options: SubmitOptions = { latencyBudgetMs: LATENCY_BUDGET_MS, signal };
  const sink = { settled() {}, refused() {} };
  const startMs = performance.now();
  let offered = 0;
  for (;;) {
    const elapsedMs = performance.now() - startMs;
    if (signal.aborted || router.closed || elapsedMs > DURATION_MS) return;
    const { cpuParallelism } = router.stats().load;
    const due = OVERLOAD * cpuParallelism * (elapsedMs + TICK_MS) / serviceMs;
    for (; offered < due; offered++) {
      router.offer("monte_carlo_risk", createInput(offered), options, sink);
    }
    await delay(TICK_MS, { signal }).catch(() => {}); // the signal ends the pause
  }
}

function createInput(id: number): DemoInput {
  return { id: BigInt(id), inputs: [BigInt(id), 7n], cost: BigInt(COST) };
}
