import { exp } from "./portable_math.ts";
import type { RandomStream } from "./random_stream.ts";

/** What the costs of a workload say. */
export type CostWord =
  | "right"
  | "tenth"
  | "tenfold"
  | "ms"
  | "bytes"
  | "square"
  | "variable"
  | "noise"
  | "none";

/** The words, and what they mean. */
export const COST_WORDS: Readonly<Record<CostWord, string>> = {
  right: "the time, in units of 50 ns, as the thresholds take them",
  tenth: "a tenth of that",
  tenfold: "ten times that",
  ms: "the time in ms",
  bytes: "the size of the input, in bytes",
  square: "a number with whose square the time goes",
  variable: "the time without its fixed part, in units of 50 ns",
  noise: "the time in units of 50 ns, times a random factor from 0.1 to 10",
  none: "nothing",
};

/** What is known of a job when its cost is told. */
export interface Sized {
  readonly busyMs: number;
  readonly fixedMs: number;
  readonly bytes: number;
}

const UNIT_MS = 5e-5;
const LN_10 = 2.302585092994046;

/** The cost that a job tells; `undefined` for none. `random` is used by `noise` only. */
export function costOf(word: CostWord, sized: Sized, random: RandomStream): number | undefined {
  const right = sized.busyMs / UNIT_MS;
  switch (word) {
    case "right":
      return right;
    case "tenth":
      return right / 10;
    case "tenfold":
      return right * 10;
    case "ms":
      return sized.busyMs;
    case "bytes":
      return sized.bytes;
    case "square":
      return 100 * Math.sqrt(sized.busyMs);
    case "variable":
      return (sized.busyMs - sized.fixedMs) / UNIT_MS;
    case "noise":
      return right * exp(LN_10 * (2 * random.uniform() - 1));
    case "none":
      return undefined;
  }
}
