// What the page shows of how decisions turn out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter } from "../../mod.ts";
import { createHttpApp, serve, tokenOf } from "../../src/http/mod.ts";
import basicJobs from "../fixtures/basic_jobs.ts";
import { borrowBrowser } from "../fixtures/borrowed_browser.ts";
import { openPage, skippedWithoutBrowser } from "./served_page.ts";

const title =
  "the page shows for each kind that was used how its decisions turn out, and says what that means";

test(title, { skip: skippedWithoutBrowser(title, "node") }, async () => {
  await using borrowed = await borrowBrowser();
  const { browser } = borrowed;
  await using router = await createRouter({ jobs: basicJobs });
  const app = createHttpApp(router);
  await using server = await serve(app, { port: 0 });
  for (let n = 0; n < 40; n++) await router.run("add", { a: n, b: 1 });
  {
    await using opened = await openPage(browser, `${server.url}/#token=${tokenOf(app)}`);
    const { page } = opened;
    await page.locator("#kinds-body tr").waitFor();
    const [kind, jobs, reasons, bound, times] = await page.locator("#kinds-body td")
      .allTextContents();
    assert.equal(kind, "add");
    assert.match(jobs, /^\d+$/);
    assert.match(reasons, /^[a-z ]+ \d+ %/);
    assert.match(bound, /^\d+(\.\d)? %$/);
    assert.match(times, /^\d+(\.\d\d)?×$/);
    assert.equal(await page.locator("#kinds-empty").isVisible(), false);
    const heading = page.getByRole("columnheader", { name: "under bound" });
    assert.match(await heading.getAttribute("title") ?? "", /94 %/);
    await page.getByText("What the columns mean").click();
    assert.ok(await page.locator("#kinds-meanings").isVisible());
  }
});
