// Runs a job here and one on a worker under the SDK of the runtime, until its input ends.
import * as api from "@opentelemetry/api";
import process from "node:process";
import { createRouter, thresholdPolicy } from "../../../mod.ts";
import { otel } from "../../../src/otel/mod.ts";
import jobs from "./exported_jobs.ts";

const router = await createRouter({
  jobs,
  policy: thresholdPolicy(),
  telemetry: otel(api),
});
await api.trace.getTracer("program").startActiveSpan("caller", async (caller) => {
  await router.run("here", null, { computeCost: 1, scalingPotential: 0 });
  await router.run("here", null, { computeCost: 10_000, scalingPotential: 0 });
  await router.run("away", null);
  caller.end();
});
await new Promise((resolve) => process.stdin.on("end", resolve).resume());
await router.close();
