import type { Contestant } from "../contestant.ts";
import { loadPeer, peerWorkerPath } from "./peer.ts";

interface WorkerpoolModule {
  pool(file: string, options: Record<string, unknown>): {
    exec(job: string, inputs: readonly unknown[]): Promise<unknown>;
    terminate(): PromiseLike<unknown>;
  };
}

/** `workerpool`, on threads. */
export const workerpool: Contestant = {
  name: "workerpool",
  package: "workerpool",
  load: () => loadPeer("workerpool"),
  async open({ workers, job }) {
    const { pool: createPool } = await loadPeer<WorkerpoolModule>("workerpool");
    const pool = createPool(peerWorkerPath("workerpool.cjs"), {
      minWorkers: workers,
      maxWorkers: workers,
      workerType: "thread",
    });
    return { run: (input) => pool.exec(job, [input]), close: () => pool.terminate() };
  },
};
