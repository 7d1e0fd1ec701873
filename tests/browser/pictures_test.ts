// The example that resizes pictures, both ways.
import assert from "node:assert/strict";
import { test } from "node:test";
import { borrowBrowser } from "../fixtures/borrowed_browser.ts";
import { openWindow, skippedWithoutChromium } from "../fixtures/chromium.ts";
import { servePictures } from "./served_page.ts";

const NAME = "the example resizes pictures on its thread, and through the router";
const skip = skippedWithoutChromium(NAME);

test(NAME, { skip, timeout: 120_000 }, async () => {
  await using borrowed = await borrowBrowser();
  await using server = await servePictures();
  // Its animation is drawn all the time: a small window costs less.
  const page = await (await openWindow(borrowed.browser, { width: 640, height: 480 })).newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(`${server.urlOf("plain", "index.html")}?pictures=3`);
  await page.locator("html[data-ready]").waitFor();
  for (const id of ["direct", "router"]) {
    const hasWorkers = () => page.workers().length > 0;
    assert.equal(hasWorkers(), false, `${id}: nothing has been sent to a worker so far`);
    const section = page.locator(`#${id}`);
    await section.locator("button").click();
    await section.locator("button:not(:disabled)").waitFor({ timeout: 60_000 });
    assert.match(
      await section.locator("output").innerText(),
      /^3 pictures in .* longest gap \d+ ms/,
    );
    const sizes = await section.locator("img").evaluateAll((images) =>
      images.map((image) =>
        (image as HTMLImageElement).decode().then(() =>
          `${(image as HTMLImageElement).naturalWidth}x${(image as HTMLImageElement).naturalHeight}`
        )
      )
        .reduce(async (all, one) => [...await all, await one], Promise.resolve<string[]>([]))
    );
    assert.deepEqual(sizes, ["240x180", "240x180", "240x180"]);
    assert.equal(hasWorkers(), id === "router", id);
  }
  // The icon, which this server does not have.
  assert.deepEqual(complaints.filter((text) => !text.includes("404")), []);
});
