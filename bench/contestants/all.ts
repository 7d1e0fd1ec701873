import type { Contestant } from "../contestant.ts";
import { comlink } from "./comlink.ts";
import { helixrouter, helixrouterMessages } from "./helixrouter.ts";
import { multithreading } from "./multithreading.ts";
import { piscina } from "./piscina.ts";
import { poolifier, poolifierWebWorker } from "./poolifier.ts";
import { raw } from "./raw.ts";
import { rawBatch32 } from "./raw_batch.ts";
import { ring } from "./ring.ts";
import { tinypool } from "./tinypool.ts";
import { workerpool } from "./workerpool.ts";

const PREFETCH = { concurrentTasksPerWorker: 32 };

/** All ways of running a job on a worker: ours, the baselines, the peers. */
export const POOLS: readonly Contestant[] = [
  helixrouter,
  raw,
  rawBatch32,
  ring,
  piscina("piscina"),
  piscina("piscina-c32", { options: PREFETCH }),
  tinypool("tinypool"),
  tinypool("tinypool-atomics-c32", { ...PREFETCH, useAtomics: true }),
  workerpool,
  poolifier,
  poolifierWebWorker,
  comlink,
  multithreading,
];

/** The same with both of our transports side by side. */
export const POOLS_AND_TRANSPORTS: readonly Contestant[] = [
  helixrouter,
  helixrouterMessages,
  ...POOLS.filter((contestant) => contestant !== helixrouter),
];

/** Both of our transports, and the most used pools. */
export const SHORT_LIST: readonly Contestant[] = [
  helixrouter,
  helixrouterMessages,
  piscina("piscina"),
  tinypool("tinypool"),
];

/** One of a list, by name. */
export function contestantOf(list: readonly Contestant[], name: string): Contestant {
  const found = list.find((contestant) => contestant.name === name);
  if (found === undefined) throw new Error(`Cannot find contestant "${name}"`);
  return found;
}
