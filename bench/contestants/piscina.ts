import { fileURLToPath } from "node:url";
import type { Contestant, Opened, OpenOptions } from "../contestant.ts";
import { workUrl } from "../jobs/work.ts";
import { loadPeer } from "./peer.ts";

interface PiscinaModule {
  readonly Piscina: new (options: Record<string, unknown>) => PiscinaPool;
}

interface PiscinaPool {
  run(input: unknown, options?: { readonly signal: AbortSignal }): Promise<unknown>;
  destroy(): Promise<void>;
}

/** Piscina in one of its set-ups. */
export interface PiscinaOptions {
  /** Options of piscina itself. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Every job gets an `AbortSignal.timeout` of this, in ms. Default: no signal. */
  readonly abortAfterMs?: number;
}

/** `piscina`, the most used pool for Node, with as many threads as asked for from the start. */
export function piscina(name: string, set: PiscinaOptions = {}): Contestant {
  const { options, abortAfterMs } = set;
  return {
    name,
    package: "piscina",
    load: () => loadPeer("piscina"),
    async open({ workers, job }: OpenOptions): Promise<Opened> {
      const { Piscina } = await loadPeer<PiscinaModule>("piscina");
      const pool = new Piscina({
        filename: fileURLToPath(workUrl),
        name: job,
        minThreads: workers,
        maxThreads: workers,
        ...options,
      });
      return {
        run: abortAfterMs === undefined
          ? (input) => pool.run(input)
          : (input) => pool.run(input, { signal: AbortSignal.timeout(abortAfterMs) }),
        close: () => pool.destroy(),
      };
    },
  };
}
