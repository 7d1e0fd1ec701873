// Frames of a page while jobs run: in the pool the page goes on, inline it stands still.
import assert from "node:assert/strict";
import { test } from "node:test";
import { borrowBrowser } from "../fixtures/borrowed_browser.ts";
import { skippedWithoutChromium } from "../fixtures/chromium.ts";
import { type ChromiumPage, openPage } from "./chromium_page.ts";
import { servePage } from "./served_page.ts";

/** A gap between two frames that is seen, in ms. */
const SEEN_MS = 50;
/** Of the gaps, those that may be. */
const SHARE = 0.05;
/** The machine may be busy with something else: a try is disturbed by that, not each of them. */
const TRIES = 5;

/** How jobs are run: 200 that take 5 ms, 100 whose cost says that they take no time, or all of them inline. */
type Way = "pool" | "understated" | "inline";

/** Runs jobs by the default policy, or inline; gives the gaps between the frames meanwhile, in ms. */
function gapsOf(page: ChromiumPage, way: Way): Promise<number[]> {
  return page.run(async ({ createRouter, jobs, worker }, way) => {
    const inline = {
      name: "inline",
      decide: () => ({ strategy: "inline", reason: "told" }) as const,
    };
    const policy = way === "inline" ? { policy: inline, inlineSliceMs: 1_000 } : {};
    const router = await createRouter({ jobs, worker, ...policy, minWorkers: 1 });
    await router.run("spin", 1); // a worker is there

    const gaps: number[] = [];
    let last: number | undefined;
    let isWatched = true;
    const watch = (at: number) => {
      if (last !== undefined) gaps.push(at - last);
      last = at;
      if (isWatched) requestAnimationFrame(watch);
    };
    const frame = () => new Promise(requestAnimationFrame);
    requestAnimationFrame(watch);
    await frame();
    await Promise.all(
      way === "understated"
        ? Array.from({ length: 100 }, () => router.run("understated", null as never))
        : Array.from({ length: 200 }, () => router.run("spin", 5)),
    );
    await frame();
    isWatched = false;
    await router.close();
    return gaps;
  }, way);
}

const shareSeen = (gaps: readonly number[]): number =>
  gaps.filter((ms) => ms > SEEN_MS).length / gaps.length;

const NAME = "frames while jobs run";
const skip = skippedWithoutChromium(NAME);

test(NAME, { skip, timeout: 120_000 }, async (t) => {
  await using borrowed = await borrowBrowser();
  await using server = await servePage();
  await using page = await openPage(borrowed.browser, server, "isolated");

  await t.test("all inline, the page stands still", async () => {
    const longest = Math.max(...await gapsOf(page, "inline"));
    assert.ok(longest > 500, `the longest gap took ${longest} ms`);
  });

  for (const way of ["pool", "understated"] as const) {
    await t.test(`${way}: the page goes on`, async () => {
      const tries: number[][] = [];
      do tries.push(await gapsOf(page, way)); while (
        shareSeen(tries.at(-1)!) >= SHARE && tries.length < TRIES
      );
      const told = tries.map((gaps) => gaps.map(Math.round).join(" ")).join("\n");
      assert.ok(shareSeen(tries.at(-1)!) < SHARE, told);
      assert.ok(tries.at(-1)!.length > 20, told);
    });
  }
});
