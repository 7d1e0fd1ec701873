import type * as plain from "./warm_up.ts";

/** A page has other things to do at first. */
export const warmUp: typeof plain.warmUp = () => {};
