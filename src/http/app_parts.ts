import type { Hono } from "hono";
import { findTargetHandler } from "hono/utils/handler";
import type { Guard } from "./security/guard.ts";

/** What belongs to an app besides its routes. */
export interface AppParts {
  /** Guards the routes. */
  readonly guard: Guard;
  /** Ends responses that never end by themselves. */
  endStreams(): void;
}

const parts = new WeakMap<object, AppParts>();

/** Stores the parts of an app, or of one of its handlers. */
export function keepParts(owner: object, its: AppParts): void {
  parts.set(owner, its);
}

/**
 * The parts of all apps of `createHttpApp()` in an app: itself, and what is mounted with `route()`.
 * What is called by a function cannot be found.
 */
export function partsIn(app: object): ReadonlySet<AppParts> {
  const found = new Set<AppParts>();
  const { routes = [] } = app as Partial<Pick<Hono, "routes">>;
  for (const owner of [app, ...routes.map(({ handler }) => findTargetHandler(handler))]) {
    const its = parts.get(owner);
    if (its !== undefined) found.add(its);
  }
  return found;
}

/**
 * Returns the token of an app, so that a program can show it to its user: the configured one, or
 * the random one that is needed to change the router's state.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { createHttpApp, tokenOf } from "helixrouter/http";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ double: { cost: 1, run: (n: number) => n * 2 } });
 * const router = await createRouter({ jobs });
 * const app = createHttpApp(router);
 *
 * const response = await app.request("/api/config", {
 *   method: "PATCH",
 *   headers: { "content-type": "application/json", authorization: `Bearer ${tokenOf(app)}` },
 *   body: JSON.stringify({ cpuQueueCapacity: 100 }),
 * });
 * assert.equal((await response.json()).config.cpuQueueCapacity, 100);
 * await router.close();
 * ```
 *
 * @param app What `createHttpApp()` returned.
 * @returns The token.
 * @throws {TypeError} If it is another app, such as one that this app was mounted into.
 */
export function tokenOf(app: object): string {
  const guard = parts.get(app)?.guard;
  if (guard !== undefined) return guard.token;
  throw new TypeError("Cannot return token as the app must be one that createHttpApp() created");
}
