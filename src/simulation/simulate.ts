import { createRouter, type HelixRouter, type RouterOptions, runtimeInfo } from "../../mod.ts";
import type { Arrival } from "./arrival.ts";
import { calibrateRoundsPerMs } from "./calibration.ts";
import { defaultWorkers } from "./default_workers.ts";
import { demoJobs, type DemoKinds } from "./jobs.ts";
import { kernelModule } from "./kernels/kernel_module.ts";
import { type LoadOptions, resolveLoad, type SimulateOptions } from "./options.ts";
import { replay } from "./replay.ts";
import { type SimulationReport, toReport } from "./report.ts";
import { Simulation } from "./simulation.ts";
import { systemClock } from "./system_clock.ts";
import { toArrivals } from "./trace_arrivals.ts";
import { createWorkload } from "./workload.ts";

const DRAIN_MS = 5_000;

/**
 * Runs a load through a router of its own and reports the results: the synthetic workload,
 * submitted all at once, or a trace, replayed at its arrival times. The workers are ready before
 * the clock starts.
 *
 * @example Usage
 * ```ts
 * import { simulate } from "helixrouter/simulation";
 * import assert from "node:assert/strict";
 *
 * const report = await simulate({ jobs: 50, seed: 7 });
 * assert.equal(report.submitted, 50);
 * assert.equal(report.completed + report.dropped, 50);
 * ```
 *
 * @param options Additional options.
 * @returns The report; after an abort, of what was done until then.
 * @throws {RangeError} If an option of the load is out of range.
 * @throws {InvalidOptionError} If one of the router's options is invalid.
 * @throws {JobModuleError} If the workers cannot load the jobs.
 * @throws {WorkerCrashedError} If no worker started in three attempts.
 */
export async function simulate(options: SimulateOptions = {}): Promise<SimulationReport> {
  const load = resolveLoad(options);
  const { router: routerOptions = {}, signal } = options;
  const clock = routerOptions.clock ?? systemClock;
  const isPaced = load.trace !== undefined;
  const roundsPerMs = load.trace?.some(({ kind }) => kind === "llm_request")
    ? calibrateRoundsPerMs(clock)
    : undefined;
  const arrivals = createArrivals(load, roundsPerMs);
  kernelModule(); // compiled before the clock starts

  const createdAtMs = clock.now();
  const router = await createWarmRouter(routerOptions);
  try {
    const { policy, load: { cpuParallelism: workers } } = router.stats();
    const simulation = new Simulation(router, options);
    options.onStart?.({
      policy,
      workers,
      warmMs: clock.now() - createdAtMs,
      roundsPerMs,
      jobs: arrivals.length,
      spanMs: isPaced ? (arrivals.at(-1)?.atMs ?? 0) / load.speed : 0,
      settled: () => simulation.tally.settled,
    });

    const startMs = clock.now();
    if (isPaced) {
      await replay(
        arrivals,
        { clock, speed: load.speed, signal },
        (arrival, lateMs) => simulation.offer(arrival, lateMs),
      );
    } else if (!signal?.aborted) {
      for (const arrival of arrivals) simulation.offer(arrival, 0);
    }
    await drain(router, signal);
    const wallMs = clock.now() - startMs;
    await router.close({ drainMs: DRAIN_MS });

    const { rejected, eventLoopLagMs } = router.stats();
    return toReport(simulation.tally, {
      runtime: runtimeInfo().name,
      policy,
      seed: load.seed,
      rejected,
      eventLoopLagMs,
      workers,
      wallMs,
    });
  } finally {
    await router.close({ drainMs: 0 }); // already closed, unless something threw
  }
}

function createArrivals(load: LoadOptions, roundsPerMs = 1): readonly Arrival[] {
  return load.trace === undefined
    ? [...createWorkload(load)]
    : toArrivals(load.trace, { seed: load.seed, roundsPerMs });
}

/** Creates a router that keeps as many workers as it may have; resolves once they are ready. */
async function createWarmRouter(
  options: Omit<RouterOptions, "jobs" | "minWorkers">,
): Promise<HelixRouter<DemoKinds>> {
  const minWorkers = await defaultWorkers(options);
  return createRouter({ ...options, jobs: demoJobs, minWorkers });
}

/** Waits until nothing is in flight; after an abort, closes the router instead. */
function drain(router: HelixRouter<DemoKinds>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const close = (): void => {
      router.close({ drainMs: DRAIN_MS }).then(resolve, reject);
    };
    if (signal?.aborted) return close();
    signal?.addEventListener("abort", close);
    router.drain().then(() => {
      signal?.removeEventListener("abort", close);
      if (!signal?.aborted) resolve();
    }, reject);
  });
}
