import type { Strategy } from "../../../../mod.ts";

/** How a strategy is shown: everywhere in one colour, and in one dash for those who see none. */
export interface StrategyLook {
  readonly strategy: Strategy;
  readonly label: string;
  /** Name of the colour in the style sheet. */
  readonly colour: string;
  /** Dashes of its line in a chart. */
  readonly dash: readonly number[];
}

const look = (
  strategy: Strategy,
  label: string,
  colour: string,
  dash: readonly number[],
): StrategyLook => ({ strategy, label, colour, dash });

/** All strategies, from the cheapest to none. */
export const LOOKS: readonly StrategyLook[] = [
  look("inline", "inline", "--inline", []),
  look("spawn", "spawn", "--spawn", [6, 3]),
  look("batch", "batch", "--batch", [2, 3]),
  look("cpu_pool", "cpu_pool", "--cpu-pool", [10, 3, 2, 3]),
  look("backpressure_drop", "dropped", "--dropped", []),
];

/** The strategies that run a job. */
export const RUNNING: readonly StrategyLook[] = LOOKS.filter(({ strategy }) =>
  strategy !== "backpressure_drop"
);

/** How a strategy is shown; one that this page does not know keeps its own name. */
export function lookOf(strategy: string): StrategyLook {
  return LOOKS.find((one) => one.strategy === strategy) ??
    look(strategy as Strategy, strategy, "--muted", []);
}
