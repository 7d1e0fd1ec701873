// tenants.ts
import { createRouter } from "helixrouter";
import { defineJobs } from "helixrouter/jobs";

const jobs = defineJobs({
  report: {
    concurrency: 4, // of all tenants
    concurrencyPerKey: 1, // of each
    run: (tenant: string) => new Promise<string>((done) => setTimeout(done, 5, tenant)),
  },
});
const router = await createRouter({ jobs });
const report = (tenant: string) => router.run("report", tenant, { key: tenant });

const flood = Array.from({ length: 50 }, () => report("acme"));
console.log(await Promise.race([report("tiny"), flood[2]])); // tiny: it does not wait for acme
console.log(router.explain("report", "acme", { key: "acme" }).why?.at(-1)); // It would wait …
await Promise.all(flood);
await router.close();
