/**
 * The worker's side of a router, for custom worker entries (bundlers, compiled binaries).
 *
 * ```ts ignore
 * // jobs.worker.ts
 * import { serveJobs } from "helixrouter/worker";
 * import jobs from "./jobs.ts";
 *
 * serveJobs(jobs);
 * ```
 *
 * @module
 */

import type { Jobs } from "../src/define/jobs.ts";
import { serveFrom } from "./job_server.ts";

/**
 * Serves jobs to the router that started this worker. Call it once, at the top of the worker's
 * entry.
 *
 * @param jobs What `defineJobs()` returned: one set or several.
 * @throws {TypeError} If this is not a worker.
 */
// deno-lint-ignore no-explicit-any
export function serveJobs(jobs: Jobs<any> | readonly Jobs<any>[]): void {
  serveFrom(() => Array.isArray(jobs) ? jobs : [jobs]);
}
