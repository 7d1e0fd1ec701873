import { calibrateRoundsPerMs } from "../../src/simulation/calibration.ts";
import { sleep } from "../measure.ts";
import { moduleUrl } from "../place.ts";
import { median } from "../stats.ts";
import { startThread } from "../thread.ts";

/** How fast the cores of this machine are. */
export interface CoreSpeeds {
  /** Rounds of work in a ms of a core, while the other ones sleep. */
  readonly roundsPerMs: number;
  /** The speed beside another busy core, as a share of that. */
  readonly pairSpeed: number;
}

const TIMES = 5;
/** A calibration takes 40 ms, and begins when the other thread has. */
const BUSY_MS = 120;
const LEAD_MS = 20;

/** Measures them, alone and beside the same work by turns; takes 2 s. */
export async function measureCoreSpeeds(): Promise<CoreSpeeds> {
  const thread = await startThread(moduleUrl("jobs/busy_kernel"));
  const alone: number[] = [];
  const beside: number[] = [];
  for (let i = 0; i < TIMES; i++) {
    await sleep(2 * BUSY_MS);
    alone.push(calibrateRoundsPerMs(performance));
    thread.post(BUSY_MS);
    await sleep(LEAD_MS);
    beside.push(calibrateRoundsPerMs(performance));
  }
  await thread.end();
  const roundsPerMs = median(alone);
  return { roundsPerMs, pairSpeed: Math.min(1, median(beside) / roundsPerMs) };
}
