import type { Browser, BrowserContext, CDPSession, Page } from "playwright-core";
import { type Body, callOf, type OpenPage } from "./open_page.ts";
import type { HeaderSet, StaticServer } from "./static_server.ts";

/** The page in a window of Chromium of its own. */
export class ChromiumPage implements OpenPage {
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly complaints: string[] = [];
  /** What is closed with it: its window, if it is alone there. */
  readonly #goes: Page | BrowserContext;

  constructor(page: Page, cdp: CDPSession, goes: Page | BrowserContext) {
    this.page = page;
    this.cdp = cdp;
    this.#goes = goes;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
  }

  async run<R, A = undefined>(body: Body<R, A>, argument?: A): Promise<R> {
    const { result, exceptionDetails } = await this.cdp.send("Runtime.evaluate", {
      expression: callOf(body, argument as A),
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails === undefined) return result.value as R;
    throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  }

  countWorkers(): number {
    return this.page.workers().length;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#goes.close();
  }
}

/** Opens the page, as it comes with these headers: in a window of its own, or in one that is there. */
export async function openPage(
  browser: Browser,
  server: StaticServer,
  headers: HeaderSet,
  window?: BrowserContext,
): Promise<ChromiumPage> {
  const context = window ?? await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(60_000); // on a busy machine
  const opened = new ChromiumPage(page, await context.newCDPSession(page), window ? page : context);
  // Its script, which awaits nothing, has run once the page is loaded.
  await page.goto(server.urlOf(headers, "page.html"));
  const isReady = await opened.run(() => "ready" in document.documentElement.dataset)
    .catch(() => false);
  if (!isReady) throw new Error(`The page did not load: ${opened.complaints.join("; ")}`);
  return opened;
}
