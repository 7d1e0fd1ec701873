import type { Browser, CDPSession, Page } from "playwright-core";
import { type Body, callOf, type OpenPage } from "./open_page.ts";
import type { HeaderSet, StaticServer } from "./static_server.ts";

/** The page in a window of Chromium of its own. */
export class ChromiumPage implements OpenPage {
  readonly page: Page;
  readonly cdp: CDPSession;
  readonly complaints: string[] = [];

  constructor(page: Page, cdp: CDPSession) {
    this.page = page;
    this.cdp = cdp;
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
    return this.page.context().close();
  }
}

/** Opens the page, as it comes with these headers. */
export async function openPage(
  browser: Browser,
  server: StaticServer,
  headers: HeaderSet,
): Promise<ChromiumPage> {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(60_000); // on a busy machine
  const opened = new ChromiumPage(page, await context.newCDPSession(page));
  await page.goto(server.urlOf(headers, "page.html"));
  await page.locator("html[data-ready]").waitFor().catch(() => {
    throw new Error(`The page did not load: ${opened.complaints.join("; ")}`);
  });
  return opened;
}
