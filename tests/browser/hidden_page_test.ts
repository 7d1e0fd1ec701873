// A page that is hidden, whose timers are throttled: they say nothing of its thread, and no batch waits for them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { skippedWithoutChromium } from "../fixtures/chromium.ts";
import { type BarePage, openBarePage } from "./bare_chromium.ts";
import { servePage } from "./served_page.ts";

/** How long a batch would wait for others, in ms. */
const MAX_DELAY_MS = 60_000;

/** What happens while timers of 10 ms are waited for, with a job in flight. */
function watch(page: BarePage, timers: number) {
  return page.run(async ({ createRouter, pooled, jobs, worker }, timers) => {
    const router = await createRouter({ jobs, worker, policy: pooled });
    const job = router.run("waits", null).catch(() => {});
    let latestMs = 0;
    for (let i = 0; i < timers; i++) {
      const startMs = performance.now();
      await new Promise((resolve) => setTimeout(resolve, 10));
      latestMs = Math.max(latestMs, performance.now() - startMs - 10);
    }
    const { eventLoopLagMs, load } = router.stats();
    await router.close({ drainMs: 0 });
    await job;
    const { count, max } = eventLoopLagMs;
    return { latestMs, count, max, loopLagMs: load.loopLagMs };
  }, timers);
}

/** Gathers three jobs; gives what ran them, and how long that took. */
function gather(page: BarePage) {
  return page.run(async ({ createRouter, thresholdPolicy, jobs, worker }, batchMaxDelayMs) => {
    const policy = thresholdPolicy();
    const router = await createRouter({ jobs, worker, policy, batchMaxDelayMs });
    const startMs = performance.now();
    const outcomes = await Promise.all([1, 2, 3].map((n) => router.submit("many", n)));
    const ms = performance.now() - startMs;
    await router.close();
    return { strategies: outcomes.map(({ strategy }) => strategy), ms };
  }, MAX_DELAY_MS);
}

const NAME = "jobs of a page that is hidden";

test(NAME, { skip: skippedWithoutChromium(NAME), timeout: 120_000 }, async (t) => {
  await using server = await servePage();
  await using page = await openBarePage(server.urlOf("plain", "page.html"));

  await t.test("on a page that is shown, loop lag is measured", async () => {
    assert.ok((await watch(page, 20)).count > 0);
  });

  await page.show(false);
  await t.test("while timers are throttled, no loop lag is measured", async () => {
    const { latestMs, ...lag } = await watch(page, 3);
    assert.ok(latestMs > 300, `timers are throttled: one was ${latestMs} ms late`);
    assert.deepEqual(lag, { count: 0, max: 0, loopLagMs: 0 });
  });
  await t.test("a batch is passed on in the next turn, whatever its delay", async () => {
    const { strategies, ms } = await gather(page);
    assert.deepEqual(strategies, ["batch", "batch", "batch"]);
    assert.ok(ms < MAX_DELAY_MS, `it took ${ms} ms`);
  });

  await page.show(true);
  await t.test("once it is shown, loop lag is measured again", async () => {
    assert.ok((await watch(page, 20)).count > 0);
  });
});
