import { answerError } from "../answers/answer.ts";
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

/** Whether a request needs the token: never, if it was chosen, always. */
export type Protection = "open" | "chosen" | "always";

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

  /** Answers to a request that may not come in; `undefined` for one that may. */
  refuse(request: Request, protection: Protection): Response | undefined {
    const { headers } = request;
    // Without a socket, and in HTTP/1.0, there is no such header: the URL has it then.
    const host = (headers.get("host") ?? new URL(request.url).host).toLowerCase();
    if (!this.#isHost(host)) {
      const shown = JSON.stringify(host.slice(0, 80));
      const message = `Host ${shown} is not served here: name it in "allowedHosts"`;
      return answerError(403, { code: "forbidden_host", message });
    }
    if (!this.#isOwnPage(request, host)) {
      const message = "Pages of other origins may not use this server";
      return answerError(403, { code: "forbidden_origin", message });
    }
    if (protection === "open" || (protection === "chosen" && !this.isProtected)) return undefined;
    if (isSame(tokenIn(headers.get("authorization")), this.token)) return undefined;
    const message = "This needs the token: send it as Authorization: Bearer TOKEN";
    const error = { code: "unauthorized", message } as const;
    return answerError(401, error, { "www-authenticate": "Bearer" });
  }

  #isHost(host: string): boolean {
    if (this.#hosts.has("*")) return true;
    const name = nameInHost(host);
    if (name === undefined) return false;
    return isLoopback(name) || this.#hosts.has(name) || (this.#allowsAddresses && isAddress(name));
  }

  #isOwnPage({ method, headers }: Request, host: string): boolean {
    const origin = headers.get("origin");
    if (origin !== null) {
      if (this.#origins.has(origin)) return true;
      if (origin !== `http://${host}` && origin !== `https://${host}`) return false;
    }
    const site = headers.get("sec-fetch-site");
    if (site === null || site === "same-origin" || site === "none") return true;
    // A link on another page may lead here: it is read by people, not by that page.
    const isVisit = headers.get("sec-fetch-mode") === "navigate" &&
      headers.get("sec-fetch-dest") === "document";
    return isVisit && (method === "GET" || method === "HEAD");
  }
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
