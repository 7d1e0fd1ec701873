import { meanBusyMs, type WorkloadSpec } from "../../simulation/mod.ts";
import { type Arguments, readPositive } from "../arguments.ts";
import { UsageError } from "../exit_code.ts";

const MORE_LOADS = [0.5, 0.7, 0.9, 1.2, 2, 4];
/** More work than this says nothing that this does not. */
const MOST = 20;

/**
 * Reads `--load` or `--rate`: one load, or those of a list from one to another.
 *
 * @returns Shares of what the cores can do.
 * @throws {UsageError} If it is invalid.
 */
export function readLoads(
  given: Arguments,
  workload: WorkloadSpec,
  cores: number,
): readonly number[] {
  const ratePerS = readPositive(given, "rate", { max: 1e9 });
  const text = given.values.get("load");
  if (ratePerS !== undefined) {
    if (text !== undefined) throw new UsageError("--rate cannot be used with --load");
    return [ratePerS / 1_000 * meanBusyMs(workload) / cores];
  }
  if (text === undefined) return [0.7];
  const ends = text.split("..").map(toShare);
  const isRight = ends.length <= 2 && ends.every((load) => load > 0 && load <= MOST) &&
    !(ends[0] >= ends[1]);
  if (!isRight) throw wrongLoad(text, ends);
  const [from, to = from] = ends;
  if (to === from) return [from];
  return [from, ...MORE_LOADS.filter((load) => load > from && load < to), to];
}

/** A share, from a number or a percentage; `NaN` if it is neither. */
function toShare(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text) ?? [];
  return percent === "%" ? Number(number) / 100 : Number(number ?? NaN);
}

function wrongLoad(text: string, ends: readonly number[]): UsageError {
  const tooMuch = ends.find((load) => load > MOST);
  const hint = tooMuch !== undefined && !text.includes("%") ? `, which is ${100 * tooMuch} %` : "";
  return new UsageError(
    `--load must be a share of what the cores can do, above 0 and at most ${MOST}, such as 0.5 or 50%, ` +
      `or from one to another, such as 0.5..4: received ${JSON.stringify(text)}${hint}`,
  );
}
