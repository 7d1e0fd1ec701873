import { createRouter, defineJobs, type HelixRouter, type KindsOf } from "../../mod.ts";
import { createPQueue } from "../contestants/p_queue.ts";
import { nextTurn } from "../measure.ts";
import { median } from "../stats.ts";
import type { Measured, Suite, Test } from "../suite.ts";

/** Calls in a turn of the event loop: few enough to stay within the default inline slice. */
const CALLS = 1_000;

/** Rounds of one turn each for a contestant and the floor; before that, engines still compile. */
const FULL = { warmUp: 200, rounds: 800 };
const QUICK = { warmUp: 100, rounds: 200 };

const jobs = defineJobs({ add_one: { cost: 1, run: addOne } });

type Router = HelixRouter<KindsOf<typeof jobs>>;
/** Makes the calls of one turn; gives the time of one, in ns. */
type Turn = () => number | Promise<number>;

/** One way to have a job done. */
interface Side {
  readonly turn: Turn;
  /** Waits for all jobs; gives how many so far have gone another way than the one that is measured. */
  strays?(): Promise<number>;
  close?(): Promise<void>;
}

const SIDES: Readonly<Record<string, () => Side | Promise<Side>>> = {
  "performance.now": () => ({ turn: turnOf(() => performance.now()) }),
  floor: () => ({ turn: turnOf(floor) }),
  "helixrouter offer": () => {
    const sink = { settled() {}, refused() {} };
    return openRouter((router) => turnOf((n) => router.offer("add_one", n, undefined, sink)));
  },
  "helixrouter submit": () => openRouter((router) => turnOf((n) => router.submit("add_one", n))),
  "helixrouter submit, no metrics": () =>
    openRouter((router) => turnOf((n) => router.submit("add_one", n)), { metrics: false }),
  "helixrouter await submit": () =>
    openRouter((router) => awaitedTurnOf((n) => router.submit("add_one", n))),
  "p-queue await add": async () => {
    const queue = await createPQueue();
    return { turn: awaitedTurnOf((n) => queue.add(() => addOne(n))) };
  },
};

/** The whole way of a job that runs inline, beside the least that any timed submit has to do. */
export const inlineSuite: Suite = {
  name: "inline",
  about:
    `a job that does nothing, run on the caller's own thread, ${CALLS} in a turn of the event ` +
    "loop; each in turn with the floor: one call, two clock reads, one resolved promise",
  columns: [
    { metric: "time per job", unit: "ns" },
    { metric: "times the floor", unit: "×", ratio: false },
  ],
  ours: "helixrouter submit",
  entries: Object.keys(SIDES).map((name) => (
    name.startsWith("p-queue") ? { name, package: "p-queue" } : { name }
  )),
  limitS: 60,
  async measure({ entry, quick }: Test): Promise<Measured> {
    const { warmUp, rounds } = quick ? QUICK : FULL;
    const side = await SIDES[entry]();
    const turns: readonly Turn[] = [side.turn, turnOf(floor)];
    const own: number[] = [];
    const ratios: number[] = [];
    let strays = 0;
    for (let round = -warmUp; round < rounds; round++) {
      const ns: number[] = [];
      // Who goes first changes, so that nobody always finds the other one's garbage.
      for (const which of round % 2 === 0 ? [0, 1] : [1, 0]) {
        await nextTurn();
        ns[which] = await turns[which]();
      }
      const before = strays;
      strays = await side.strays?.() ?? 0;
      // A turn that other programs have held up for the whole slice is no turn of inline jobs.
      if (round < 0 || strays > before) continue;
      own.push(ns[0]);
      ratios.push(ns[0] / ns[1]);
    }
    await side.close?.();
    if (own.length < rounds / 2) {
      throw new Error(`Cannot measure: ${strays} jobs did not run inline`);
    }
    return { [entry]: { "time per job": median(own), "times the floor": median(ratios) } };
  },
};

function addOne(n: number): number {
  return n + 1;
}

function floor(n: number): Promise<{ readonly output: number; readonly runMs: number }> {
  const start = performance.now();
  const output = addOne(n);
  return Promise.resolve({ output, runMs: performance.now() - start });
}

/** Holds the last result, so that no engine leaves out what makes one. */
const kept: { result: unknown } = { result: undefined };

function turnOf(call: (n: number) => unknown): Turn {
  return () => {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) kept.result = call(i);
    return (performance.now() - start) * 1e6 / CALLS;
  };
}

/** The same for calls that are awaited one after the other. */
function awaitedTurnOf(call: (n: number) => Promise<unknown>): Turn {
  return async () => {
    const start = performance.now();
    for (let i = 0; i < CALLS; i++) kept.result = await call(i);
    return (performance.now() - start) * 1e6 / CALLS;
  };
}

async function openRouter(
  turnOn: (router: Router) => Turn,
  options: { readonly metrics?: boolean } = {},
): Promise<Side> {
  const router = await createRouter({ ...options, jobs });
  return {
    turn: turnOn(router),
    async strays() {
      while (router.stats().inFlight > 0) await nextTurn();
      const { routed, submitted } = router.stats();
      return submitted - routed.inline;
    },
    close: () => router.close(),
  };
}
