import { performance } from "./kept_time.ts";

const { eventLoopUtilization } = performance as {
  eventLoopUtilization?: () => { readonly active: number };
};

/** Reads how long the event loop of this thread has been busy, in ms; Node alone measures it. */
export const busyMs: (() => number) | undefined = eventLoopUtilization === undefined
  ? undefined
  : () => eventLoopUtilization.call(performance).active;
