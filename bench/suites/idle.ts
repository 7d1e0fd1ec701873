import type { Contestant } from "../contestant.ts";
import { contestantOf } from "../contestants/all.ts";
import { helixrouterOf } from "../contestants/helixrouter.ts";
import { piscina } from "../contestants/piscina.ts";
import { raw } from "../contestants/raw.ts";
import { cpuTimeUs, keepInFlight, sleep } from "../measure.ts";
import type { Measured, Suite, Test } from "../suite.ts";

const WORKERS = 2;
/** The workers stay for as long as is measured. */
const idleTimeoutMs = 600_000;
/** Engines go on cleaning up for a while; this is how long that is shown apart. */
const SETTLE_MS = 2_000;
/** What ours may use at most, in % of a core. */
const LIMIT = 0.1;

const CONTESTANTS: readonly Contestant[] = [
  helixrouterOf("helixrouter", { idleTimeoutMs }),
  helixrouterOf("helixrouter (messages)", { idleTimeoutMs, transport: "messages" }),
  piscina("piscina"),
  raw, // what two threads cost that nothing is on
];

/** What workers cost that wait for jobs. */
export const idleSuite: Suite = {
  name: "idle",
  about: "CPU time of the whole process with 2 idle workers, all of which have run jobs, in % of " +
    `one core; ours may use ${LIMIT} %`,
  columns: [
    { metric: "CPU while idle", unit: "% of a core", ratio: false },
    { metric: "after 2 s", unit: "% of a core", ratio: false },
  ],
  ours: "helixrouter",
  entries: [{ name: "bare process" }, ...CONTESTANTS],
  limitS: 30,
  async measure({ entry, quick }: Test): Promise<Measured> {
    const checkWorkers = entry === "bare process" ? undefined : await openAndUse(entry);
    await sleep(100);
    const start = look();
    await sleep(SETTLE_MS);
    const settled = look();
    await sleep((quick ? 2_300 : 10_000) - SETTLE_MS);
    const end = look();
    checkWorkers?.();
    return {
      [entry]: { "CPU while idle": percent(start, end), "after 2 s": percent(settled, end) },
    };
  },
  problem(figures) {
    for (const [name, { "CPU while idle": used }] of figures) {
      if (name.startsWith("helixrouter") && used > LIMIT) {
        return `${name} uses ${used.toFixed(2)} % of a core while idle, more than ${LIMIT} %`;
      }
    }
    return undefined;
  },
};

/** The clocks at one moment. */
interface Look {
  readonly ms: number;
  readonly cpuUs: number;
}

function look(): Look {
  return { ms: performance.now(), cpuUs: cpuTimeUs() };
}

/** CPU time between two moments, in % of one core. */
function percent(from: Look, to: Look): number {
  return (to.cpuUs - from.cpuUs) / (to.ms - from.ms) / 10;
}

/** Gives what throws unless all of the workers are there. */
async function openAndUse(name: string): Promise<() => void> {
  const opened = await contestantOf(CONTESTANTS, name).open({ workers: WORKERS, job: "add_one" });
  await keepInFlight(() => opened.run(1), 256, 500);
  const checkWorkers = (): void => {
    const count = opened.workers?.() ?? WORKERS;
    if (count !== WORKERS) throw new Error(`Cannot measure: ${count} of ${WORKERS} workers`);
  };
  checkWorkers();
  return checkWorkers;
}
