/**
 * What `import "helixrouter/http"` loads from npm: {@linkcode module:./mod.ts} with its packages, which
 * not all need who install the router. Bundlers and `require()` get that module itself.
 */
import type * as Http from "./mod.ts";

const http: typeof Http = await import("./mod.ts").catch(explain);

/** Names the packages to install if one of them is missing. */
function explain(cause: unknown): never {
  const { code, message } = Object(cause) as { readonly code?: unknown; readonly message?: string };
  const missing = /["'](hono|zod)(?:\/[^"']*)?["']/.exec(message ?? "")?.[1];
  if (code !== "ERR_MODULE_NOT_FOUND" || missing === undefined) throw cause;
  const packages = "hono zod @hono/node-server";
  const text = `Cannot load "helixrouter/http" as "${missing}" is missing: npm install ${packages}`;
  throw Object.assign(new Error(text, { cause }), { code });
}

export const createHttpApp: typeof Http.createHttpApp = http.createHttpApp;
export const ERROR_CODES: typeof Http.ERROR_CODES = http.ERROR_CODES;
export const InsecureListenError: typeof Http.InsecureListenError = http.InsecureListenError;
export const ListenError: typeof Http.ListenError = http.ListenError;
export const offload: typeof Http.offload = http.offload;
export const overloadGuard: typeof Http.overloadGuard = http.overloadGuard;
export const serve: typeof Http.serve = http.serve;
export const tokenOf: typeof Http.tokenOf = http.tokenOf;
