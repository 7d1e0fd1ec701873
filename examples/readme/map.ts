// map.ts
import { createRouter } from "helixrouter";
import jobs from "./jobs.ts";

const router = await createRouter({ jobs, cpuQueueCapacity: 8 });

function* limits() {
  for (let limit = 10_000; limit <= 100_000; limit += 1_000) yield { limit };
}

let sum = 0;
for await (const count of router.map("count_primes", limits())) sum += count; // in order
console.log(sum);

// A producer of its own: it waits for room where it would be dropped.
const wait = { whenFull: "wait" } as const;
const greetings = ["Ada", "Alan"].map((name) => router.run("greet", name, wait));
console.log(await Promise.all(greetings));
await router.close();
