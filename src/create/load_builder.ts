import { buildRouter } from "./build_router.ts";

/**
 * Gives what builds a router: most of the library. Node, Bun and Deno load it here from npm's package, while a worker
 * boots (`.ci/bundle.mjs`). Bundlers must not: a chunk of its own would import what it needs from the program's, and
 * wait for ever if that awaits `createRouter()` at its top level.
 */
export function loadBuilder(): Promise<{ readonly buildRouter: typeof buildRouter }> {
  return Promise.resolve({ buildRouter });
}
