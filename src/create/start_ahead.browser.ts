import type * as plain from "./start_ahead.ts";

/** A page has other things to load at first. */
export const startAhead: typeof plain.startAhead = () => undefined;
