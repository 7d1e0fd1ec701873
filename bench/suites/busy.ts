import { closeSoon } from "../contestant.ts";
import { contestantOf, SHORT_LIST } from "../contestants/all.ts";
import { keepBusy, pinToOneCore } from "../crowd.ts";
import { cpuTimeUs, keepInFlight, sleep } from "../measure.ts";
import { quantile } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";

const WORKERS = 2;
const WARM_UP_MS = 500;
const PACE_MS = 1;

type Call = () => Promise<unknown>;
/** Makes calls for so long, in ms. */
type MakeCalls = (call: Call, durationMs: number) => Promise<unknown>;

const FLOWS: Readonly<Record<string, MakeCalls>> = {
  "1 in flight": (call, durationMs) => keepInFlight(call, 1, durationMs),
  "256 in flight": (call, durationMs) => keepInFlight(call, 256, durationMs),
  "1,000 a second": keepPace,
};

/** What else goes on; gives what ends it. */
const MACHINES: Readonly<Record<string, () => () => void>> = {
  idle: () => () => {},
  "2 busy loops": () => keepBusy(2),
  "one core": pinToOneCore,
};

/** Whether tiny jobs stay quick while other programs want the cores. */
export const busySuite: Suite = {
  name: "busy",
  about: "`n + 1` on 2 workers, ours with a policy that sends all jobs to the pool; on an idle " +
    "machine, beside 2 endless loops, and with the whole process on one core",
  cases: Object.keys(FLOWS).flatMap((flow) =>
    Object.keys(MACHINES).map((machine) => `${flow}, ${machine}`)
  ),
  columns: [
    { metric: "p50", unit: "µs" },
    { metric: "worst p50", unit: "µs", from: "p50", pick: "worst" },
    { metric: "CPU per job", unit: "µs" },
  ],
  ours: "helixrouter",
  entries: SHORT_LIST,
  limitS: 30,
  async measure({ entry, case: name, quick }: Test): Promise<Measured> {
    const comma = name.lastIndexOf(", ");
    const makeCalls = FLOWS[name.slice(0, comma)];
    const stop = MACHINES[name.slice(comma + 2)](); // first: programs start on busy machines, too
    try {
      const contestant = contestantOf(SHORT_LIST, entry);
      const opened = await contestant.open({ workers: WORKERS, job: "add_one" });
      await makeCalls(() => opened.run(41), WARM_UP_MS);
      const times: number[] = [];
      const timed = async (): Promise<void> => {
        const startMs = performance.now();
        await opened.run(41);
        times.push((performance.now() - startMs) * 1e3);
      };
      const beforeUs = cpuTimeUs();
      await makeCalls(timed, quick ? 700 : 1_500);
      const cpuUs = cpuTimeUs() - beforeUs;
      await closeSoon(opened);
      return { [entry]: { p50: quantile(times, 0.5), "CPU per job": cpuUs / times.length } };
    } finally {
      stop();
    }
  },
};

/** One call each millisecond, whether or not the last one is back. */
async function keepPace(call: Call, durationMs: number): Promise<void> {
  const startMs = performance.now();
  const calls: Promise<unknown>[] = [];
  while (performance.now() - startMs < durationMs) {
    const dueMs = startMs + calls.length * PACE_MS;
    if (performance.now() < dueMs) await sleep(1);
    else calls.push(call());
  }
  await Promise.all(calls);
}
