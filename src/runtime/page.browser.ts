import { isPage } from "./builtin.ts";
import { now, setTimeout } from "./kept_time.ts";
import type * as plain from "./page.ts";
import { errorOf } from "./web_worker.ts";

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/** Time the server has to tell what became of a script, in ms. */
const ASK_MS = 1_000;

/** What the page's policy forbade last. */
let blocked: { readonly blockedURI?: string; readonly effectiveDirective?: string } = {};
const note = (event: typeof blocked): void => void (blocked = event);

/** How engines say that a script is a module, and was started as none. */
const IS_MODULE = /SyntaxError\b.*\b(import|module)/;

/** The paths that a module imports. */
const IMPORTS = /\b(?:import|from) *["'](\.*\/[^"']+)/g;

/**
 * Makes a worker on a page, and notes its URL meanwhile: if it cannot be loaded, a browser tells neither that nor
 * the cause.
 */
export const makeOnPage: typeof plain.makeOnPage = (make) => {
  const { Worker } = scope;
  let asked: string | URL | undefined;
  let thrown: unknown;
  scope.addEventListener("securitypolicyviolation", note); // added once only
  class Noted extends Worker {
    constructor(url: string | URL, options: unknown) {
      super(asked = url, options);
    }
  }
  const explain: plain.PageWorker["explain"] = async (event) => {
    const { message = await causeOf(asked, thrown), filename, lineno, colno } = event;
    const advice = IS_MODULE.test(message)
      ? '; a worker that is a module needs { type: "module" }'
      : "";
    return errorOf({ message: message + advice, filename, lineno, colno });
  };
  scope.Worker = Noted;
  try {
    return { worker: make(), explain };
  } catch (error) {
    if (asked === undefined || (error as Error).name !== "SecurityError") throw error;
    thrown = error;
    return { worker: refused, explain };
  } finally {
    scope.Worker = Worker;
  }
};

/** WebKit throws at once where others tell by an event, and says later what the page's policy forbade. */
const refused = {
  postMessage() {},
  terminate() {},
  addEventListener(type: string, hear: (event: object) => void) {
    if (type === "error") setTimeout(hear, 0, {});
  },
};

async function causeOf(asked: string | URL | undefined, thrown: unknown): Promise<string> {
  if (asked === undefined) return "the browser does not say why, but its console may";
  const { url } = new Request(asked); // absolute
  // Of these, only the scheme is told.
  const cause = blocked.blockedURI === (/^(data|blob):/.exec(url)?.[1] ?? url)
    ? `the page's Content-Security-Policy forbids it (${blocked.effectiveDirective})`
    : thrown ?? await causeAt(url, []) ?? UNKNOWN;
  return `${url}: ${cause}`;
}

const UNKNOWN = "it, or what it imports, has a syntax error or cannot be loaded";

/** What the server has against a script, or what it imports, but for those asked before; `undefined` if nothing. */
async function causeAt(url: string, asked: string[]): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) });
    const { status, ok, headers } = response;
    if (!ok) return `the server answers with status ${status}`;
    const type = headers.get("content-type");
    if (!/(java|ecma)script/.test(type ?? "")) {
      return `the server answers with ${type}, not JavaScript: there may be no such file`;
    }
    const isEntry = asked.push(url) === 1;
    if (isEntry && scope.crossOriginIsolated && !headers.has("cross-origin-embedder-policy")) {
      return 'its response lacks the header "Cross-Origin-Embedder-Policy", which the page has';
    }
    for (const [, path] of (await response.text()).matchAll(IMPORTS)) {
      const { href } = new URL(path, url);
      const cause = !asked.includes(href) && await causeAt(href, asked);
      if (cause) return `it imports ${href}: ${cause}`;
    }
  } catch (error) {
    return `it cannot be fetched (${error})`;
  }
  return undefined;
}

const { document } = scope;

/** When the page was shown last, having been hidden. */
let shownAtMs = -Infinity;
const isOfPage = isPage && document !== undefined;
if (isOfPage) {
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) shownAtMs = now();
  });
}

/** Whether the page has been hidden since then: its timers may have been a second late. */
export const isThrottled: typeof plain.isThrottled = isOfPage
  ? (sinceMs) => document.hidden || shownAtMs >= sinceMs
  : undefined;
