import { cut } from "../answers/bounded_error.ts";
import { RefusedRequestError } from "../answers/refusal.ts";
import { isAddress, isLoopback, isWildcard, nameInHost, normalizeHostname } from "./host_name.ts";
import { createToken, isSame, isToken, tokenIn } from "./token.ts";

/** Who may use an app. */
export interface GuardOptions {
  /**
   * Token that every request must send as `Authorization: Bearer TOKEN`, except health checks and
   * those for the page itself: 1 to 512 visible ASCII characters. Default: a random one, needed
   * only to change the router's state; `tokenOf()` returns it.
   */
  readonly token?: string;
  /**
   * Host names and addresses to serve, without ports, besides those of this machine (`localhost`,
   * `127.0.0.1`, `[::1]`) and the one that `serve()` listens on. `"*"` allows all: use it only
   * behind a proxy that checks the host. @default {[]}
   */
  readonly allowedHosts?: readonly string[];
  /**
   * Origins whose pages may use the app besides its own, such as `"https://app.example.com"`. The
   * app sends no CORS headers: a middleware or proxy in front of it must. @default {[]}
   */
  readonly allowedOrigins?: readonly string[];
}

/**
 * Guards every route. A web page must not control a server on its reader's machine, neither by a
 * cross-origin request nor by a name that was made to point here (DNS rebinding).
 */
export class Guard {
  /** The token, configured or random. */
  readonly token: string;
  /** Whether the token was configured, and so protects reading, too. */
  readonly isProtected: boolean;
  readonly #hosts: Set<string>;
  readonly #origins: ReadonlySet<string>;
  #allowsAddresses = false;
  /** The last host that was allowed: almost always the next one is the same. */
  #lastHost: string | undefined;

  /** @throws {RangeError} If an option is invalid. */
  constructor({ token, allowedHosts = [], allowedOrigins = [] }: GuardOptions) {
    if (token !== undefined && !isToken(token)) {
      const wanted = "1 to 512 visible ASCII characters";
      throw new RangeError(`Cannot create HTTP app as "token" must be ${wanted}`);
    }
    this.token = token ?? createToken();
    this.isProtected = token !== undefined;
    this.#hosts = new Set(allowedHosts.map((host) => checkHost(host)));
    this.#origins = new Set(allowedOrigins.map(checkOrigin));
  }

  /** Allows the name that a server of this app listens on. */
  listensOn(hostname: string): void {
    const name = normalizeHostname(hostname);
    if (isWildcard(name)) this.#allowsAddresses = true;
    else this.#hosts.add(name);
  }

  /**
   * Checks the host and the origin of a request.
   *
   * @param request The request.
   * @throws {RefusedRequestError} If it is for another host, or from a page of another origin
   * (403).
   */
  admit(request: Request): void {
    const { headers } = request;
    // Without a socket, and in HTTP/1.0, there may be no such header: then the URL has the host.
    const host = headers.get("host") ?? hostIn(request.url);
    if (host !== this.#lastHost) {
      if (!this.#isHost(host.toLowerCase())) throw foreignHost(host);
      this.#lastHost = host;
    }
    const origin = headers.get("origin");
    const site = headers.get("sec-fetch-site");
    if (origin === null && site === null) return; // not from a browser
    if (!this.#isOwnPage(request, host.toLowerCase(), origin, site)) throw foreignOrigin();
  }

  /**
   * Checks that a request may read: no token was configured, or it has the token.
   *
   * @throws {RefusedRequestError} If it may not (401).
   */
  mayRead(request: Request): void {
    if (this.isProtected) this.mayChange(request);
  }

  /**
   * Checks that a request may change the router's state: it has the token.
   *
   * @throws {RefusedRequestError} If it may not (401).
   */
  mayChange({ headers }: Request): void {
    if (!isSame(tokenIn(headers.get("authorization")), this.token)) throw noToken();
  }

  #isHost(host: string): boolean {
    if (this.#hosts.has("*")) return true;
    const name = nameInHost(host);
    if (name === undefined) return false;
    return isLoopback(name) || this.#hosts.has(name) || (this.#allowsAddresses && isAddress(name));
  }

  #isOwnPage(
    { method, headers }: Request,
    host: string,
    origin: string | null,
    site: string | null,
  ): boolean {
    if (origin !== null) {
      if (this.#origins.has(origin)) return true;
      if (origin !== `http://${host}` && origin !== `https://${host}`) return false;
    }
    if (site === null || site === "same-origin" || site === "none") return true;
    // A link on another page may lead here: people see the response, that page does not.
    const isVisit = headers.get("sec-fetch-mode") === "navigate" &&
      headers.get("sec-fetch-dest") === "document";
    return isVisit && (method === "GET" || method === "HEAD");
  }
}

/** The host in a URL; `""` if it has none, as on Bun in HTTP/1.0. */
function hostIn(url: string): string {
  return URL.canParse(url) ? new URL(url).host : "";
}

function foreignHost(host: string): RefusedRequestError {
  const shown = JSON.stringify(cut(host.toLowerCase(), 80));
  const message = `Host ${shown} is not served here: add it to "allowedHosts"`;
  return new RefusedRequestError(403, "forbidden_host", message);
}

function foreignOrigin(): RefusedRequestError {
  const message = "Pages of other origins may not use this server";
  return new RefusedRequestError(403, "forbidden_origin", message);
}

function noToken(): RefusedRequestError {
  const message = "The token is required: send it as Authorization: Bearer TOKEN";
  const headers = { "www-authenticate": "Bearer" };
  return new RefusedRequestError(401, "unauthorized", message, { headers });
}

function checkHost(host: string): string {
  const name = host === "*" ? host : normalizeHostname(host);
  if (name === "*" || nameInHost(name) === name) return name;
  const wanted = 'a name or an address without a port, or "*"';
  throw new RangeError(
    `Cannot create HTTP app as "allowedHosts" must have ${wanted}: received ${
      JSON.stringify(host)
    }`,
  );
}

function checkOrigin(origin: string): string {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return origin;
  const wanted = 'origins such as "https://app.example.com"';
  throw new RangeError(
    `Cannot create HTTP app as "allowedOrigins" must have ${wanted}: received ${
      JSON.stringify(origin)
    }`,
  );
}
