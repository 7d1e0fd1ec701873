// jobs.ts: the same file serves the main thread and the workers
import { defineJobs } from "helixrouter/jobs";

export default defineJobs(import.meta.url, {
  greet: { run: (name: string) => `Hello ${name}` },
  count_primes: {
    cost: (input) => input.limit,
    run: (input: { limit: number }) => {
      let count = 0;
      for (let n = 2; n <= input.limit; n++) {
        let isPrime = true;
        for (let d = 2; d * d <= n && isPrime; d++) isPrime = n % d !== 0;
        if (isPrime) count++;
      }
      return count;
    },
  },
});
