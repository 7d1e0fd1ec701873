import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, CDPSession, Page } from "playwright-core";
import type { OnPage } from "./page/page.ts";
import { type HeaderSet, serveFiles, type StaticServer } from "./static_server.ts";

const HTML = `<!doctype html>
<meta charset="utf-8">
<title></title>
<canvas width="4" height="4"></canvas>
<script type="module" src="page.js"></script>
`;

/** The repository, seen from `dist/tests/browser/`. */
const root = new URL("../../../", import.meta.url);

/** Bundles the page of a folder, and the entry of its workers: scripts by name. */
async function bundle(folder: string): Promise<[name: string, text: string][]> {
  const { build } = await import("esbuild");
  const { forBrowsers } = await import(new URL(".ci/browser.mjs", root).href);
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(root),
    entryPoints: [`${folder}/page.ts`, `${folder}/jobs.worker.ts`],
    outdir: "/",
    bundle: true,
    write: false,
    format: "esm",
    splitting: true,
    plugins: [forBrowsers],
  });
  return outputFiles.map(({ path, text }) => [path.replace(/^.*[/\\]/, ""), text]);
}

/** Serves the page of the tests, and more files. */
export async function servePage(
  more: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  const files = new Map([...await bundle("tests/browser/page"), ...Object.entries(more)]);
  files.set("page.html", HTML).set("other.html", "<!doctype html><title>another</title>\n");
  return await serveFiles((path) => files.get(path));
}

/** Serves the example that resizes pictures. */
export async function servePictures(): Promise<StaticServer> {
  const scripts = await bundle("examples/pictures");
  const files = new Map(scripts.map(([name, text]) => [`out/${name}`, text]));
  const html = readFileSync(new URL("examples/pictures/index.html", root), "utf8");
  return await serveFiles((path) => files.set("index.html", html).get(path));
}

/** The page in a window of its own. */
export class OpenPage implements AsyncDisposable {
  readonly page: Page;
  readonly cdp: CDPSession;
  /** What the page has complained of on the console: errors, and warnings. */
  readonly complaints: string[] = [];

  constructor(page: Page, cdp: CDPSession) {
    this.page = page;
    this.cdp = cdp;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  /**
   * Runs a function on the page, whatever its security policy; it sees only its arguments. What it returns, and
   * what it is given, must be JSON.
   */
  async run<R, A = undefined>(
    body: (onPage: OnPage, argument: A) => R | Promise<R>,
    argument?: A,
  ): Promise<R> {
    const { result, exceptionDetails } = await this.cdp.send("Runtime.evaluate", {
      expression: `(${body})(onPage, ${JSON.stringify(argument)})`,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails === undefined) return result.value as R;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.page.context().close();
  }
}

/** Opens the page, as it comes with these headers. */
export async function openPage(
  browser: Browser,
  server: StaticServer,
  headers: HeaderSet,
): Promise<OpenPage> {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(60_000); // on a busy machine
  const opened = new OpenPage(page, await context.newCDPSession(page));
  await page.goto(server.urlOf(headers, "page.html"));
  await page.locator("html[data-ready]").waitFor().catch(() => {
    throw new Error(`The page did not load: ${opened.complaints.join("; ")}`);
  });
  return opened;
}
