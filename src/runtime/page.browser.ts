import { isPage } from "./builtin.ts";
import { now, performance } from "./kept_time.ts";
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

/**
 * Makes a worker on a page, and notes its URL meanwhile: if it cannot be loaded, a browser tells neither that nor
 * the cause.
 */
export const makeOnPage: typeof plain.makeOnPage = (make) => {
  const { Worker } = scope;
  const sinceMs = now();
  let url: string | undefined;
  scope.addEventListener("securitypolicyviolation", note); // added once only
  const noted = new Proxy(Worker, {
    construct(target, args, self) {
      const worker = Reflect.construct(target, args, self);
      url = new Request(args[0]).url; // absolute
      return worker;
    },
  });
  const explain: plain.PageWorker["explain"] = async (event) => {
    const { message = await causeOf(url, sinceMs), filename, lineno, colno } = event;
    const advice = IS_MODULE.test(message)
      ? '; a worker that is a module needs { type: "module" }'
      : "";
    return errorOf({ message: message + advice, filename, lineno, colno });
  };
  Reflect.set(scope, "Worker", noted);
  try {
    return { worker: make(), explain };
  } finally {
    Reflect.set(scope, "Worker", Worker);
  }
};

async function causeOf(url: string | undefined, sinceMs: number): Promise<string> {
  if (url === undefined) return "the browser does not say why, but its console may";
  return `${url}: ${await causeAt(url) ?? missingImport(sinceMs) ?? UNKNOWN}`;
}

const UNKNOWN = "it, or what it imports, has a syntax error or cannot be loaded";

/** What the page or the server has against a script; `undefined` if nothing. */
async function causeAt(url: string): Promise<string | undefined> {
  const { blockedURI, effectiveDirective } = blocked;
  // Of these, only the scheme is told.
  const told = /^(data|blob):/.exec(url)?.[1] ?? url;
  if (blockedURI === told) {
    return `the page's Content-Security-Policy forbids it (${effectiveDirective})`;
  }
  let response: Response;
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(ASK_MS) });
  } catch (error) {
    return `it cannot be fetched (${error})`;
  }
  const { status, ok, headers } = response;
  if (!ok) return `the server answers with status ${status}`;
  const type = headers.get("content-type");
  if (!/(java|ecma)script/.test(type ?? "")) {
    return `the server answers with ${type}, not JavaScript: there may be no such file`;
  }
  return scope.crossOriginIsolated && !headers.has("cross-origin-embedder-policy")
    ? 'its response lacks the header "Cross-Origin-Embedder-Policy", which the page has'
    : undefined;
}

/** Of the modules that were loaded meanwhile, one that the server did not give. */
function missingImport(sinceMs: number): string | undefined {
  const entries = performance.getEntriesByType("resource") as PerformanceResourceTiming[];
  const missing = entries.find((entry) =>
    entry.startTime >= sinceMs && entry.initiatorType === "script" && entry.responseStatus >= 400
  );
  return missing && `it imports ${missing.name}: status ${missing.responseStatus}`;
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
