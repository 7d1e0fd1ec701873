import type { Contestant } from "../contestant.ts";
import { loadPeer } from "./peer.ts";

interface PQueueModule {
  readonly default: new (options?: { readonly concurrency: number }) => PQueue;
}

/** A queue of `p-queue`. */
export interface PQueue {
  add(run: () => unknown): Promise<unknown>;
}

/** Makes a queue; without a `concurrency` it has no limit. */
export async function createPQueue(concurrency?: number): Promise<PQueue> {
  const { default: Queue } = await loadPeer<PQueueModule>("p-queue");
  return concurrency === undefined ? new Queue() : new Queue({ concurrency });
}

/** A pool behind a queue that lets through as many jobs as there are workers. */
export function queued(name: string, pool: Contestant): Contestant {
  return {
    ...pool,
    name,
    package: "p-queue",
    async open(options) {
      const { run, close } = await pool.open(options);
      const queue = await createPQueue(options.workers);
      return { run: (input) => queue.add(() => run(input)), close };
    },
  };
}
