import type { Suite } from "../suite.ts";

/** All suites by name, in the order they are run. A child loads the one it needs, and no other. */
const LOADERS: Readonly<Record<string, () => Promise<Suite>>> = {
  inline: async () => (await import("./inline.ts")).inlineSuite,
  metrics: async () => (await import("./metrics.ts")).metricsSuite,
  tiny: async () => (await import("./tiny.ts")).tinySuite,
  burst: async () => (await import("./burst.ts")).burstSuite,
  busy: async () => (await import("./busy.ts")).busySuite,
  arrived: async () => (await import("./arrived.ts")).arrivedSuite,
  cpu: async () => (await import("./cpu.ts")).cpuSuite,
  payload: async () => (await import("./payload.ts")).payloadSuite,
  mixed: async () => (await import("./mixed.ts")).mixedSuite,
  overload: async () => (await import("./overload.ts")).overloadSuite,
  batches: async () => (await import("./batches.ts")).batchesSuite,
  idle: async () => (await import("./idle.ts")).idleSuite,
  memory: async () => (await import("./memory.ts")).memorySuite,
  startup: async () => (await import("./startup.ts")).startupSuite,
  kernels: async () => (await import("./kernels.ts")).kernelsSuite,
};

/** Names of all suites. */
export const SUITE_NAMES: readonly string[] = Object.keys(LOADERS);

/** Loads a suite. */
export function loadSuite(name: string): Promise<Suite> {
  return LOADERS[name]();
}
