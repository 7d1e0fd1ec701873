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

/** One of the routers of a case. */
interface Side {
  /** Runs jobs for a window, and gives the time of one, in ns. */
  window(): Promise<number>;
  /** Throws if jobs went another way than the one that is measured. */
  close(): Promise<void>;
}

/** Two routers that are the same show how far apart equal ones are. */
const SIDES = ["metrics on", "metrics off", "metrics off, too"] as const;

/** How many rounds of windows, and how many of them come before the engine has compiled all. */
interface Plan {
  readonly warmUp: number;
  readonly rounds: number;
}

interface Case {
  open(metrics: boolean): Promise<Side>;
  readonly full: Plan;
  readonly quick: Plan;
}

const CASES: Readonly<Record<string, Case>> = {
  inline: {
    open: openInline,
    full: { warmUp: 60, rounds: 240 },
    quick: { warmUp: 30, rounds: 60 },
  },
  pool: { open: openPool, full: { warmUp: 6, rounds: 30 }, quick: { warmUp: 4, rounds: 24 } },
};

/** What the histograms and the other figures cost: routers that differ in nothing else. */
export const metricsSuite: Suite = {
  name: "metrics",
  about:
    "`metrics: true`, `metrics: false`, and another that is off: three routers in one process, in " +
    `turn; jobs that do nothing, in place and on one worker with ${IN_FLIGHT} in flight`,
  cases: Object.keys(CASES),
  columns: [
    { metric: "time per job", unit: "ns" },
    { metric: "against off", unit: "%", ratio: false },
  ],
  ours: "metrics on",
  entries: [{ name: "metrics on" }], // measures all
  limitS: 60,
  async measure({ case: name, quick }: Test): Promise<Measured> {
    const { open, ...plans } = CASES[name];
    const { warmUp, rounds } = quick ? plans.quick : plans.full;
    const sides = [await open(true), await open(false), await open(false)];
    const ns: number[][] = sides.map(() => []);
    for (let round = -warmUp; round < rounds; round++) {
      // Who goes first changes, so that nobody always finds the same one's garbage.
      for (let turn = 0; turn < sides.length; turn++) {
        const side = (turn + round + warmUp) % sides.length;
        const timeNs = await sides[side].window();
        if (round >= 0) ns[side].push(timeNs);
      }
    }
    for (const side of sides) await side.close();
    const figures = ns.map((times) => ({
      "time per job": median(times),
      "against off": 100 * median(times.map((time, round) => time / ns[1][round])),
    }));
    return Object.fromEntries(SIDES.map((name, side) => [name, figures[side]]));
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
