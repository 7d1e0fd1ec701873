import * as api from "@opentelemetry/api";
import {
  createRouter,
  type HelixRouter,
  type KindsOf,
  type RouterOptions,
  type Strategy,
} from "../../mod.ts";
import { otel } from "../../src/otel/mod.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import tracedJobs from "./traced_jobs.ts";

export type TracedRouter = HelixRouter<KindsOf<typeof tracedJobs>>;

/** A router with OpenTelemetry, on which every job goes one way. */
export function createTracedRouter(
  strategy: Strategy,
  options: Partial<RouterOptions<typeof tracedJobs>> = {},
): Promise<TracedRouter> {
  return createRouter<typeof tracedJobs>({
    jobs: tracedJobs,
    policy: forcedPolicy(strategy),
    cpuParallelism: 1,
    telemetry: otel(api),
    ...options,
  });
}
