import { RefusedRequestError } from "../answers/refusal.ts";
import { isAddress, isLoopback, isWildcard, nameInHost, normalizeHostname } from "./host_name.ts";
import { createToken, isSame, isToken, tokenIn } from "./token.ts";

/** Who may use an app. */
export interface GuardOptions {
  /**
   * Token that every request needs, as `Authorization: Bearer TOKEN`, but those for health and for
   * the page itself: 1 to 512 visible ASCII characters. Default: a random one, which only requests
   * that change the router's state need; `tokenOf()` gives it.
   */
  readonly token?: string;
  /**
   * Names and addresses under which the app may be asked for, ports left out, beside those of this
   * machine (`localhost`, `127.0.0.1`, `[::1]`) and the one that `serve()` listens on. `"*"` allows
   * all: only behind a proxy that looks after it. @default {[]}
   */
  readonly allowedHosts?: readonly string[];
  /**
   * Origins whose pages may use the app beside its own, such as `"https://app.example.com"`. No
   * CORS headers are sent for them: a middleware or proxy in front of the app does. @default {[]}
   */
  readonly allowedOrigins?: readonly string[];
}

/**
 * Stands in front of every route. A web page must not drive a server on its reader's machine, be it
 * by a request to another origin or by a name that was made to point here (DNS rebinding).
 */
export class Guard {
  /** The token, chosen or random. */
  readonly token: string;
  /** Whether the token was chosen, and so protects what can be read, too. */
  readonly isProtected: boolean;
  readonly #hosts: Set<string>;
  readonly #origins: ReadonlySet<string>;
  #allowsAddresses = false;
  /** The last one that was right: nearly always the next one is the same. */
  #lastHost: string | undefined;

  /** @throws {RangeError} If an option is wrong. */
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
   * Lets a request in, whatever it asks for.
   *
   * @param request The request.
   * @throws {RefusedRequestError} If it is for another host, or another origin's page makes it (403).
   */
  admit(request: Request): void {
    const { headers } = request;
    // Without a socket, and in HTTP/1.0, there is no such header: the URL has it then.
    const host = headers.get("host") ?? new URL(request.url).host;
    if (host !== this.#lastHost) {
      if (!this.#isHost(host.toLowerCase())) throw foreignHost(host);
      this.#lastHost = host;
    }
    const origin = headers.get("origin");
    const site = headers.get("sec-fetch-site");
    if (origin === null && site === null) return; // no browser
    if (!this.#isOwnPage(request, host.toLowerCase(), origin, site)) throw foreignOrigin();
  }

  /**
   * Lets a request read, if the token was not chosen or it has it.
   *
   * @throws {RefusedRequestError} If it has not (401).
   */
  mayRead(request: Request): void {
    if (this.isProtected) this.mayChange(request);
  }

  /**
   * Lets a request change the router's state, if it has the token.
   *
   * @throws {RefusedRequestError} If it has not (401).
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
    // A link on another page may lead here: it is read by people, not by that page.
    const isVisit = headers.get("sec-fetch-mode") === "navigate" &&
      headers.get("sec-fetch-dest") === "document";
    return isVisit && (method === "GET" || method === "HEAD");
  }
}

function foreignHost(host: string): RefusedRequestError {
  const shown = JSON.stringify(host.toLowerCase().slice(0, 80));
  const message = `Host ${shown} is not served here: name it in "allowedHosts"`;
  return new RefusedRequestError(403, "forbidden_host", message);
}

function foreignOrigin(): RefusedRequestError {
  const message = "Pages of other origins may not use this server";
  return new RefusedRequestError(403, "forbidden_origin", message);
}

function noToken(): RefusedRequestError {
  const message = "This needs the token: send it as Authorization: Bearer TOKEN";
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
