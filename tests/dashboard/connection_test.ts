// How the page stands with its server: lost and found again, locked, seen by nobody.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser, Page } from "playwright-core";
import { borrowBrowser } from "../fixtures/borrowed_browser.ts";
import { openPage, skippedWithoutBrowser, startServer } from "./served_page.ts";

const skip = skippedWithoutBrowser("the page and its connection", "node");

function stateIs(page: Page, state: string): Promise<void> {
  return page.locator(`#connection[data-state=${state}]`).waitFor({ timeout: 60_000 });
}

async function checkLoss(browser: Browser): Promise<void> {
  const first = await startServer("node");
  await using opened = await openPage(browser, first.address);
  const { page } = opened;
  const shown = await page.locator("#uptime").innerText();
  await first.stop();
  await stateIs(page, "lost");
  assert.match(await page.locator("#connection-text").innerText(), /next try in \d+ s$/);
  assert.equal(await page.locator("#announcer").innerText(), "Connection lost");
  assert.notEqual(shown, "–", "the last figures stay");

  await using second = await startServer("node", first.port);
  assert.equal(second.port, first.port);
  await page.getByRole("button", { name: "Try now" }).click();
  await stateIs(page, "live");
  await page.locator("#feed").scrollIntoViewIfNeeded();
  const newest = page.locator("#feed-body tr").first();
  await newest.waitFor({ timeout: 60_000 });
  const before = await newest.innerText();
  await page.waitForFunction(
    (before) => document.querySelector<HTMLElement>("#feed-body tr")!.innerText !== before,
    before,
    { timeout: 60_000, polling: 100 },
  );
}

async function checkToken(browser: Browser): Promise<void> {
  await using server = await startServer("node");
  const [address, token] = server.address.split("#token=");
  await using opened = await openPage(browser, address);
  const { page } = opened;
  const form = page.locator("#token-form");
  assert.equal(await form.isVisible(), false);
  await page.getByRole("button", { name: "Overload" }).click();
  await form.waitFor();
  const age = await page.locator("#uptime").innerText();
  await page.waitForFunction(
    (age) => document.querySelector<HTMLElement>("#uptime")!.innerText !== age,
    age,
    { polling: 100 },
  );
  assert.equal(await form.isVisible(), true, "figures that arrive do not take it away");
  await page.getByLabel("This server wants its token").fill(token);
  await page.keyboard.press("Enter");
  await form.waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Overload" }).click();
  await page.locator("#run-overload[aria-pressed=true]").waitFor();
}

async function checkHidden(browser: Browser): Promise<void> {
  await using server = await startServer("node");
  await using opened = await openPage(browser, server.address);
  const { page } = opened;
  await page.locator("#feed").scrollIntoViewIfNeeded();
  await page.locator("#feed-body tr").first().waitFor();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  const streamEnds = page.waitForEvent(
    "requestfailed",
    (request) => request.url().includes("/api/decisions"),
  );
  const setHidden = (isHidden: boolean) =>
    page.evaluate((isHidden) => {
      Object.defineProperty(document, "hidden", { get: () => isHidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, isHidden);
  await setHidden(true);
  await streamEnds;
  await stateIs(page, "hidden");
  asked.length = 0;
  await page.waitForTimeout(2_500);
  assert.deepEqual(asked, []);
  await setHidden(false);
  await stateIs(page, "live");
}

const CHECKS: Readonly<Record<string, (browser: Browser) => Promise<void>>> = {
  "a server that goes away is missed, and found again when it comes back": checkLoss,
  "without its token the page asks for it before it changes anything": checkToken,
  "a page that nobody sees asks for nothing": checkHidden,
};

// Side by side, as a page mostly waits.
test("the page and its connection", { skip, concurrency: 3, timeout: 120_000 }, async (t) => {
  await using borrowed = await borrowBrowser();
  const { browser } = borrowed;
  const checks = Object.entries(CHECKS);
  await Promise.all(checks.map(([name, check]) => t.test(name, () => check(browser))));
});
