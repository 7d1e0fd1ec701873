import {
  COST_WORDS,
  type CostWord,
  meanBusyMs,
  WORKLOADS,
  type WorkloadSpec,
} from "../../src/simulation/mod.ts";

/** A cell of the matrix. */
export interface Cell {
  readonly workload: WorkloadSpec;
  readonly costSays: CostWord;
  readonly load: number;
  /** What else is special about it; such cells are judged apart from the others. */
  readonly way?: "cold" | "closed";
  /** Whether the workers are ready when the first job comes. @default {true} */
  readonly isWarm?: boolean;
  /** Virtual duration, in ms. @default {that of the extent} */
  readonly durationMs?: number;
}

/** How much of the matrix is run. */
export interface Extent {
  readonly loads: readonly number[];
  readonly repeat: number;
  readonly durationMs: number;
  /** Whether there are cells with cold workers, and with clients that wait. */
  readonly hasWays: boolean;
}

/** Loads and words of the cells that are judged apart. */
const WAY_LOADS = [0.7, 2];
const WAY_WORDS: readonly CostWord[] = ["right", "none"];
/** Workers are started in some 40 ms: in a long run they would hardly show. */
const COLD_MS = 2_000;
const CLIENTS = 40;
/** The cores of a comparison, if nothing else is said. */
const CORES = 2;

/** All of it. */
export const FULL: Extent = {
  loads: [0.7, 0.9, 2, 4],
  ...{ repeat: 5, durationMs: 10_000, hasWays: true },
};
/** What takes a few seconds. */
export const QUICK: Extent = { loads: [0.7, 2], repeat: 1, durationMs: 2_500, hasWays: false };

/**
 * The cells: workloads × what their costs say × loads, and then those that are judged apart: of cold workers,
 * and of clients that wait for their last job.
 */
export function* cellsOf({ loads, hasWays }: Extent): Generator<Cell, void, undefined> {
  for (const workload of WORKLOADS) {
    for (const load of loads) {
      for (const costSays of Object.keys(COST_WORDS) as CostWord[]) {
        yield { workload, costSays, load };
      }
    }
  }
  if (!hasWays) return;
  for (const workload of WORKLOADS) {
    for (const load of WAY_LOADS) {
      for (const costSays of WAY_WORDS) {
        yield { workload, costSays, load, way: "cold", isWarm: false, durationMs: COLD_MS };
        yield { workload: withClients(workload, load), costSays, load, way: "closed" };
      }
    }
  }
}

/** The same jobs from clients, which bring the load if their jobs take no time: else they bring less. */
function withClients(workload: WorkloadSpec, load: number): WorkloadSpec {
  const thinkMs = CLIENTS * meanBusyMs(workload) / (load * CORES);
  return { ...workload, arrivals: { type: "closed", clients: CLIENTS, thinkMs } };
}

/** The name of a cell: its workload, load and word, and what is special about it. */
export function nameOf({ workload, costSays, load, way }: Cell): string {
  return `${workload.name} ${load} ${costSays}${way === undefined ? "" : ` ${way}`}`;
}

/** The parts of the name of a cell; `way` is empty for usual ones. */
export function partsOf(name: string): {
  readonly workload: string;
  readonly load: string;
  readonly costSays: string;
  readonly way: string;
} {
  const [workload, load, costSays, way = ""] = name.split(" ");
  return { workload, load, costSays, way };
}
