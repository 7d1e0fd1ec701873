import { calibrateRoundsPerMs } from "../../src/simulation/calibration.ts";
import { sleep } from "../measure.ts";
import { moduleUrl } from "../place.ts";
import { median } from "../stats.ts";
import { startThread } from "../thread.ts";

const TIMES = 5;
/** A core that has slept is a few percent faster for some 10 ms, so that one calibration is too short. */
const CALIBRATIONS = 8;
const BUSY_MS = 500;
const LEAD_MS = 20;

/** Measures how many rounds of work a core does in a ms that goes on working, while the others sleep. */
export async function steadyRoundsPerMs(): Promise<number> {
  await sleep(100);
  return median(Array.from({ length: CALIBRATIONS }, () => calibrateRoundsPerMs(performance)));
}

/**
 * Measures the speed of a core beside one that does the same work, as a share of its speed alone, by turns;
 * takes 5 s.
 */
export async function measurePairSpeed(): Promise<number> {
  const thread = await startThread(moduleUrl("jobs/busy_kernel"));
  const shares: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    await sleep(BUSY_MS);
    const alone = await steadyRoundsPerMs();
    thread.post(BUSY_MS);
    await sleep(LEAD_MS);
    shares.push(await steadyRoundsPerMs() / alone);
  }
  await thread.end();
  return Math.min(1, median(shares));
}
