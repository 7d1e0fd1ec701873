import { createRouter, defineJobs, Histogram } from "../mod.ts";
import { medianAwaitedNs, medianNs, type Result, type Suite } from "./measure.ts";

/** Calls in a round: few enough to stay within the inline slice of one turn. */
const CALLS = 10_000;
const REPEATS = 101;

const KINDS = ["first", "second", "third"] as const;
const HINTS = { scalingPotential: 0.3, latencyBudgetMs: 50 };

const jobs = defineJobs({
  first: { cost: (input) => input.n, run: (input: { n: number }) => input.n + 1 },
  second: { cost: 1, run: (input: { n: number }) => input.n + 2 },
  third: { cost: 1, run: (input: { n: number }) => input.n * 3 },
});

/** What any timed submit has to do: two clock reads, two histograms, one promise. */
function createFloor(): (i: number) => Promise<{ output: number }> {
  const waitMs = new Histogram();
  const runMs = new Histogram();
  return (i) => {
    const start = performance.now();
    const output = i + 1;
    const end = performance.now();
    waitMs.record(0);
    runMs.record(end - start);
    return Promise.resolve({ output });
  };
}

/** The whole way of a job that runs inline: decision, counters, two histograms. */
export const inlineSuite: Suite = {
  name: "inline",
  async run(): Promise<Result[]> {
    const router = await createRouter({ jobs, inlineSliceMs: 1_000 });
    const floor = createFloor();
    const submit = (i: number) => router.submit(KINDS[i % 3], { n: i & 1023 }, HINTS);
    const sink = { settled() {}, refused() {} };
    const offer = (i: number) => router.offer(KINDS[i % 3], { n: i & 1023 }, HINTS, sink);
    const figures: Record<string, number> = {
      "performance.now": await medianNs(() => performance.now(), CALLS, REPEATS),
      "floor (timed call to promise)": await medianNs(floor, CALLS, REPEATS),
      "helixrouter offer": await medianNs(offer, CALLS, REPEATS),
      "helixrouter submit": await medianNs(submit, CALLS, REPEATS),
      "helixrouter await submit": await medianAwaitedNs(submit, CALLS, REPEATS),
    };
    const { routed, submitted } = router.stats();
    if (routed.inline !== submitted) {
      throw new Error("Cannot measure: some jobs did not run inline");
    }
    await router.close();
    return Object.entries(figures).map(([contestant, value]) => (
      { suite: "inline", contestant, metric: "time per job", value, unit: "ns" }
    ));
  },
};
