import { createRouter, defineJobs, type HelixRouter, Histogram, type KindsOf } from "../../mod.ts";
import { createPQueue } from "../contestants/p_queue.ts";
import { medianAwaitedNs, medianNs } from "../measure.ts";
import type { Measured, Suite, Test } from "../suite.ts";

/** Calls in a round: few enough to stay within the inline slice of one turn. */
const CALLS = 10_000;

const NAMES = ["first", "second", "third"] as const;
const HINTS = { scalingPotential: 0.3, latencyBudgetMs: 50 };

const jobs = defineJobs({
  first: { cost: (input) => input.n, run: (input: { n: number }) => input.n + 1 },
  second: { cost: 1, run: (input: { n: number }) => input.n + 2 },
  third: { cost: 1, run: (input: { n: number }) => input.n * 3 },
});

type Router = HelixRouter<KindsOf<typeof jobs>>;
/** Gives the time of one call, in ns. */
type Measure = (repeats: number) => Promise<number>;

const MEASURES: Readonly<Record<string, Measure>> = {
  "performance.now": (repeats) => medianNs(() => performance.now(), CALLS, repeats),
  "floor (timed call to promise)": (repeats) => medianNs(createFloor(), CALLS, repeats),
  "helixrouter offer": onRouter((router) => {
    const sink = { settled() {}, refused() {} };
    const offer = (i: number) => router.offer(NAMES[i % 3], { n: i & 1023 }, HINTS, sink);
    return (repeats) => medianNs(offer, CALLS, repeats);
  }),
  "helixrouter submit": onRouter((router) => {
    const submit = (i: number) => router.submit(NAMES[i % 3], { n: i & 1023 }, HINTS);
    return (repeats) => medianNs(submit, CALLS, repeats);
  }),
  "helixrouter submit, no metrics": onRouter((router) => {
    const submit = (i: number) => router.submit(NAMES[i % 3], { n: i & 1023 }, HINTS);
    return (repeats) => medianNs(submit, CALLS, repeats);
  }, { metrics: false }),
  "helixrouter await submit": onRouter((router) => {
    const submit = (i: number) => router.submit(NAMES[i % 3], { n: i & 1023 }, HINTS);
    return (repeats) => medianAwaitedNs(submit, CALLS, repeats);
  }),
  "p-queue await add": async (repeats) => {
    const queue = await createPQueue();
    return await medianAwaitedNs((i) => queue.add(() => i + 1), CALLS, repeats);
  },
};

/** The whole way of a job that runs inline: decision, counters, two histograms. */
export const inlineSuite: Suite = {
  name: "inline",
  about: "a job that does nothing, run on the caller's own thread",
  columns: [{ metric: "time per job", unit: "ns" }],
  ours: "helixrouter submit",
  entries: Object.keys(MEASURES).map((name) => (
    name.startsWith("p-queue") ? { name, package: "p-queue" } : { name }
  )),
  limitS: 60,
  async measure({ entry, quick }: Test): Promise<Measured> {
    return { [entry]: { "time per job": await MEASURES[entry](quick ? 21 : 101) } };
  },
};

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

function onRouter(
  measureOf: (router: Router) => Measure,
  options: { metrics?: boolean } = {},
): Measure {
  return async (repeats) => {
    const router = await createRouter({ jobs, inlineSliceMs: 1_000, ...options });
    const figure = await measureOf(router)(repeats);
    const { routed, submitted } = router.stats();
    if (routed.inline !== submitted) {
      throw new Error("Cannot measure: some jobs did not run inline");
    }
    await router.close();
    return figure;
  };
}
