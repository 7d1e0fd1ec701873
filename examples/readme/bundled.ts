// bundled.ts
import { Worker } from "worker_threads"; // without "node:", which webpack does not read
import { createRouter } from "helixrouter";
import jobs from "./jobs.ts";

const worker = () => new Worker(new URL("./jobs.worker.js", import.meta.url));
const router = await createRouter({ jobs, worker });
console.log(await router.run("count_primes", { limit: 1_000 }));
await router.close();
