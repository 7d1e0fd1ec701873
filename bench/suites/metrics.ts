import { createRouter, defineJobs } from "../../mod.ts";
import { alwaysPool } from "../contestants/helixrouter.ts";
import plainJobs from "../jobs/plain_jobs.ts";
import { keepInFlight, nextTurn } from "../measure.ts";
import { median } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";

/** Calls in a window of `inline`: few enough to stay within the inline slice of one turn. */
const CALLS = 10_000;
const IN_FLIGHT = 256;
const POOL_WINDOW_MS = 300;

const NAMES = ["first", "second", "third"] as const;
const HINTS = { scalingPotential: 0.3, latencyBudgetMs: 50 };

const inlineJobs = defineJobs({
  first: { cost: (input) => input.n, run: (input: { n: number }) => input.n + 1 },
  second: { cost: 1, run: (input: { n: number }) => input.n + 2 },
  third: { cost: 1, run: (input: { n: number }) => input.n * 3 },
});

/** One of the two routers of a case. */
interface Side {
  /** Runs jobs for a window, and gives the time of one, in ns. */
  window(): Promise<number>;
  /** Throws if jobs went another way than the one that is measured. */
  close(): Promise<void>;
}

/** How many pairs of windows, and how many of them come before the engine has compiled all. */
interface Plan {
  readonly warmUp: number;
  readonly pairs: number;
}

interface Case {
  open(metrics: boolean): Promise<Side>;
  readonly full: Plan;
  readonly quick: Plan;
}

const CASES: Readonly<Record<string, Case>> = {
  inline: { open: openInline, full: { warmUp: 60, pairs: 240 }, quick: { warmUp: 30, pairs: 60 } },
  pool: { open: openPool, full: { warmUp: 6, pairs: 30 }, quick: { warmUp: 4, pairs: 24 } },
};

/** What the histograms and the other figures cost: two routers that differ in nothing else. */
export const metricsSuite: Suite = {
  name: "metrics",
  about:
    "`metrics: true` and `metrics: false`: two routers in one process, in turn; jobs that do " +
    `nothing, in place and on one worker with ${IN_FLIGHT} in flight`,
  cases: Object.keys(CASES),
  columns: [
    { metric: "time per job", unit: "ns" },
    { metric: "on / off, pairs", unit: "%", ratio: false },
  ],
  ours: "metrics on",
  entries: [{ name: "metrics on" }], // measures both
  limitS: 60,
  async measure({ case: name, quick }: Test): Promise<Measured> {
    const { open, ...plans } = CASES[name];
    const { warmUp, pairs } = quick ? plans.quick : plans.full;
    const on = await open(true);
    const off = await open(false);
    const onNs: number[] = [];
    const offNs: number[] = [];
    for (let pair = -warmUp; pair < pairs; pair++) {
      // Who goes first changes, so that nobody always finds the same one's garbage.
      const isOffFirst = (pair & 1) === 1;
      const first = await (isOffFirst ? off : on).window();
      const second = await (isOffFirst ? on : off).window();
      if (pair < 0) continue;
      onNs.push(isOffFirst ? second : first);
      offNs.push(isOffFirst ? first : second);
    }
    await on.close();
    await off.close();
    return {
      "metrics on": {
        "time per job": median(onNs),
        "on / off, pairs": 100 * median(onNs.map((ns, pair) => ns / offNs[pair])),
      },
      "metrics off": { "time per job": median(offNs) },
    };
  },
};

async function openInline(metrics: boolean): Promise<Side> {
  const router = await createRouter({ jobs: inlineJobs, inlineSliceMs: 1_000, metrics });
  return {
    async window() {
      await nextTurn();
      const start = performance.now();
      for (let i = 0; i < CALLS; i++) void router.submit(NAMES[i % 3], { n: i & 1023 }, HINTS);
      return (performance.now() - start) * 1e6 / CALLS;
    },
    async close() {
      const { routed, submitted } = router.stats();
      await router.close();
      if (routed.inline !== submitted) {
        throw new Error("Cannot measure: some jobs did not run inline");
      }
    },
  };
}

async function openPool(metrics: boolean): Promise<Side> {
  const router = await createRouter({
    jobs: plainJobs,
    policy: alwaysPool,
    cpuParallelism: 1,
    metrics,
  });
  return {
    async window() {
      let calls = 0;
      const start = performance.now();
      await keepInFlight(() => router.submit("add_one", calls++), IN_FLIGHT, POOL_WINDOW_MS);
      return (performance.now() - start) * 1e6 / calls;
    },
    async close() {
      const { completed, routed, submitted } = router.stats();
      await router.close();
      if (routed.cpu_pool !== submitted || completed !== submitted) {
        throw new Error("Cannot measure: some jobs did not complete on the worker");
      }
    },
  };
}
