// app.ts
import { createRouter } from "helixrouter";
import jobs from "./jobs.ts";

const router = await createRouter({ jobs });

console.log(await router.run("greet", "world")); // on this thread, once it is known to be short

const outcome = await router.submit("count_primes", { limit: 200_000 }, { latencyBudgetMs: 5_000 });
if (outcome.status === "completed") {
  console.log(outcome.output, outcome.strategy); // 17984 cpu_pool: a worker did it
} else {
  console.log("dropped:", outcome.reason, "try again in", outcome.retryAfterMs, "ms");
}

console.log(router.explain("count_primes", { limit: 1_000 }).why); // in words, without running it
await router.close();
