import type { Guard } from "./security/guard.ts";

/** What belongs to an app besides its routes. */
export interface AppParts {
  /** Guards the routes. */
  readonly guard: Guard;
  /** Ends responses that never end by themselves. */
  endStreams(): void;
}

const parts = new WeakMap<object, AppParts>();

/** Stores the parts of an app. */
export function keepParts(app: object, its: AppParts): void {
  parts.set(app, its);
}

/** The parts of an app that `createHttpApp()` created; `undefined` for any other app. */
export function partsOf(app: object): AppParts | undefined {
  return parts.get(app);
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
