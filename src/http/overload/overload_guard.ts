import type { MiddlewareHandler } from "hono";
import type { Load } from "../../../mod.ts";
import { answerRefusal } from "../answers/answer.ts";
import { overloaded } from "../answers/refusal.ts";
import { checkRouter, refuseUnknown } from "../arguments.ts";
import { LoopWatch } from "./loop_watch.ts";

/** The part of a router that is checked: any `HelixRouter` has it. */
export interface GuardedRouter {
  /** How busy it is. */
  readonly load: Load;
}

/** Options of `overloadGuard()`. */
export interface OverloadGuardOptions {
  /** Maximum event loop lag, in ms, above 0, or Infinity. @default {200} */
  readonly maxLoopLagMs?: number;
  /** Maximum number of jobs in flight, an integer >= 1 or Infinity. @default {Infinity} */
  readonly maxInFlight?: number;
  /**
   * Maximum fill level of the pool's queue, as a share of its capacity, above 0; Infinity turns the
   * check off. @default {1}
   */
  readonly maxPoolFill?: number;
}

/**
 * Creates a middleware that sheds load: while a router is overloaded it refuses requests, before
 * any other work is done for them, with 503 `overloaded` and `Retry-After`. It can guard any route
 * of any Hono app, even one that does not use the router but shares its event loop.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { overloadGuard } from "helixrouter/http";
 * import { Hono } from "hono";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ double: { cost: 1, run: (n: number) => n * 2 } });
 * const router = await createRouter({ jobs });
 * const app = new Hono()
 *   .use("/reports/*", overloadGuard(router, { maxLoopLagMs: 100, maxInFlight: 500 }))
 *   .get("/reports/all", (c) => c.text("all of them"));
 *
 * assert.equal((await app.request("/reports/all")).status, 200);
 * await router.close();
 * ```
 *
 * @param router The router.
 * @param options Additional options.
 * @returns The middleware.
 * @throws {RangeError} If an option is out of range.
 * @throws {InvalidOptionError} If an option is unknown, or the router is none.
 */
export function overloadGuard(
  router: GuardedRouter,
  options: OverloadGuardOptions = {},
): MiddlewareHandler {
  checkRouter(router, "load", "overloadGuard(router)", ACTION);
  refuseUnknown<OverloadGuardOptions>(options, OPTIONS, ACTION);
  const { maxLoopLagMs = 200, maxInFlight = Infinity, maxPoolFill = 1 } = options;
  const isCount = Number.isSafeInteger(maxInFlight) && maxInFlight >= 1;
  check("maxLoopLagMs", maxLoopLagMs, maxLoopLagMs > 0, "a number of ms above 0, or Infinity");
  check(
    "maxInFlight",
    maxInFlight,
    isCount || maxInFlight === Infinity,
    "an integer >= 1 or Infinity",
  );
  check("maxPoolFill", maxPoolFill, maxPoolFill > 0, "a number above 0, or Infinity");
  const watch = new LoopWatch();
  return async (_, next) => {
    const { load } = router;
    const isFull = load.poolOpen && load.poolWaiting >= load.poolCapacity * maxPoolFill;
    const isOver = isFull || load.inFlight >= maxInFlight ||
      (maxLoopLagMs < Infinity && watch.lagMs() > maxLoopLagMs);
    if (!isOver) return await next();
    const queueMs = load.poolWorkMs / Math.max(1, load.cpuParallelism);
    const retryAfterMs = isFull && queueMs > 0 ? queueMs : undefined;
    return answerRefusal(overloaded("the router is overloaded", retryAfterMs));
  };
}

const ACTION = "create overload guard";
const OPTIONS = { maxInFlight: true, maxLoopLagMs: true, maxPoolFill: true };

function check(name: string, value: unknown, isRight: boolean, wanted: string): void {
  if (isRight && typeof value === "number") return;
  throw new RangeError(
    `Cannot ${ACTION} as "${name}" must be ${wanted}: received ${String(value)}`,
  );
}
