// A page that is frozen, or left and come back to, with jobs in flight: they go on where they were.
import assert from "node:assert/strict";
import { test } from "node:test";
import { borrowBrowser } from "../fixtures/borrowed_browser.ts";
import { skippedWithoutChromium, wholeChromiumPath } from "../fixtures/chromium.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { type ChromiumPage, openPage } from "./chromium_page.ts";
import { servePage } from "./served_page.ts";

/** Starts 20 jobs, whose outputs `outputs()` waits for. */
function begin(page: ChromiumPage): Promise<number> {
  return page.run(async ({ createRouter, pooled, jobs, worker }) => {
    const router = await createRouter({ jobs, worker, policy: pooled, cpuParallelism: 2 });
    const running = Array.from({ length: 20 }, (_, i) => router.run(i % 2 ? "nap" : "spin", 40));
    const kept = { wasKept: false };
    addEventListener("pageshow", (event) => kept.wasKept = event.persisted);
    Object.assign(globalThis, { running: { router, outputs: Promise.all(running), kept } });
    await Promise.race(running);
    return router.stats().inFlight;
  });
}

/** What `begin()` has left on the page. */
interface Running {
  readonly running: {
    readonly router: {
      run(kind: "big", input: number): Promise<{ sum: number }>;
      close(): Promise<void>;
    };
    readonly outputs: Promise<number[]>;
    readonly kept: { readonly wasKept: boolean };
  };
}

/** Waits for the jobs, and for one more. */
function end(page: ChromiumPage): Promise<{ outputs: number[]; sum: number; wasKept: boolean }> {
  return page.run(async () => {
    const { router, outputs, kept } = (globalThis as unknown as Running).running;
    const told = await outputs;
    const { sum } = await router.run("big", 1);
    await router.close();
    return { outputs: told, sum, wasKept: kept.wasKept };
  });
}

/** Goes back, and is done when the page is there as it was left. */
function goBack({ cdp }: ChromiumPage): Promise<void> {
  return new Promise((resolve, reject) => {
    cdp.on("Page.frameNavigated", ({ type }) => type === "BackForwardCacheRestore" && resolve());
    cdp.on("Page.backForwardCacheNotUsed", ({ notRestoredExplanations }) => {
      const reasons = notRestoredExplanations.map(({ reason }) => reason);
      reject(new Error(`The page was not kept: ${reasons.join()}`));
    });
    // Playwright's own goBack() waits for a page that is loaded.
    cdp.send("Runtime.evaluate", { expression: "history.back()" }).catch(reject);
  });
}

const ENDS = { outputs: Array(20).fill(40), sum: 2, wasKept: false };
const SETS = ["plain", "isolated"] as const;

const FROZEN = "jobs of a page that is frozen";

const ofFrozen = { timeout: 120_000, concurrency: SETS.length };

test(FROZEN, { skip: skippedWithoutChromium(FROZEN), ...ofFrozen }, async (t) => {
  await using borrowed = await borrowBrowser();
  await using server = await servePage();
  await Promise.all(SETS.map((headers) =>
    t.test(headers, async () => {
      await using page = await openPage(borrowed.browser, server, headers);
      assert.ok(await begin(page) > 0);
      await page.cdp.send("Page.setWebLifecycleState", { state: "frozen" });
      await page.page.waitForTimeout(500);
      await page.cdp.send("Page.setWebLifecycleState", { state: "active" });
      assert.deepEqual(await end(page), ENDS);
    })
  ));
});

const LEFT = "jobs of a page that is left, and come back to";
const skip = skippedWithoutChromium(LEFT) ||
  skippedIf(
    wholeChromiumPath === undefined,
    LEFT,
    "Chromium's headless shell keeps no pages, and there is no other: CHROMIUM names one",
  );

test(LEFT, { skip, timeout: 120_000 }, async (t) => {
  // Playwright has pages thrown away.
  const without = ["--disable-back-forward-cache"];
  await using borrowed = await borrowBrowser({ path: wholeChromiumPath, without });
  // Each window of such a browser costs as much as all else here.
  const window = await borrowed.browser.newContext();
  await using server = await servePage();
  for (const headers of SETS) {
    await t.test(headers, async () => {
      await using page = await openPage(borrowed.browser, server, headers, window);
      await page.cdp.send("Page.enable");
      assert.ok(await begin(page) > 0);
      await page.page.goto(server.urlOf(headers, "other.html"));
      await page.page.waitForTimeout(200);
      await goBack(page);
      assert.deepEqual(await end(page), { ...ENDS, wasKept: true });
    });
  }
});
