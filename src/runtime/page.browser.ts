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
const IMPORTS =
  /\b(?:import|(?:import|export)\b[^"'()=;]*\bfrom)\s*["']((?:\.{1,2})?\/[^"']+)["']/g;

/**
 * Makes a worker on a page, and notes its URL meanwhile: if it cannot be loaded, a browser tells neither that nor
 * the cause.
 */
export const makeOnPage: typeof plain.makeOnPage = (make) => {
  const { Worker } = scope;
  let asked: string | URL | undefined;
  scope.addEventListener("securitypolicyviolation", note); // added once only
  const noted = new Proxy(Worker, {
    construct(target, args, self) {
      asked = args[0];
      return Reflect.construct(target, args, self);
    },
  });
  const explain: plain.PageWorker["explain"] = async (event) => {
    const { message = await causeOf(asked), filename, lineno, colno } = event;
    const advice = IS_MODULE.test(message)
      ? '; a worker that is a module needs { type: "module" }'
      : "";
    return errorOf({ message: message + advice, filename, lineno, colno });
  };
  Reflect.set(scope, "Worker", noted);
  try {
    return { worker: make(), explain };
  } catch (error) {
    if (asked === undefined || (error as Error).name !== "SecurityError") throw error;
    const url = absolute(asked);
    const why = () => errorOf({ message: `${url}: ${forbidden(url) ?? error}` });
    return { worker: createRefused(), explain: () => Promise.resolve(why()) };
  } finally {
    Reflect.set(scope, "Worker", Worker);
  }
};

function absolute(url: string | URL): string {
  return new Request(url).url;
}

/** WebKit throws at once where others tell by an event, and says later what the page's policy forbade. */
function createRefused(): Partial<Worker> {
  const worker = Object.assign(new EventTarget(), { postMessage() {}, terminate() {} });
  setTimeout(() => worker.dispatchEvent(new Event("error")), 0, undefined);
  return worker;
}

async function causeOf(asked: string | URL | undefined): Promise<string> {
  if (asked === undefined) return "the browser does not say why, but its console may";
  const url = absolute(asked);
  return `${url}: ${forbidden(url) ?? await causeAt(url) ?? UNKNOWN}`;
}

const UNKNOWN = "it, or what it imports, has a syntax error or cannot be loaded";

/** What the page's policy has against a script. */
function forbidden(url: string): string | undefined {
  const { blockedURI, effectiveDirective } = blocked;
  // Of these, only the scheme is told.
  const told = /^(data|blob):/.exec(url)?.[1] ?? url;
  if (blockedURI !== told) return undefined;
  return `the page's Content-Security-Policy forbids it (${effectiveDirective})`;
}

/** What the server has against a script, or what it imports; `undefined` if nothing. */
async function causeAt(
  url: string,
  signal: AbortSignal = AbortSignal.timeout(ASK_MS),
  asked: Set<string> = new Set(),
): Promise<string | undefined> {
  const isEntry = asked.size === 0;
  asked.add(url);
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { signal });
    text = await response.text();
  } catch (error) {
    return isEntry || !signal.aborted ? `it cannot be fetched (${error})` : undefined;
  }
  const { status, ok, headers } = response;
  if (!ok) return `the server answers with status ${status}`;
  const type = headers.get("content-type");
  if (!/(java|ecma)script/.test(type ?? "")) {
    return `the server answers with ${type}, not JavaScript: there may be no such file`;
  }
  if (isEntry && scope.crossOriginIsolated && !headers.has("cross-origin-embedder-policy")) {
    return 'its response lacks the header "Cross-Origin-Embedder-Policy", which the page has';
  }
  if (!/^http/.test(url)) return undefined; // no path starts there
  for (const [, path] of text.matchAll(IMPORTS)) {
    const { href } = new URL(path, url);
    const cause = asked.has(href) ? undefined : await causeAt(href, signal, asked);
    if (cause !== undefined) return `it imports ${href}: ${cause}`;
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
