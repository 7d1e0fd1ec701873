import type { Server as HttpServer } from "node:http";
import { HelixError } from "../errors.ts";
import { clearTimeout, setTimeout } from "./kept_time.ts";

/** Handles a request, like the `fetch` of a Hono app. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** Where to listen. */
export interface ListenOptions {
  /** Name or address of the interface. */
  readonly hostname: string;
  /** The port; 0 for any free one. */
  readonly port: number;
  /** Time that running requests may still take after `close()`, in ms. */
  readonly drainMs: number;
  /** Whether other processes that say so, too, may listen on the same port. */
  readonly reusePort: boolean;
}

/** A listening server. */
export interface Listener {
  /** The port it listens on. */
  readonly port: number;
  /** Stops accepting requests, waits for running ones, and cuts those that take too long. */
  close(): Promise<void>;
}

/**
 * Why a server cannot listen. `in_use`: another program has the port; `not_allowed`: the system or
 * Deno's permissions forbid it; `no_such_address`: the hostname is not one of this machine;
 * `no_adapter`: a package is missing; `no_reuse_port`: the runtime or the system cannot share a port.
 */
export type ListenFailure =
  | "in_use"
  | "not_allowed"
  | "no_such_address"
  | "no_adapter"
  | "no_reuse_port"
  | "unknown";

/** The server cannot listen. */
export class ListenError extends HelixError {
  /** Why. */
  declare readonly reason: ListenFailure;
  /** The requested hostname. */
  declare readonly hostname: string;
  /** The requested port. */
  declare readonly port: number;

  /** Makes the error. */
  constructor(reason: ListenFailure, hostname: string, port: number, options?: ErrorOptions) {
    const message = `Cannot listen on ${hostname}:${port} as ${explain(reason, options?.cause)}`;
    super("ListenError", message, { reason, hostname, port }, options);
  }
}

/** How often a server of Bun that closes is asked whether requests are running, in ms. */
const LOOK_MS = 5;

/** What the runtimes' servers have in common. */
interface Server {
  readonly port: number;
  /** Accepts no new connections; resolves when all running requests have ended. */
  stop(): Promise<unknown>;
  /** Closes all connections now. */
  cut(): void;
}

interface DenoNamespace {
  /** There with `--unstable-net` alone. */
  readonly listenDatagram?: unknown;
  serve(
    options: {
      readonly hostname: string;
      readonly port: number;
      readonly reusePort: boolean;
      readonly signal: AbortSignal;
      readonly onListen: () => void;
    },
    handler: (request: Request, info: { completed: Promise<void> }) => ReturnType<Fetch>,
  ): {
    readonly addr: { readonly port: number };
    readonly finished: Promise<void>;
    shutdown(): Promise<void>;
  };
}

interface BunNamespace {
  serve(options: Record<string, unknown>): {
    readonly port: number;
    readonly pendingRequests: number;
    stop(closeActiveConnections: boolean): Promise<void>;
  };
}

interface Scope {
  readonly Deno?: DenoNamespace;
  readonly Bun?: BunNamespace;
  readonly process?: { readonly versions: { readonly node: string } };
}

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope: Scope = globalThis as any;

/**
 * Listens with the server of this runtime.
 *
 * @param fetch Handles the requests.
 * @param options Where to listen.
 * @returns The listening server.
 * @throws {ListenError} If it cannot listen there.
 */
export async function listen(fetch: Fetch, options: ListenOptions): Promise<Listener> {
  const { hostname, port, drainMs, reusePort } = options;
  if (reusePort && !canReusePort()) throw new ListenError("no_reuse_port", hostname, port);
  let closing: Promise<void> | undefined;
  const handle: Fetch = (request) => closing === undefined ? fetch(request) : refuse();
  let server: Server;
  try {
    if (scope.Deno !== undefined) server = listenOnDeno(scope.Deno, handle, options);
    else if (scope.Bun !== undefined) server = listenOnBun(scope.Bun, handle, options);
    else server = await listenOnNode(handle, options);
  } catch (cause) {
    throw new ListenError(reasonOf(cause), hostname, port, { cause });
  }
  const close = async (): Promise<void> => {
    const timer = setTimeout(server.cut, drainMs, undefined);
    await server.stop();
    clearTimeout(timer);
  };
  return { port: server.port, close: () => closing ??= close() };
}

/**
 * Deno's `shutdown()` waits for everything, its signal cuts everything, and the one cannot follow
 * the other. So running requests are counted: `shutdown()` is called after the last one, the signal
 * aborted while there are some. Until then new requests get a 503. A client that stalls midway
 * through a request or response after that is given up; Deno does not exit while it is connected.
 */
function listenOnDeno(
  deno: DenoNamespace,
  fetch: Fetch,
  { hostname, port, reusePort }: ListenOptions,
): Server {
  const controller = new AbortController();
  let running = 0;
  let giveUp: (() => void) | undefined;
  const onEnd = (): void => {
    running--;
    if (giveUp !== undefined && running === 0) void server.shutdown();
  };
  const { signal } = controller;
  const options = { hostname, port, reusePort, signal, onListen: () => {} };
  const server = deno.serve(options, (request, info) => {
    running++;
    info.completed.then(onEnd, onEnd);
    return fetch(request);
  });
  return {
    port: server.addr.port,
    stop: () =>
      new Promise<void>((resolve) => {
        giveUp = resolve;
        server.finished.then(resolve);
        if (running === 0) void server.shutdown();
      }),
    cut: () => running > 0 ? controller.abort() : giveUp?.(),
  };
}

function listenOnBun(
  bun: BunNamespace,
  fetch: Fetch,
  { hostname, port, reusePort }: ListenOptions,
): Server {
  // Bun's defaults cut idle streams, show source code on errors, and share the port with others.
  const options = { idleTimeout: 0, development: false, reusePort };
  // In HTTP/1.0 there may be no host, and then Bun's URL is only a path.
  const handle: Fetch = (request) => request.url.startsWith("/") ? refuseNoHost() : fetch(request);
  const server = bun.serve({ ...options, hostname, port, fetch: handle });
  let isCut = false;
  let giveUp: (() => void) | undefined;
  return {
    port: server.port,
    // Before 1.4 nothing can be cut any more after stop(false): what runs is waited for first.
    stop: () =>
      new Promise<void>((resolve) => {
        giveUp = resolve;
        const look = (): void => {
          if (isCut) return;
          if (server.pendingRequests > 0) setTimeout(look, LOOK_MS, undefined);
          else server.stop(false).then(resolve);
        };
        look();
      }),
    cut() {
      isCut = true;
      void server.stop(true);
      giveUp?.(); // before 1.4 its promise may stay pending
    },
  };
}

/** Node before 22.12 and 23.1 ignores the option, and Deno without `--unstable-net` ends the process. */
function canReusePort(): boolean {
  if (scope.Deno !== undefined) return scope.Deno.listenDatagram !== undefined;
  if (scope.Bun !== undefined) return true;
  const [major, minor] = scope.process!.versions.node.split(".").map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

async function listenOnNode(
  fetch: Fetch,
  { hostname, port, reusePort }: ListenOptions,
): Promise<Server> {
  const { createAdaptorServer } = await import("@hono/node-server");
  const server = createAdaptorServer({ fetch, hostname }) as HttpServer;
  // server.close() waits for connections on which nothing has been asked yet, or only half a head. So
  // requests and responses are counted: after the last one, all that is left is such connections.
  let running = 0;
  let isStopping = false;
  const onEnd = (): void => {
    running--;
    if (isStopping && running === 0) server.closeAllConnections();
  };
  server.on("request", (request, response) => {
    running += 2;
    request.once("close", onEnd); // later than the response, if nobody reads its body
    response.once("close", onEnd);
  });
  await new Promise<void>((resolve, reject) => {
    // A later error concerns one connection only, and must not end the process.
    server.on("error", reject);
    const where: object = { port, host: hostname, reusePort }; // newer than the types
    server.listen(where, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    stop() {
      isStopping = true;
      const closed = new Promise((resolve) => server.close(resolve));
      if (running === 0) server.closeAllConnections();
      return closed;
    },
    cut: () => server.closeAllConnections(),
  };
}

function refuse(): Response {
  return new Response(null, { status: 503, headers: { connection: "close" } });
}

function refuseNoHost(): Response {
  return new Response("The request must have a Host header", { status: 400 });
}

function reasonOf(cause: unknown): ListenFailure {
  const { code, name } = cause as { code?: unknown; name?: unknown };
  if (code === "ERR_MODULE_NOT_FOUND") return "no_adapter";
  if (code === "ENOTSUP") return "no_reuse_port";
  if (code === "EADDRINUSE" || name === "AddrInUse") return "in_use";
  if (code === "EACCES" || code === "EPERM" || name === "NotCapable") return "not_allowed";
  const isUnknown = code === "EADDRNOTAVAIL" || code === "ENOTFOUND" || code === "EAI_AGAIN";
  return isUnknown || name === "AddrNotAvailable" ? "no_such_address" : "unknown";
}

function explain(reason: ListenFailure, cause: unknown): string {
  switch (reason) {
    case "in_use":
      return 'the port is in use: choose another "port", or 0 for any free one';
    case "not_allowed":
      return "permission is denied: choose a port from 1024 up, and on Deno pass --allow-net";
    case "no_such_address":
      return "this machine has no such address";
    case "no_reuse_port":
      return '"reusePort" needs Deno with --unstable-net, Bun, or Node from 22.12 or 23.1 on, and a system ' +
        'such as Linux; on Node, "node:cluster" shares a port without it';
    case "no_adapter":
      return 'Node needs the package "@hono/node-server": run npm install @hono/node-server';
    default:
      return `the runtime refused: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}
