import type { SubmitOptions } from "../../mod.ts";
import type { Dice } from "./dice.ts";
import { NAMES } from "./faulty_kinds.ts";
import type { End } from "./trial.ts";

/** What a runtime survives. */
export interface Endurance {
  /** There is `Deno.exit`. */
  readonly denoExit: boolean;
  /** Synchronous endless loops that may still be started. */
  readonly loops: number;
  /** Workers that run out of memory. */
  readonly hoards: boolean;
}

/** How one class of faults is drawn: one submit, or several that belong together. */
export interface Fault {
  readonly name: string;
  readonly weight: number;
  readonly needs?: keyof Endurance;
  readonly draw: (dice: Dice) => Sketch | readonly Sketch[];
}

/** A trial without what all of a class have in common. */
export interface Sketch {
  readonly kind: string;
  readonly input?: unknown;
  readonly options?: SubmitOptions;
  /** Ends that are fine, beside `completed` with an output that `check` accepts. */
  readonly ends?: readonly End[];
  readonly check?: (output: unknown) => boolean;
  readonly isLate?: boolean;
}

/** One of the names of a family. */
export function named(name: string, dice: Dice): string {
  return `${name}_${dice.between(0, NAMES - 1)}`;
}

/** A check of an output that is the same each time. */
export function is(expected: unknown): (output: unknown) => boolean {
  return (output) => output === expected;
}
