import type { HelixRouter } from "../../mod.ts";
import type { Arrival } from "../simulation/arrival.ts";
import type { DemoKinds } from "../simulation/mod.ts";
import { createWorkload } from "../simulation/workload.ts";
import { delay, pooledMap } from "./std_async.ts";

const JOBS_PER_ROUND = 200;
const IN_FLIGHT = 64;
const PAUSE_MS = 1_000;

/**
 * Keeps a router busy with the synthetic workload, in rounds with a pause in between, each round
 * with a seed of its own.
 *
 * @param router The router.
 * @param signal Stops the load.
 */
export async function feedSyntheticLoad(
  router: HelixRouter<DemoKinds>,
  signal: AbortSignal,
): Promise<void> {
  const submit = (arrival: Arrival): Promise<unknown> =>
    new Promise((resolve) => {
      const { kind, input, hints } = arrival;
      router.offer(kind, input, { ...hints, signal }, { settled: resolve, refused: resolve });
    });
  for (let seed = 1; !signal.aborted; seed++) {
    const round = createWorkload({ jobs: JOBS_PER_ROUND, seed });
    // To its end even after an abort, which is quick: left early, pooledMap rejects unhandled.
    for await (const _ of pooledMap(IN_FLIGHT, round, submit));
    await delay(PAUSE_MS, { signal }).catch(() => {}); // the signal ends the pause
  }
}
