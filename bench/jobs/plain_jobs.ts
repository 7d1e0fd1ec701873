// Our own job file for jobs that do nothing: the library is all it imports.

import { defineJobs } from "helixrouter/jobs";

/** Every thread loads this file, and so has a number of its own. */
export const thisThread: number = Math.random();

export default defineJobs(import.meta.url, {
  add_one: { run: (n: number) => n + 1 },
  which_worker: { run: () => thisThread },
  echo: { run: (value: unknown) => value },
  echo_moved: {
    transferOutput: (bytes: Uint8Array<ArrayBuffer>) => [bytes.buffer],
    run: (bytes: Uint8Array<ArrayBuffer>) => bytes,
  },
});
