// mixed.ts: files are read on this thread, and workers compute
import { readFile } from "node:fs/promises";
import { createRouter, defineJobs } from "helixrouter";
import jobs from "./jobs.ts";

const waiting = defineJobs({ read: { run: (file: string) => readFile(new URL(file), "utf8") } });
const router = await createRouter({ jobs: [jobs, waiting] });

async function* limits() {
  for await (const text of router.map("read", [import.meta.url])) yield { limit: text.length };
}

for await (const count of router.map("count_primes", limits())) console.log(count);
await router.close();
