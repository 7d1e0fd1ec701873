import type * as full from "./unknown_option.ts";

/** A page is told all that are known: what it would take to find the nearest is a weight that each visitor loads. */
export const wantedFor: typeof full.wantedFor = (_name, known, what = "options") =>
  `one of the ${what} ${known.join(", ")}`;
