import type { Contestant } from "../contestant.ts";
import { loadWork } from "../jobs/work.ts";
import { loadPeer } from "./peer.ts";

interface MultithreadingModule {
  initRuntime(config: { readonly maxWorkers: number }): void;
  move(...inputs: unknown[]): unknown;
  spawn(inputs: unknown, run: unknown): { join(): Promise<Settled> };
  shutdown(): void;
}

interface Settled {
  readonly ok: boolean;
  readonly value?: unknown;
  readonly error?: unknown;
}

/** `multithreading`, which sends the source of a function. */
export const multithreading: Contestant = {
  name: "multithreading",
  package: "multithreading",
  load: () => loadPeer("multithreading"),
  async open({ workers, job }) {
    const { initRuntime, move, spawn, shutdown } = await loadPeer<MultithreadingModule>(
      "multithreading",
    );
    const run = (await loadWork())[job];
    initRuntime({ maxWorkers: workers });
    const call = async (input: unknown): Promise<unknown> => {
      const settled = await spawn(move(input), run).join();
      if (settled.ok) return settled.value;
      throw settled.error;
    };
    // A worker that is still importing a function refuses the next job for it.
    await Promise.all(Array.from({ length: workers }, () => call(1)));
    return { run: call, close: shutdown };
  },
};
