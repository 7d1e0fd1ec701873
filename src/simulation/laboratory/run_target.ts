import type { VirtualClock } from "../../testing/mod.ts";
import { USUAL_COSTS } from "./costs.ts";
import { Drive, type Target } from "./drive.ts";
import type { VirtualResult, VirtualRunOptions } from "./virtual_run.ts";

/** Runs a workload through a target to its end. */
export function runTarget(
  clock: VirtualClock,
  options: VirtualRunOptions,
  createTarget: (drive: Drive) => Target,
): VirtualResult {
  const { submitMs } = options.costs ?? USUAL_COSTS;
  const drive = new Drive(clock, options, submitMs, createTarget);
  const wallMs = drive.run();
  return { tally: drive.tally, wallMs };
}
