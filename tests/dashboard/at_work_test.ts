// What the page shows of a router at work, with a server on each runtime.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { Browser, Page } from "playwright-core";
import { borrowBrowser } from "../fixtures/borrowed_browser.ts";
import { openPage, type ServerRuntime, skippedWithoutBrowser, startServer } from "./served_page.ts";

const PATIENCE = { timeout: 60_000 };
/** Not with each frame, as is usual: a page would draw all the time only to be looked at. */
const NOW_AND_THEN = { ...PATIENCE, polling: 100 };

/** The picture in a chart, as it is drawn now. */
function pictureOf(page: Page, chart: string): Promise<string> {
  return page.locator(`#${chart} canvas`).evaluate((canvas) =>
    (canvas as HTMLCanvasElement).toDataURL()
  );
}

async function assertMoves(page: Page, chart: string): Promise<void> {
  const before = await pictureOf(page, chart);
  await page.waitForFunction(
    ([id, picture]) =>
      document.querySelector<HTMLCanvasElement>(`#${id} canvas`)!.toDataURL() !== picture,
    [chart, before] as const,
    NOW_AND_THEN,
  );
}

/** Waits until a figure of a tile is above a bound. */
async function tileRises(page: Page, title: string, part: string, bound: number): Promise<void> {
  await page.waitForFunction(
    ({ title, part, bound }) => {
      const tile = [...document.querySelectorAll(".tile")]
        .find((one) => one.querySelector("dt")!.textContent === title)!;
      return parseFloat(tile.querySelector(part)!.textContent!) > bound;
    },
    { title, part, bound },
    NOW_AND_THEN,
  );
}

function columnOf(page: Page, column: number): Promise<string[]> {
  return page.locator(`#feed-body td:nth-child(${column})`).allTextContents();
}

async function feedFills(page: Page, rows: number): Promise<void> {
  await page.locator("#feed").scrollIntoViewIfNeeded();
  await page.locator("#feed-body tr").nth(rows - 1).waitFor({ state: "attached", ...PATIENCE });
}

async function checkFilters(page: Page): Promise<void> {
  await page.getByRole("combobox", { name: "Kind" }).selectOption("hash_mix");
  await page.getByRole("combobox", { name: "Strategy" }).selectOption("inline");
  // What passes the filter may come only now.
  await page.waitForFunction(
    () => {
      const rows = [...document.querySelectorAll<HTMLTableRowElement>("#feed-body tr")];
      const isWanted = ({ cells }: HTMLTableRowElement) =>
        cells[2].textContent === "hash_mix" && cells[3].textContent === "inline";
      return rows.length > 0 && rows.every(isWanted);
    },
    undefined,
    NOW_AND_THEN,
  );
  await page.getByRole("searchbox", { name: "Reason" }).fill("no such reason");
  await page.getByText("No decision passes the filter.").waitFor(PATIENCE);
  await page.getByRole("searchbox", { name: "Reason" }).fill("");
  await page.getByRole("combobox", { name: "Kind" }).selectOption("");
  await page.getByRole("combobox", { name: "Strategy" }).selectOption("");
}

async function checkPause(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Pause" }).click();
  await page.waitForTimeout(100); // what was on its way has arrived
  const still = await page.locator("#feed-body").innerText();
  await assertMoves(page, "throughput");
  await assertMoves(page, "throughput");
  assert.equal(await page.locator("#feed-body").innerText(), still);
  await page.getByRole("button", { name: "Resume" }).click();
  await page.waitForFunction(
    (still) => document.querySelector<HTMLElement>("#feed-body")!.innerText !== still,
    still,
    NOW_AND_THEN,
  );
}

/** Puts the router under more load than it can bear, and back. */
async function checkOverload(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Overload" }).click();
  await page.locator("#run-overload[aria-pressed=true]").waitFor();
  await tileRises(page, "Dropped /s", ".below", 5);
  const reason = page.locator("#drops tbody tr").first();
  await reason.waitFor(PATIENCE);
  assert.match(await reason.locator("code").innerText(), /^[a-z_]+(, moved)?$/);
  assert.match(await reason.locator("small").innerText(), /\w+ \w+/);
  await page.getByRole("button", { name: "Simulation" }).click();
  await page.locator("#run-simulation[aria-pressed=true]").waitFor();
}

async function checkConfig(page: Page): Promise<void> {
  const capacity = page.getByLabel("Pool queue");
  await capacity.fill("77");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.getByText("of 77, ").waitFor(PATIENCE);
  assert.equal(await page.locator("#config-apply").isDisabled(), true);
  await capacity.fill("0");
  await page.getByRole("button", { name: "Apply" }).click();
  await page.locator("#config-cpuQueueCapacity[aria-invalid=true]").waitFor(PATIENCE);
  const problem = page.locator("#config-cpuQueueCapacity-problem");
  assert.match(await problem.innerText(), /integer/);
  assert.equal(await capacity.evaluate((input) => input === document.activeElement), true);
  await page.getByRole("button", { name: "Discard" }).click();
  assert.equal(await capacity.inputValue(), "77");
  assert.equal(await problem.innerText(), "");
}

async function checkAtWork(t: TestContext, browser: Browser, runtime: ServerRuntime) {
  await using server = await startServer(runtime);
  await using opened = await openPage(browser, server.address);
  const { page, complaints } = opened;

  assert.equal(page.url(), server.address.replace(/#.*/, ""), "the token has left the address");
  await t.test("figures rise and charts move", async () => {
    await tileRises(page, "Throughput /s", ".value", 0);
    await tileRises(page, "Goodput /s", ".value", 0);
    const charts = ["throughput", "latency", "queue", "lag"];
    await Promise.all(charts.map((chart) => assertMoves(page, chart)));
  });
  await t.test("the feed fills, with reasons", async () => {
    await feedFills(page, 20);
    for (const reason of await columnOf(page, 5)) assert.match(reason, /^[a-z_]+(, moved)?$/);
    await page.locator("#costs-body tr").first().waitFor({ state: "attached", ...PATIENCE });
  });
  await t.test("the feed can be filtered", () => checkFilters(page));
  await t.test("the feed can be paused", () => checkPause(page));
  await t.test("an overload shows drops with reasons", () => checkOverload(page));
  assert.equal(complaints.join("\n"), "");
  await t.test("a change of the configuration takes effect, a wrong one does not", async () => {
    await checkConfig(page);
    // The browser itself tells of the answer to the wrong one.
    assert.equal(complaints.filter((text) => !text.includes(" 422 ")).join("\n"), "");
  });
}

const NAME = "the page shows a router at work";
const RUNTIMES = ["node", "deno", "bun"] as const satisfies ServerRuntime[];
const skips = RUNTIMES.map((runtime) => skippedWithoutBrowser(`${NAME} on ${runtime}`, runtime));
const skip = skips.every(Boolean) && skips[0];

// Side by side, as a page mostly waits for its next figures.
test(NAME, { skip, concurrency: RUNTIMES.length, timeout: 240_000 }, async (t) => {
  await using borrowed = await borrowBrowser();
  const { browser } = borrowed;
  await Promise.all(
    RUNTIMES.map((runtime, i) =>
      t.test(
        `on ${runtime}`,
        { skip: skips[i], concurrency: 1 },
        (t) => checkAtWork(t, browser, runtime),
      )
    ),
  );
});
