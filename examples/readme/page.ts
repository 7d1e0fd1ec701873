// page.ts
import { createRouter } from "helixrouter";
import jobs from "./jobs.ts";

const worker = () => new Worker(new URL("./jobs.worker.js", import.meta.url), { type: "module" });
const router = await createRouter({ jobs, worker });
document.body.append(`${await router.run("count_primes", { limit: 1_000 })} primes`);
