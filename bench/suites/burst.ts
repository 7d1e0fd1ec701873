import { closeSoon, type Opened } from "../contestant.ts";
import { contestantOf, SHORT_LIST } from "../contestants/all.ts";
import { burstMs, sleep } from "../measure.ts";
import { median } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";

const WORKERS = 2;
/** Jobs at once. */
const SIZES: Readonly<Record<string, number>> = { "500": 500, "5,000": 5_000, "30,000": 30_000 };
/** Bursts of another kind, after which the code on this side is compiled. */
const WARM_UP_BURSTS = 3;

/** What a kind of job costs that no worker has run before. */
export const burstSuite: Suite = {
  name: "burst",
  about:
    "`n + 1` so many times at once, the first jobs of their kind, and again; the workers are " +
    "up, and ours have run jobs of another kind",
  cases: Object.keys(SIZES),
  columns: [
    { metric: "first burst", unit: "µs" },
    { metric: "later burst", unit: "µs" },
    { metric: "first ÷ later", unit: "×", ratio: false },
  ],
  ours: "helixrouter",
  entries: SHORT_LIST,
  limitS: 30,
  async measure({ entry, case: name, quick }: Test): Promise<Measured> {
    const count = SIZES[name];
    const contestant = contestantOf(SHORT_LIST, entry);
    const opened = await contestant.open({ workers: WORKERS, job: "add_one", waiting: count });
    await bringUp(opened);
    const perJobUs = async (): Promise<number> =>
      await burstMs((i) => opened.run(i), count) * 1e3 / count;
    const first = await perJobUs();
    const later: number[] = [];
    for (let i = 0; i < (quick ? 1 : 3); i++) later.push(await perJobUs());
    await closeSoon(opened);
    return {
      [entry]: {
        "first burst": first,
        "later burst": median(later),
        "first ÷ later": first / later[0],
      },
    };
  },
};

/** Waits for both workers; those of peers start by themselves. */
async function bringUp({ whichWorker }: Opened): Promise<void> {
  if (whichWorker === undefined) return await sleep(500);
  const seen = new Set<unknown>();
  for (let i = 0; i < WARM_UP_BURSTS || seen.size < WORKERS; i++) {
    await burstMs(async () => seen.add(await whichWorker()), 400);
  }
}
