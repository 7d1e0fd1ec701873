// What the page shows of a policy that is tried out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, type Policy } from "../../mod.ts";
import { createHttpApp, serve, tokenOf } from "../../src/http/mod.ts";
import { shadowPolicy } from "../../src/policy/shadow.ts";
import basicJobs from "../fixtures/basic_jobs.ts";
import { borrowBrowser } from "../fixtures/borrowed_browser.ts";
import { openPage, skippedWithoutBrowser } from "./served_page.ts";

const title =
  "the page shows where a policy on trial differs, and nothing of it where there is none";
const skip = skippedWithoutBrowser(title, "node");

test(title, { skip }, async () => {
  // They go by no load: the machine may be busy.
  const live: Policy = { name: "bold", decide: () => ({ strategy: "inline", reason: "always" }) };
  const candidate: Policy = {
    name: "careful",
    decide: () => ({ strategy: "spawn", reason: "always" }),
  };
  const policies = [live, shadowPolicy(live, candidate)];
  await using borrowed = await borrowBrowser();
  const { browser } = borrowed;
  for (const [i, policy] of policies.entries()) {
    await using router = await createRouter({ jobs: basicJobs, policy });
    const app = createHttpApp(router);
    await using server = await serve(app, { port: 0 });
    const address = `${server.url}/#token=${tokenOf(app)}`;
    for (let n = 0; n < 3; n++) {
      await router.run("add", { a: n, b: 1 }, { computeCost: 5 });
    }
    {
      await using opened = await openPage(browser, address);
      const { page } = opened;
      const panel = page.locator("#shadow");
      assert.equal(await panel.isVisible(), i === 1);
      if (i === 1) {
        assert.equal(
          await page.locator("#shadow-note").textContent(),
          "careful beside bold: 3 jobs asked, 3 differ (100 %), no faults",
        );
        const cells = await page.locator("#shadow-body td").allTextContents();
        assert.deepEqual(cells, ["add", "inline", "spawn", "3", "100 %"]);
        assert.equal(await page.locator("#shadow-empty").isVisible(), false);
      }
    }
  }
});
