import { createRandom, poissonOffsets, replayArrivals } from "../arrivals.ts";
import type { Contestant } from "../contestant.ts";
import { contestantOf } from "../contestants/all.ts";
import { helixrouterAsUsed } from "../contestants/helixrouter.ts";
import { piscina } from "../contestants/piscina.ts";
import { raw } from "../contestants/raw.ts";
import { tinypool } from "../contestants/tinypool.ts";
import { loadWork } from "../jobs/work.ts";
import { watchLoopDelay } from "../loop_delay.ts";
import { sleep } from "../measure.ts";
import { quantile } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";

const WORKERS = 2;
const TINY_MS = 0.02;
const HEAVY_MS = 20;
const HEAVY_SHARE = 0.1;
/** 70 % of what one core can do. */
const RATE_PER_S = 0.7 * 1_000 / (HEAVY_SHARE * HEAVY_MS + (1 - HEAVY_SHARE) * TINY_MS);

/** No router and no pool: every job runs where it arrives. */
const allInline: Contestant = {
  name: "all inline",
  load: () => Promise.resolve(),
  async open() {
    const { burn } = await loadWork();
    return { run: (ms) => Promise.resolve(burn(ms as number)), close() {} };
  },
};

const CONTESTANTS: readonly Contestant[] = [
  helixrouterAsUsed(),
  allInline,
  raw,
  piscina("piscina"),
  tinypool("tinypool"),
];

/** What the choice is worth: cheap and costly jobs in one program. */
export const mixedSuite: Suite = {
  name: "mixed",
  about:
    `90 % jobs of 20 µs, 10 % of 20 ms, Poisson arrivals at ${RATE_PER_S.toFixed(0)}/s (70 % ` +
    "of a core), 2 workers; ours with the threshold policy, the pools take all jobs; latency from " +
    "the scheduled arrival",
  columns: [
    { metric: "tiny p50", unit: "ms" },
    { metric: "tiny p90", unit: "ms" },
    { metric: "tiny p99", unit: "ms" },
    { metric: "heavy p50", unit: "ms" },
    { metric: "heavy p99", unit: "ms" },
    { metric: "loop delay p99", unit: "ms" },
  ],
  ours: "helixrouter",
  entries: CONTESTANTS,
  limitS: 60,
  async measure({ entry, quick }: Test): Promise<Measured> {
    const { run } = await contestantOf(CONTESTANTS, entry).open({ workers: WORKERS, job: "burn" });
    for (let i = 0; i < 20; i++) await Promise.all([run(1), run(HEAVY_MS / 4), run(TINY_MS)]);
    await sleep(100);

    const offsetsMs = poissonOffsets({
      ratePerS: RATE_PER_S,
      durationMs: quick ? 2_000 : 8_000,
      seed: 11,
    });
    const random = createRandom(12);
    const sizesMs = Array.from(offsetsMs, () => random() < HEAVY_SHARE ? HEAVY_MS : TINY_MS);
    const doneMs = new Float64Array(offsetsMs.length).fill(Infinity);
    const pending: Promise<void>[] = [];
    const stopWatch = watchLoopDelay();
    const startMs = await replayArrivals(offsetsMs, (index) => {
      pending.push(run(sizesMs[index]).then(() => void (doneMs[index] = performance.now())));
    });
    await Promise.all(pending);
    const delaysMs = stopWatch();

    const latencies = (sizeMs: number): number[] =>
      sizesMs.flatMap((size, i) => size === sizeMs ? [doneMs[i] - startMs - offsetsMs[i]] : []);
    const tiny = latencies(TINY_MS);
    const heavy = latencies(HEAVY_MS);
    return {
      [entry]: {
        "tiny p50": quantile(tiny, 0.5),
        "tiny p90": quantile(tiny, 0.9),
        "tiny p99": quantile(tiny, 0.99),
        "heavy p50": quantile(heavy, 0.5),
        "heavy p99": quantile(heavy, 0.99),
        "loop delay p99": quantile(delaysMs, 0.99),
      },
    };
  },
};
