import { fileURLToPath } from "node:url";
import type { Contestant, Opened, OpenOptions } from "../contestant.ts";
import { workUrl } from "../jobs/work.ts";
import { loadPeer } from "./peer.ts";

interface TinypoolModule {
  readonly default: new (options: Record<string, unknown>) => TinypoolPool;
}

interface TinypoolPool {
  run(input: unknown): Promise<unknown>;
  destroy(): Promise<void>;
}

/** `tinypool`, piscina's smaller sibling; its atomics are off by default. */
export function tinypool(
  name: string,
  options: Readonly<Record<string, unknown>> = {},
): Contestant {
  return {
    name,
    package: "tinypool",
    load: () => loadPeer("tinypool"),
    async open({ workers, job }: OpenOptions): Promise<Opened> {
      const { default: Tinypool } = await loadPeer<TinypoolModule>("tinypool");
      const pool = new Tinypool({
        filename: fileURLToPath(workUrl),
        name: job,
        minThreads: workers,
        maxThreads: workers,
        ...options,
      });
      return { run: (input) => pool.run(input), close: () => pool.destroy() };
    },
  };
}
