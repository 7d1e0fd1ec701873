// A thread beside the page, for a service worker or a shared worker: tells what comes of jobs there.
import { createRouter, defineJobs, type RouterOptions, thresholdPolicy } from "../../../mod.ts";
import jobs from "./jobs.ts";

const ofThread = defineJobs({
  double: { cost: 1, run: (n: number) => n * 2 },
  late: { run: (n: number) => new Promise<number>((resolve) => setTimeout(resolve, 5, n + 1)) },
  grouped: {
    cost: 200_000,
    scaling: 0.9,
    run: (n: number) => n,
    runBatch: (inputs: readonly number[]) => inputs.map((n) => n + inputs.length),
  },
});

/** What comes of jobs on this thread. */
export interface ToldByThread {
  readonly hasWorkers: boolean;
  /** Outputs of kinds of this thread, and what ran them. */
  readonly here: readonly string[];
  /** The same of a kind for workers, by policy. */
  readonly heavy: readonly string[];
  /** What the default policy says of that. */
  readonly reason: string;
  readonly why: string;
}

async function look(): Promise<ToldByThread> {
  const here: string[] = [];
  const heavy: string[] = [];
  for (const policy of [undefined, thresholdPolicy()]) {
    const options: RouterOptions<typeof ofThread> = { jobs: ofThread, policy };
    const own = await createRouter(options);
    const running = [own.submit("double", 4), own.submit("late", 4), own.submit("grouped", 4)];
    for (const outcome of await Promise.all(running)) here.push(shown(outcome));
    await own.close();

    const worker = () => new Worker("jobs.worker.js", { type: "module" });
    const router = await createRouter({ jobs, worker, policy });
    const outcome = await router.submit("big", 41);
    heavy.push(
      outcome.status === "completed" ? `${outcome.strategy} ${outcome.output.sum}` : outcome.reason,
    );
    await router.close();
  }
  const router = await createRouter({ jobs });
  const { reason, why } = router.explain("big", 41);
  await router.close();
  return {
    hasWorkers: typeof Worker === "function",
    here,
    heavy,
    reason,
    why: why!.join("\n"),
  };
}

function shown(outcome: { status: string; strategy: string; output?: unknown }): string {
  return `${outcome.strategy} ${outcome.output ?? outcome.status}`;
}

/** Answers what it is asked by a port. */
function answer(port: MessagePort): void {
  look().then(
    (told) => port.postMessage({ told }),
    (error) => port.postMessage({ error: `${error} ${error?.stack}` }),
  );
}

addEventListener("message", ({ ports }) => answer(ports[0]));
addEventListener("connect", (event) => answer((event as MessageEvent).ports[0]));
