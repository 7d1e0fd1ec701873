import {
  COST_WORDS,
  type CostWord,
  WORKLOADS,
  type WorkloadSpec,
} from "../../src/simulation/mod.ts";

/** A cell of the matrix. */
export interface Cell {
  readonly workload: WorkloadSpec;
  readonly costSays: CostWord;
  readonly load: number;
}

/** How much of the matrix is run. */
export interface Extent {
  readonly loads: readonly number[];
  readonly repeat: number;
  readonly durationMs: number;
}

/** All of it. */
export const FULL: Extent = { loads: [0.7, 0.9, 2, 4], repeat: 5, durationMs: 10_000 };
/** What takes a few seconds. */
export const QUICK: Extent = { loads: [0.7, 2], repeat: 1, durationMs: 2_500 };

/** The cells: workloads × what their costs say × loads. */
export function* cellsOf({ loads }: Extent): Generator<Cell, void, undefined> {
  for (const workload of WORKLOADS) {
    for (const load of loads) {
      for (const costSays of Object.keys(COST_WORDS) as CostWord[]) {
        yield { workload, costSays, load };
      }
    }
  }
}

/** The name of a cell. */
export function nameOf({ workload, costSays, load }: Cell): string {
  return `${workload.name} ${load} ${costSays}`;
}
