// In bundles for browsers, `start_ahead.browser.ts` is in the place of this file.
import type { ResolvedOptions } from "../options/options.ts";
import { isPage } from "../runtime/builtin.ts";
import { giveHeadStart, type HeadStart } from "../runtime/head_start.ts";
import { hasModule, hasWorkers } from "../runtime/host.ts";
import { threadStarter } from "../runtime/start_thread.ts";

/** Starts a worker, if one is needed in any case, or nearly so: it boots while the router is built. */
export function startAhead(options: ResolvedOptions): HeadStart | undefined {
  const { createPort, jobs, minWorkers, policy, worker } = options;
  const hasWork = (policy.startsWorker || minWorkers > 0) &&
    jobs.some((set) => hasModule(set, worker));
  return hasWork && hasWorkers && !isPage && createPort === undefined
    ? giveHeadStart(threadStarter(options))
    : undefined;
}
