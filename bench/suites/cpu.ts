import { contestantOf, POOLS } from "../contestants/all.ts";
import { startRawThread } from "../contestants/raw.ts";
import { loadWork } from "../jobs/work.ts";
import { burstMs, cpuTimeUs } from "../measure.ts";
import { median } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";
import { heard } from "../thread.ts";

const WORKERS = 2;

/** Jobs, and how they are submitted. */
interface Load {
  /** Size of a job. */
  readonly ms: number;
  readonly jobs: number;
  /** How many are in flight at a time. Default: all of them, which fit the default queue. */
  readonly inFlight?: number;
}

const LOADS: Readonly<Record<string, Load>> = {
  "1 ms": { ms: 1, jobs: 400 },
  "10 ms": { ms: 10, jobs: 80 },
  "1 ms, 2 in flight": { ms: 1, jobs: 400, inFlight: 2 },
  "1 ms, 4 in flight": { ms: 1, jobs: 400, inFlight: 4 },
};

/** Before that, engines compile on the cores that are measured. */
const WARM_UP_MS = 1_500;

/** One thread, and two that never wait for anything: each gets its jobs in one message. */
const BASES: Readonly<Record<string, number>> = { "one thread": 1, ideal: WORKERS };

/** Whether real work gets all of the cores. */
export const cpuSuite: Suite = {
  name: "cpu",
  about:
    "jobs of real work on 2 workers, submitted at once, or 2 or 4 in flight; `one thread` and `ideal` (two threads) " +
    "get their share in a single message. The size is nominal: it was set on the main thread",
  cases: Object.keys(LOADS),
  columns: [
    { metric: "throughput", unit: "jobs/s", largerIsBetter: true },
    { metric: "CPU per job", unit: "µs" },
    { metric: "speed-up over one thread", unit: "×", ratio: false, largerIsBetter: true },
    { metric: "share of ideal", unit: "%", ratio: false, largerIsBetter: true },
  ],
  ours: "helixrouter",
  entries: [{ name: "one thread" }, { name: "ideal" }, ...POOLS],
  limitS: 40,
  /** How often `sort` sorts in a millisecond here. */
  async prepare(): Promise<number> {
    const { sort } = await loadWork();
    const rates: number[] = [];
    for (let i = 0; i < 40; i++) {
      const start = performance.now();
      sort(1_000);
      rates.push(1_000 / (performance.now() - start));
    }
    return Math.round(Math.max(...rates)); // the least disturbed one
  },
  async measure({ entry, case: size, quick, prepared }: Test): Promise<Measured> {
    const { ms, jobs, inFlight } = LOADS[size];
    const rounds = ms * prepared;
    const count = quick ? jobs / 2 : jobs;
    const repeats = quick ? 3 : 5;
    const base = BASES[entry];
    const runAll = base === undefined
      ? await openPool(entry, rounds, inFlight)
      : await openBase(base, rounds);
    const warmEnd = performance.now() + WARM_UP_MS;
    while (performance.now() < warmEnd) await runAll(count / 4);
    const times: number[] = [];
    const beforeUs = cpuTimeUs();
    for (let i = 0; i < repeats; i++) times.push(await runAll(count));
    const cpuUs = cpuTimeUs() - beforeUs;
    return {
      [entry]: {
        throughput: count / median(times) * 1e3,
        "CPU per job": cpuUs / (repeats * count),
      },
    };
  },
  derive(figures) {
    const one = figures.get("one thread")?.throughput;
    const ideal = figures.get("ideal")?.throughput;
    for (const row of figures.values()) {
      if (one !== undefined) row["speed-up over one thread"] = row.throughput / one;
      if (ideal !== undefined) row["share of ideal"] = row.throughput / ideal * 100;
    }
  },
};

/** Gives what runs so many jobs and tells how long that took, in ms. */
type RunAll = (count: number) => Promise<number>;

async function openPool(name: string, rounds: number, inFlight?: number): Promise<RunAll> {
  const { run } = await contestantOf(POOLS, name).open({ workers: WORKERS, job: "sort" });
  if (inFlight === undefined) return (count) => burstMs(() => run(rounds), count);
  return async (count) => {
    let left = count;
    const lane = async (): Promise<void> => {
      while (left-- > 0) await run(rounds);
    };
    const start = performance.now();
    await Promise.all(Array.from({ length: inFlight }, lane));
    return performance.now() - start;
  };
}

async function openBase(workers: number, rounds: number): Promise<RunAll> {
  const threads = await Promise.all(
    Array.from({ length: workers }, () => startRawThread({ job: "sort", mode: "many" })),
  );
  return async (count) => {
    const share = new Array<number>(count / workers).fill(rounds);
    const start = performance.now();
    await Promise.all(threads.map((thread) => {
      thread.post(share);
      return heard(thread);
    }));
    return performance.now() - start;
  };
}
