import type { Guard } from "./security/guard.ts";

/** What belongs to an app beside its routes. */
export interface AppParts {
  /** Stands in front of the routes. */
  readonly guard: Guard;
  /** Ends answers that never end by themselves. */
  endStreams(): void;
}

const parts = new WeakMap<object, AppParts>();

/** Keeps the parts of an app. */
export function keepParts(app: object, its: AppParts): void {
  parts.set(app, its);
}

/** The parts of an app that `createHttpApp()` made; `undefined` for any other app. */
export function partsOf(app: object): AppParts | undefined {
  return parts.get(app);
}

/**
 * The token of an app, for the program that shows it to its user: the chosen one, or the random one
 * that requests need which change the router's state.
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
 * @param app What `createHttpApp()` gave.
 * @returns The token.
 * @throws {TypeError} If it is another app, such as one this app was mounted into.
 */
export function tokenOf(app: object): string {
  const guard = parts.get(app)?.guard;
  if (guard !== undefined) return guard.token;
  throw new TypeError("Cannot tell token as the app must be one that createHttpApp() made");
}
