import { answerFailure } from "../answers/failure.ts";
import { type HttpLimits, overloaded, type ResolvedLimits, resolveLimits } from "../requests/limits.ts";
import type { JobRouter, ServedKind } from "./run_job.ts";
import { type RunningRequest, RunningRequests } from "../requests/running_requests.ts";

/** The kinds of a router, and the limits within which they are served. */
export class ServedJobs {
  readonly router: JobRouter;
  readonly limits: ResolvedLimits;
  readonly #kinds: ReadonlyMap<string, ServedKind>;
  readonly #running: RunningRequests;

  /**
   * @param router Who runs the jobs.
   * @param limits The limits.
   * @param action What cannot be done if one is wrong.
   * @throws {RangeError} If a limit is out of range.
   */
  constructor(router: JobRouter, limits: HttpLimits, action: string) {
    this.router = router;
    this.limits = resolveLimits(limits, action);
    this.#kinds = new Map(router.kinds.map((name) => [name, { name, ...router.describe(name) }]));
    this.#running = new RunningRequests(this.limits);
  }

  /** All kinds. */
  get kinds(): Iterable<ServedKind> {
    return this.#kinds.values();
  }

  /** The kind of this name, if there is one. */
  kindOf(name: string): ServedKind | undefined {
    return this.#kinds.get(name);
  }

  /**
   * Answers a request within the limits: there may be too many, and it may take too long.
   *
   * @param request The request.
   * @param answer Answers it; of what it throws, the client's and the job's faults are told.
   * @returns The answer.
   */
  answer(
    request: Request,
    answer: (running: RunningRequest) => Promise<Response>,
  ): Response | Promise<Response> {
    const running = this.#running.enter(request);
    if (running === null) return answerFailure(overloaded())!;
    return new Promise((resolve, reject) => {
      running.onExpire = (reason) => resolve(answerFailure(reason)!);
      answer(running).then((response) => {
        if (!running.isHeld) running.end();
        resolve(response);
      }, (error) => {
        running.end();
        reject(error);
      });
    });
  }
}
