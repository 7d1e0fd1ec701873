import { COST_WORDS } from "../workload/cost_words.ts";
import type { CellOptions } from "./compare.ts";
import type { RunContestant } from "./contestants.ts";

/** Numbers that may be given, and from where to where. */
const RANGES: Readonly<Record<string, readonly [min: number, max: number, isInteger: boolean]>> = {
  load: [1e-6, 1e6, false],
  workers: [1, 10_000, true],
  cores: [1, 100_000, true],
  durationMs: [1, 1e9, false],
  seed: [0, 4_294_967_295, true],
  repeat: [1, 10_000, true],
};
const OTHERS = ["workload", "costSays", "jobs", "isWarm"];

/** Checks what `compare()` is given. @throws {RangeError} If something is wrong. */
export function checkCell(
  contestants: ReadonlyMap<string, RunContestant>,
  options: CellOptions,
): void {
  if (contestants.size === 0) throw wrong("contestants", "none", "one at least");
  const given = options as unknown as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given)) {
    if (name in RANGES || OTHERS.includes(name)) continue;
    const known = [...Object.keys(RANGES), ...OTHERS].join(", ");
    throw new RangeError(`Cannot compare as there is no option "${name}": wanted ${known}`);
  }
  for (const [name, [min, max, isInteger]] of Object.entries(RANGES)) {
    const value = given[name];
    if (value === undefined) continue;
    const isRight = typeof value === "number" && value >= min && value <= max &&
      (!isInteger || Number.isInteger(value));
    if (isRight) continue;
    throw wrong(name, value, `${isInteger ? "an integer" : "a number"} from ${min} to ${max}`);
  }
  const { costSays = "right", workload } = options;
  if (!Object.hasOwn(COST_WORDS, costSays)) {
    throw wrong("costSays", costSays, `one of ${Object.keys(COST_WORDS).join(", ")}`);
  }
  if (!Array.isArray(workload?.kinds)) throw wrong("workload", workload, "a workload");
}

function wrong(name: string, received: unknown, wanted: string): RangeError {
  return new RangeError(`Cannot compare as "${name}" must be ${wanted}: received ${received}`);
}
