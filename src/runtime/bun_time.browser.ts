import type * as full from "./bun_time.ts";

/** Pages have real time, or whatever stands in for it. */
export const bunTime: typeof full.bunTime = (_scope, real) => real;
