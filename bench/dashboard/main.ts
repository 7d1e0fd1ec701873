// The dashboard of a router with 50,000 jobs a second: `node dist/bench/dashboard/main.js`, with
// `--server node|deno|bun` and `--json FILE`. Playwright drives a Chromium from Node; the server is a
// process of its own on any runtime.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import type { Page } from "playwright-core";
import { chromiumPath, openWindow, startBrowser } from "../../tests/fixtures/chromium.ts";
import { sleep } from "../measure.ts";
import { quantile } from "../stats.ts";
import type { ServerFacts } from "./server.ts";
import { isServerRuntime, SERVER_RUNTIMES, startServer } from "./start_server.ts";

const WARM_UP_MS = 3_000;
const WINDOW_MS = 5_000;

const { values } = parseArgs({
  args: process.argv.slice(2),
  options: { json: { type: "string" }, server: { type: "string", default: "node" } },
});
const { json, server: runtime } = values;
if (!isServerRuntime(runtime)) {
  console.error(`Cannot start "${runtime}": there are ${SERVER_RUNTIMES.join(", ")}`);
  process.exit(2);
}
if (chromiumPath === undefined || !existsSync(chromiumPath)) {
  console.log("not run: there is no Chromium: CHROMIUM names one");
  process.exit(0);
}

await using server = await startServer(runtime);
await sleep(WARM_UP_MS);
const alone = await watchServer(() => sleep(WINDOW_MS));

await using browser = await startBrowser();
const page = await (await openWindow(browser)).newPage();
await page.goto(server.urls.dashboard);
await page.locator("#connection[data-state=live]").waitFor();
await sleep(WARM_UP_MS);
const framesMs: number[] = [];
const watched = await watchServer(async () => {
  framesMs.push(...await frameTimes(page, WINDOW_MS));
});
const frames = {
  count: framesMs.length,
  p50Ms: quantile(framesMs, 0.5),
  p99Ms: quantile(framesMs, 0.99),
  maxMs: Math.max(...framesMs),
};

console.log(`the dashboard at 50,000 jobs/s, server on ${runtime}, Chromium ${browser.version()}`);
const rows: readonly (readonly [name: string, value: string])[] = [
  ["nobody looks: jobs/s", alone.jobsPerS.toFixed(0)],
  ["nobody looks: server's processor time, of a core", `${(100 * alone.cores).toFixed(1)} %`],
  ["page open: jobs/s", watched.jobsPerS.toFixed(0)],
  ["page open: server's processor time, of a core", `${(100 * watched.cores).toFixed(1)} %`],
  [`page open: frames in ${WINDOW_MS / 1_000} s`, String(frames.count)],
  ["page open: frame time, p50", `${frames.p50Ms.toFixed(1)} ms`],
  ["page open: frame time, p99", `${frames.p99Ms.toFixed(1)} ms`],
  ["page open: frame time, longest", `${frames.maxMs.toFixed(1)} ms`],
];
for (const [name, value] of rows) console.log(`  ${name.padEnd(52)}${value.padStart(12)}`);
if (json !== undefined) {
  const report = { runtime, chromium: browser.version(), alone, watched, frames };
  await writeFile(json, JSON.stringify(report, null, 2) + "\n");
}

/** What the server did meanwhile. */
async function watchServer(wait: () => Promise<void>) {
  const before = await factsOf();
  await wait();
  const after = await factsOf();
  const ms = after.atMs - before.atMs;
  return {
    jobsPerS: (after.completed - before.completed) / ms * 1e3,
    cores: (after.cpuMs - before.cpuMs) / ms,
  };
}

async function factsOf(): Promise<ServerFacts> {
  return await (await fetch(server.urls.facts)).json();
}

/** Times from one frame to the next, in ms. */
function frameTimes(page: Page, durationMs: number): Promise<number[]> {
  return page.evaluate((durationMs) =>
    new Promise<number[]>((resolve) => {
      const times: number[] = [];
      const startMs = performance.now();
      let beforeMs: number | undefined;
      const frame = (atMs: number): void => {
        if (beforeMs !== undefined) times.push(atMs - beforeMs);
        beforeMs = atMs;
        if (atMs - startMs >= durationMs) resolve(times);
        else requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    }), durationMs);
}
