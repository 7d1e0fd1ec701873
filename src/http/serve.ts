import { HelixError } from "../../mod.ts";
import { type Fetch, listen } from "../runtime/listen.ts";
import { partsIn } from "./app_parts.ts";
import { refuseUnknown } from "./arguments.ts";
import { MAX_TIMER_MS } from "./requests/limits.ts";
import { isLoopback, normalizeHostname } from "./security/host_name.ts";

/** Options of `serve()`. */
export interface ServeOptions {
  /** Name or address of the interface to listen on. @default {"127.0.0.1"} */
  readonly hostname?: string;
  /** Port to listen on, 0 to 65,535; 0 takes any free one. @default {8080} */
  readonly port?: number;
  /** Time that running requests have to end after `close()`, in ms, >= 0. @default {5000} */
  readonly drainMs?: number;
  /**
   * Whether to listen where other machines can reach the server although the app has no configured
   * token: something else protects it, or it needs no protection. @default {false}
   */
  readonly insecure?: boolean;
  /**
   * Whether several processes may listen on the port, each with this option: the system gives each a share
   * of the connections. On Bun, on Deno with `--unstable-net`, and on Node from 22.12 and 23.1 on; systems other
   * than Linux may not have it. On Node, `node:cluster` shares a port without it. @default {false}
   */
  readonly reusePort?: boolean;
  /** Closes the server when it aborts. */
  readonly signal?: AbortSignal;
}

const OPTIONS = {
  drainMs: true,
  hostname: true,
  insecure: true,
  port: true,
  reusePort: true,
  signal: true,
};

/** The server would be open to other machines, without a configured token. */
export class InsecureListenError extends HelixError {
  /** The requested hostname. */
  declare readonly hostname: string;

  /** Makes the error. */
  constructor(hostname: string) {
    const message = `Cannot listen on ${hostname} as other machines can reach it: set a "token" ` +
      `in createHttpApp(), or pass "insecure: true"`;
    super("InsecureListenError", message, { hostname });
  }
}

/** A listening server. */
export interface Served extends AsyncDisposable {
  /** Its base URL, without a trailing slash. */
  readonly url: string;
  /** Name or address of the interface. */
  readonly hostname: string;
  /** The port it listens on. */
  readonly port: number;
  /**
   * Refuses new requests, gives running ones `drainMs` to end, then cuts them off. The router stays
   * open. Calling it again waits for the same end.
   */
  close(): Promise<void>;
}

/**
 * Serves an app on this runtime's own HTTP server: Deno, Bun, or Node with the package
 * `@hono/node-server`.
 *
 * @example Usage
 * ```ts
 * import { createRouter } from "helixrouter";
 * import { defineJobs } from "helixrouter/jobs";
 * import { createHttpApp, serve } from "helixrouter/http";
 * import assert from "node:assert/strict";
 *
 * const jobs = defineJobs({ double: { cost: 1, run: (n: number) => n * 2 } });
 * const router = await createRouter({ jobs });
 * const served = await serve(createHttpApp(router), { port: 0 });
 *
 * const response = await fetch(`${served.url}/healthz`);
 * assert.deepEqual(await response.json(), { status: "ok" });
 * await served.close();
 * await router.close();
 * ```
 *
 * @param app The app that answers the requests: any Hono app.
 * @param options Additional options.
 * @returns The server, listening.
 * @throws {InsecureListenError} If other machines can reach it there, and the app is none of
 * `createHttpApp()` and has none mounted with `route()`, or one of these has no configured token.
 * @throws {ListenError} If it cannot listen there, for example if the port is in use, or cannot be shared.
 * @throws {RangeError} If an option is out of range.
 * @throws {InvalidOptionError} If an option is unknown.
 * @throws The signal's reason, if it aborts before the server listens.
 */
export async function serve(
  app: { readonly fetch: Fetch },
  options: ServeOptions = {},
): Promise<Served> {
  refuseUnknown<ServeOptions>(options, OPTIONS, "serve");
  const { hostname = "127.0.0.1", port = 8080, drainMs = 5_000 } = options;
  const { insecure = false, reusePort = false, signal } = options;
  if (typeof hostname !== "string" || hostname === "") {
    throw new RangeError(
      `Cannot serve as "hostname" must be a name or an address: received "${hostname}"`,
    );
  }
  if (!(Number.isInteger(port) && port >= 0 && port <= 65_535)) {
    throw new RangeError(
      `Cannot serve as "port" must be an integer from 0 to 65535: received ${port}`,
    );
  }
  if (!(drainMs >= 0 && drainMs <= MAX_TIMER_MS)) {
    throw new RangeError(
      `Cannot serve as "drainMs" must be a number of ms from 0 to ${MAX_TIMER_MS}: received ${drainMs}`,
    );
  }
  if (typeof reusePort !== "boolean") {
    throw new RangeError(
      `Cannot serve as "reusePort" must be true or false: received ${String(reusePort)}`,
    );
  }
  signal?.throwIfAborted();
  const parts = partsIn(app);
  const isProtected = parts.size > 0 && [...parts].every(({ guard }) => guard.isProtected);
  if (!isLoopback(normalizeHostname(hostname)) && !isProtected && !insecure) {
    throw new InsecureListenError(hostname);
  }
  for (const { guard } of parts) guard.listensOn(hostname);
  const listening = { hostname, port, drainMs, reusePort };
  const listener = await listen((request) => app.fetch(request), listening);
  const close = (): Promise<void> => {
    signal?.removeEventListener("abort", close);
    const closed = listener.close();
    for (const part of parts) part.endStreams(); // only now: no new one can be opened
    return closed;
  };
  signal?.addEventListener("abort", close);
  if (signal?.aborted) {
    await close();
    throw signal.reason;
  }
  return {
    url: `http://${toUrlHost(hostname)}:${listener.port}`,
    hostname,
    port: listener.port,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The address of all interfaces is not one that a client can connect to. */
function toUrlHost(hostname: string): string {
  if (hostname === "0.0.0.0") return "127.0.0.1";
  if (hostname === "::") return "[::1]";
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}
