import type { Hints } from "../../mod.ts";
import type { DemoInput } from "./demo_input.ts";
import type { DemoKinds } from "./jobs.ts";

/** A job of the simulation and the moment it is due. */
export interface Arrival {
  /** When it is due, in ms from the start, at speed 1. */
  readonly atMs: number;
  /** Its kind. */
  readonly kind: keyof DemoKinds;
  /** Its input; for `llm_request` the number of rounds. */
  readonly input: DemoInput | number;
  /** Its hints for the router. The budget counts from the moment it is due. */
  readonly hints: Hints;
  /** Nominal run time, in ms. */
  readonly nominalMs: number;
}
