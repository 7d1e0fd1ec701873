import type { Decision, Policy, Strategy } from "../../mod.ts";

/**
 * Creates a policy that sends each job the same way.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { forcedPolicy } from "helixrouter/testing";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ double: { run: (n: number) => 2 * n } });
 * const router = await createRouter({ jobs, policy: forcedPolicy("backpressure_drop") });
 * assert.equal((await router.submit("double", 21)).status, "dropped");
 * await router.close();
 * ```
 *
 * @param strategy The strategy.
 * @param reason The reason it gives. @default {"forced"}
 * @returns The policy.
 */
export function forcedPolicy(strategy: Strategy, reason: string = "forced"): Policy {
  const decision: Decision = { strategy, reason };
  return { name: `forced ${strategy}`, decide: () => decision };
}
