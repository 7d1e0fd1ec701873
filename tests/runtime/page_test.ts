// Scripted, as no runtime of these tests has such errors: `tests/browser/` has real ones.
import assert from "node:assert/strict";
import { test } from "node:test";
import { makeOnPage } from "../../src/runtime/page.browser.ts";
import { makeOnPage as makePlainly } from "../../src/runtime/page.ts";
import { attachWebWorker, type WebWorkerEvent } from "../../src/runtime/web_worker.ts";

/** Each is another worker's: a page remembers what its policy forbade. */
const urlOf = (what: string): string => `https://page.test/${what.replaceAll(" ", "_")}.js`;

/** A page: what its server answers, and what its policy forbids. */
interface Page {
  readonly answer?: (url: string) => Response;
  readonly blocked?: { readonly blockedURI: string; readonly effectiveDirective: string };
  readonly isIsolated?: boolean;
}

class ScriptedWorker {
  readonly from: string;

  constructor(from: string | URL) {
    this.from = `${from}`;
  }
}

/** Calls a function on such a page. */
async function whilePage<T>(page: Page, fn: () => T | Promise<T>): Promise<T> {
  const { answer = () => Promise.reject(new TypeError("no network")), blocked } = page;
  const scope = globalThis as unknown as Record<string, unknown>;
  const values = {
    Worker: ScriptedWorker,
    fetch: async (url: string) => await answer(url),
    addEventListener: (_: string, hear: (event: unknown) => void) => blocked && hear(blocked),
    crossOriginIsolated: page.isIsolated ?? false,
  };
  const before = Object.keys(values).map((name) =>
    [name, Object.getOwnPropertyDescriptor(scope, name)] as const
  );
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(scope, name, { value, configurable: true, writable: true });
  }
  try {
    return await fn();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor === undefined) delete scope[name];
      else Object.defineProperty(scope, name, descriptor);
    }
  }
}

/** Why a worker cannot be loaded on a page. */
function explainOn(url: string, page: Page): Promise<string> {
  return whilePage(page, async () => {
    const scope = globalThis as unknown as { readonly Worker: typeof ScriptedWorker };
    const { worker, explain } = makeOnPage(() => new scope.Worker(url));
    assert.ok(worker instanceof ScriptedWorker && worker.from === url);
    assert.equal(scope.Worker, ScriptedWorker, "it is itself again");
    return (await explain({})).message;
  });
}

const script = (headers: object = {}) => (): Response =>
  new Response("", { headers: { "content-type": "text/javascript", ...headers } });
const html = { "content-type": "text/html" };
const embedder = { "cross-origin-embedder-policy": "require-corp" };

const causes: readonly (readonly [string, Page, RegExp])[] = [
  ["a missing script", { answer: () => new Response("", { status: 404 }) }, /: .* status 404$/],
  [
    "a page in its place",
    { answer: script(html) },
    /: the server answers with text\/html, not JavaScript: there may be no such file$/,
  ],
  [
    "a policy that forbids it",
    {
      blocked: { blockedURI: urlOf("a policy that forbids it"), effectiveDirective: "worker-src" },
    },
    /: the page's Content-Security-Policy forbids it \(worker-src\)$/,
  ],
  [
    "a missing header",
    { answer: script(), isIsolated: true },
    /: its response lacks the header "Cross-Origin-Embedder-Policy", which the page has$/,
  ],
  ["a syntax error", { answer: script() }, /: it, or what it imports, has a syntax error or/],
  [
    "the same on an isolated page",
    { answer: script(embedder), isIsolated: true },
    /: it, or what it imports, has a syntax error or/,
  ],
  ["no network", {}, /: it cannot be fetched \(TypeError: no network\)$/],
];

for (const [what, page, message] of causes) {
  test(`makeOnPage() names the URL and the cause: ${what}`, async () => {
    const told = await explainOn(urlOf(what), page);
    assert.ok(told.startsWith(`${urlOf(what)}: `), told);
    assert.match(told, message);
  });
}

/** Scripts by their names. */
const site = (scripts: Readonly<Record<string, string>>) => (url: string): Response => {
  const text = scripts[url.slice(url.lastIndexOf("/") + 1)];
  const headers = { "content-type": "text/javascript" };
  return new Response(text ?? "", { status: text === undefined ? 404 : 200, headers });
};

test("makeOnPage() names an import that is missing, however it is written, and none that is no import", async () => {
  const none = "https://page.test/none.js: the server answers with status 404";
  for (
    const text of [
      'import "./none.js";',
      "import{a as b}from'./none.js';b()",
      'import * as a from "/none.js";',
      'export { a,\n  b } from "./none.js";',
      'const a = 1;export*from"../none.js"',
    ]
  ) {
    const answer = site({ "w.js": 'import "./w.js"; import "./chunk.js";', "chunk.js": text });
    const told = await explainOn("https://page.test/w.js", { answer });
    const chunk = "it imports https://page.test/chunk.js";
    assert.equal(told, `https://page.test/w.js: ${chunk}: it imports ${none}`, text);
  }
  for (
    const text of [
      'import("./none.js")',
      'export const a = "./none.js";',
      'import a from "none";',
      'f("./none.js")',
    ]
  ) {
    const told = await explainOn("https://page.test/w.js", { answer: site({ "w.js": text }) });
    assert.match(told, /has a syntax error or/, text);
  }
});

test("makeOnPage() makes an event of what WebKit throws, and names the policy that it tells of later", async () => {
  const url = "https://page.test/insecure.js";
  for (const effectiveDirective of ["worker-src", undefined]) {
    const blockedURI = effectiveDirective && url;
    const told = await whilePage({}, async () => {
      const scope = globalThis as unknown as Record<string, unknown> & {
        Worker: typeof ScriptedWorker;
      };
      let tell!: (event: unknown) => void;
      scope.addEventListener = (_: string, hear: typeof tell) => tell = hear;
      scope.Worker = class {
        constructor() {
          throw new DOMException("The operation is insecure.", "SecurityError");
        }
      } as never;
      const { worker, explain } = makeOnPage(() => new scope.Worker(url));
      tell({ blockedURI, effectiveDirective });
      await new Promise((resolve) => (worker as EventTarget).addEventListener("error", resolve));
      return (await explain({})).message;
    });
    const why = blockedURI === undefined
      ? "SecurityError: The operation is insecure."
      : "the page's Content-Security-Policy forbids it (worker-src)";
    assert.equal(told, `${url}: ${why}`);
  }
});

test("makeOnPage() does not name a policy that has forbidden something else", async () => {
  const blocked = { blockedURI: urlOf("other"), effectiveDirective: "script-src" };
  const told = await explainOn(urlOf("this"), { answer: script(), blocked });
  assert.match(told, /has a syntax error/);
});

test("makeOnPage() leaves Worker as it was if making one throws", () =>
  whilePage({}, () => {
    const fail = (): never => {
      throw new RangeError("no");
    };
    assert.throws(() => makeOnPage(fail), RangeError);
    assert.equal(Reflect.get(globalThis, "Worker"), ScriptedWorker);
  }));

type Explain = (event: WebWorkerEvent) => Promise<Error>;

/** What makes errors of the events of a worker whose URL was not noted. */
const onPage: Explain = (event) => whilePage({}, () => makeOnPage(() => 1).explain(event));

/** What a port hears of an error event of a worker. */
async function heardOf(event: WebWorkerEvent, explain?: Explain) {
  const listeners = new Map<string, (event: WebWorkerEvent) => void>();
  const worker = {
    addEventListener: (type: string, listener: (event: WebWorkerEvent) => void) =>
      void listeners.set(type, listener),
    postMessage: assert.fail,
    terminate: assert.fail,
  };
  const heard: Error[] = [];
  const error = (told: unknown): void => void heard.push(told as Error);
  const fail = (): never => assert.fail();
  const none = { message: fail, garbled: fail, exit: fail };
  attachWebWorker(worker, { ...none, error }, false, explain);
  let isPrevented = false;
  listeners.get("error")!({ ...event, preventDefault: () => isPrevented = true });
  while (heard.length === 0) await Promise.resolve();
  return { message: heard[0].message, stack: heard[0].stack, isPrevented };
}

const at = { filename: "https://page.test/w.js", lineno: 3, colno: 7 };

test("a crash in a Web Worker is told with its place, and stays in the console of a page", async () => {
  const event = { message: "Uncaught Error: late", ...at };
  for (const explain of [onPage, makePlainly(() => 1).explain]) {
    const page = await heardOf(event, explain);
    assert.equal(page.message, "Uncaught Error: late (https://page.test/w.js:3:7)");
    assert.match(page.stack!, /\n {4}at https:\/\/page\.test\/w\.js:3:7$/);
    assert.equal(page.isPrevented, false);
  }
  assert.equal((await heardOf(event)).isPrevented, true, "or Deno would end the process");
});

test("a module that was started as a classic worker is told how to be started", async () => {
  for (
    const text of [
      "Uncaught SyntaxError: Cannot use import statement outside a module",
      "SyntaxError: import declarations may only appear at top level of a module",
      "SyntaxError: import.meta is only valid inside modules.",
    ]
  ) {
    const { message } = await heardOf({ message: text, ...at }, onPage);
    assert.match(message, /; a worker that is a module needs { type: "module" } \(https:.*3:7\)$/);
  }
  const { message } = await heardOf({ message: "SyntaxError: Unexpected token", ...at }, onPage);
  assert.doesNotMatch(message, /module/);
});

test("an error without a message is told of, if nobody knows whose it is", async () => {
  const { message } = await heardOf({}, onPage);
  assert.equal(message, "the browser does not say why, but its console may");
  assert.equal((await heardOf({}, makePlainly(() => 1).explain)).message, "Worker failed");
});
