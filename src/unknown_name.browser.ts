import type * as full from "./unknown_name.ts";

/** A page is told all names that are known: to find the nearest takes code that each visitor would load. */
export const wantedFor: typeof full.wantedFor = (_name, known, what = "options") =>
  `one of the ${what} ${known.join(", ")}`;
