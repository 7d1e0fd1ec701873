import { cpus } from "node:os";
import { cpuTimeUs, sleep } from "../measure.ts";

/** Watches other processes; gives what they have had of all cores since, as a share. */
export function watchOthers(): () => number {
  const startMs = performance.now();
  const start = othersMs();
  return () => (othersMs() - start) / (cpus().length * (performance.now() - startMs));
}

/** Waits until other processes have at most such a share of the cores for 2 s, but not for ever. */
export async function othersAreQuiet(share: number, mostTries: number): Promise<void> {
  for (let i = 0; i < mostTries; i++) {
    const stop = watchOthers();
    await sleep(2_000);
    if (stop() <= share) return;
  }
}

/** CPU time of all other processes, and of the system, in ms. */
function othersMs(): number {
  let sum = -cpuTimeUs() / 1_000;
  for (const { times: { user, nice, sys, irq } } of cpus()) sum += user + nice + sys + irq;
  return sum;
}
