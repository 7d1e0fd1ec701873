import type { Hints } from "../../mod.ts";
import type { DemoInput } from "./demo_input.ts";
import type { DemoKinds } from "./jobs.ts";

/** A job of the simulation and the moment it is due. */
export interface Arrival {
  /** When it is due, in ms from the start, before any change of speed. */
  readonly atMs: number;
  /** Its kind. */
  readonly kind: keyof DemoKinds;
  /** Its input; for `llm_request` the number of rounds. */
  readonly input: DemoInput | number;
  /** What the router is told about it. The budget counts from the moment it is due. */
  readonly hints: Hints;
  /** Time its run takes nominally, in ms. */
  readonly nominalMs: number;
}
