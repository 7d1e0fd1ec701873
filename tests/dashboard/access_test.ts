// Whether everyone can use the page: by keyboard, by ear, in both themes, on a phone, without motion.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { borrowBrowser } from "../fixtures/borrowed_browser.ts";
import type { WindowOptions } from "../fixtures/chromium.ts";
import { lowContrasts } from "./contrast.ts";
import { openPage, skippedWithoutBrowser, startServer } from "./served_page.ts";

const skip = skippedWithoutBrowser("everyone can use the page", "node");

interface AxNode {
  readonly ignored: boolean;
  readonly role?: { readonly value: string };
  readonly name?: { readonly value: string };
}

/** The page as a screen reader gets it. */
async function heardPage(context: BrowserContext, page: Page): Promise<AxNode[]> {
  const session = await context.newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  return (nodes as AxNode[]).filter(({ ignored }) => !ignored);
}

const CONTROLS = [
  "button",
  "checkbox",
  "combobox",
  "DisclosureTriangle",
  "link",
  "meter",
  "radio",
  "region",
  "search",
  "searchbox",
  "table",
  "textbox",
];

async function checkNames({ context, page }: { context: BrowserContext; page: Page }) {
  const nodes = await heardPage(context, page);
  const rolesFound = new Set(nodes.map(({ role }) => role?.value));
  for (const role of ["banner", "main", "search", "status", "meter", "heading", "table"]) {
    assert.ok(rolesFound.has(role), `a ${role}`);
  }
  const nameless = nodes.filter(({ role, name }) =>
    CONTROLS.includes(role?.value ?? "") && (name?.value ?? "").trim() === ""
  );
  assert.deepEqual(nameless.map(({ role }) => role?.value), []);
}

/** Goes through the page by Tab, and tells where it has been. */
async function checkKeyboard(page: Page): Promise<void> {
  const wanted = await page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>(
      "a[href], button, select, input, summary, [tabindex='0']",
    );
    const wanted = [...all].filter((element) =>
      element.checkVisibility() && !element.matches(":disabled") &&
      // Of a group of radios the chosen one is reached, the others by arrows.
      !(element instanceof HTMLInputElement && element.type === "radio" && !element.checked)
    );
    for (const [i, element] of wanted.entries()) element.dataset.tested = String(i);
    return wanted.length;
  });
  assert.ok(wanted > 25, `${wanted} places`);
  const reached = new Set<string>();
  const faint = new Set<string>();
  await page.locator("body").evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  for (let i = 0; i < wanted + 5; i++) {
    await page.keyboard.press("Tab");
    const place = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const shown = element.matches("[type=radio]") ? element.nextElementSibling! : element;
      const { outlineStyle, outlineWidth } = getComputedStyle(shown);
      const name = `${element.localName}#${element.id} ${element.className}`;
      const isSeen = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
      return { tested: element.dataset.tested, name, isSeen };
    });
    if (place.tested === undefined) continue;
    reached.add(place.tested);
    if (!place.isSeen) faint.add(place.name);
  }
  assert.equal(reached.size, wanted, "all places are reached");
  assert.deepEqual([...faint], [], "the focus can be seen");
}

/** Has the text looked at in one theme, and in the other once the switch has turned it over. */
async function checkContrasts(page: Page, colorScheme: "light" | "dark"): Promise<void> {
  await page.locator("#feed").scrollIntoViewIfNeeded();
  await page.locator("#feed-body tr").nth(3).waitFor();
  assert.deepEqual(await page.evaluate(lowContrasts), []);
  // The switch turns it over, and a new page remembers it.
  const other = colorScheme === "light" ? "dark" : "light";
  const before = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.getByRole("combobox", { name: "Theme" }).selectOption(other);
  const after = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  assert.notEqual(after, before);
  await page.reload();
  await page.locator("#throughput canvas").waitFor();
  assert.equal(
    await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
    after,
  );
  assert.deepEqual(await page.evaluate(lowContrasts), []);
}

async function checkMotion(page: Page, reducedMotion: "reduce" | "no-preference"): Promise<void> {
  await page.locator("#flow-arrows .sparks.moving").first().waitFor({ state: "attached" });
  const moving = await page.evaluate(() => document.getAnimations().length);
  assert.equal(moving > 0, reducedMotion === "no-preference", `${moving} animations`);
}

/** Opens a page, and waits until all of it is there. */
async function openWhole(browser: Browser, address: string, options: WindowOptions = {}) {
  const opened = await openPage(browser, address, options);
  await opened.page.locator("#config:not([hidden])").waitFor();
  return opened;
}

test("everyone can use the page", { skip, timeout: 240_000 }, async (t) => {
  await using borrowed = await borrowBrowser();
  const { browser } = borrowed;
  await using server = await startServer("node");

  await t.test("nothing jumps while figures change", async () => {
    await using opened = await openWhole(browser, server.address);
    const { page } = opened;
    const shifted = await page.evaluate(async () => {
      let sum = 0;
      const observer = new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) sum += (entry as unknown as { value: number }).value;
      });
      observer.observe({ type: "layout-shift" });
      document.querySelector<HTMLElement>("#run-overload")!.click();
      await new Promise((resolve) => setTimeout(resolve, 6_000));
      document.querySelector<HTMLElement>("#run-simulation")!.click();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      return sum;
    });
    assert.ok(shifted < 0.01, `a layout shift of ${shifted}`);
  });
  {
    // One after the other on the same page: what each costs is to open it.
    await using opened = await openWhole(browser, server.address);
    const { page } = opened;
    await t.test("every control has a name, every part a landmark", () => checkNames(opened));
    await t.test("all can be reached by keyboard, and the focus be seen", () =>
      checkKeyboard(page));
    await t.test("jobs flow with motion: reduce", () => checkMotion(page, "reduce"));
    await t.test(
      "text stands out enough from what is behind it, light",
      () => checkContrasts(page, "light"),
    );
    await t.test("what a chart shows can be read in a table", async () => {
      for (const chart of ["throughput", "latency", "queue", "lag"]) {
        await page.locator(`#${chart} summary`).focus();
        await page.keyboard.press("Enter");
        const cells = page.locator(`#${chart} tbody tr`).first().locator("td");
        await cells.first().waitFor();
        const titles = await page.locator(`#${chart} thead th`).allTextContents();
        assert.equal(await cells.count(), titles.length);
        assert.match(await cells.first().innerText(), /^\d\d:\d\d:\d\d$/);
      }
    });
  }
  await t.test("text stands out enough from what is behind it, dark", async () => {
    await using opened = await openPage(browser, server.address, { colorScheme: "dark" });
    await checkContrasts(opened.page, "dark");
  });
  await t.test("on a phone nothing sticks out", async () => {
    await using opened = await openWhole(browser, server.address, { width: 360, height: 740 });
    const { page } = opened;
    await page.locator("#feed").scrollIntoViewIfNeeded();
    await page.locator("#feed-body tr").nth(3).waitFor();
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 360);
    await page.getByRole("button", { name: "Overload" }).click();
    await page.locator("#run-overload[aria-pressed=true]").waitFor();
    await page.getByRole("button", { name: "Simulation" }).click();
  });
  await t.test("jobs flow with motion: no-preference", async () => {
    await using opened = await openPage(browser, server.address, {
      reducedMotion: "no-preference",
    });
    await checkMotion(opened.page, "no-preference");
  });
});
