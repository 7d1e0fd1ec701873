import { type HttpLimits, type ResolvedLimits, resolveLimits } from "../requests/limits.ts";
import { RunningRequests } from "../requests/running_requests.ts";
import type { JobRouter, ServedKind } from "./run_job.ts";

/** The kinds of a router, and the limits that apply to their requests. */
export class ServedJobs {
  readonly router: JobRouter;
  readonly limits: ResolvedLimits;
  /** The requests in progress. */
  readonly requests: RunningRequests;
  readonly #kinds: ReadonlyMap<string, ServedKind>;

  /**
   * @param router The router that runs the jobs.
   * @param limits The limits.
   * @param action What cannot be done if one is invalid.
   * @throws {RangeError} If a limit is out of range.
   */
  constructor(router: JobRouter, limits: HttpLimits, action: string) {
    this.router = router;
    this.limits = resolveLimits(limits, action);
    this.#kinds = new Map(router.kinds.map((name) => [name, { name, ...router.describe(name) }]));
    this.requests = new RunningRequests(this.limits);
  }

  /** All kinds. */
  get kinds(): Iterable<ServedKind> {
    return this.#kinds.values();
  }

  /** The kind of this name, if there is one. */
  kindOf(name: string): ServedKind | undefined {
    return this.#kinds.get(name);
  }
}
