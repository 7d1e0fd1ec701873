// policy.ts
import { createRouter, type Policy } from "helixrouter";
import jobs from "./jobs.ts";

const policy: Policy = {
  name: "mine",
  decide: (job) =>
    // job.computeCost is NaN when unknown
    job.computeCost < 10_000
      ? { strategy: "inline", reason: "small" }
      : { strategy: "cpu_pool", reason: "large" },
};
const router = await createRouter({ jobs, policy });
const outcome = await router.submit("greet", "world", { computeCost: 10 });
if (outcome.status === "completed") console.log(outcome.strategy); // inline
await router.close();
