// Service workers and shared workers: where they can have no workers of their own, they run all jobs themselves.
import assert from "node:assert/strict";
import { test } from "node:test";
import { ENGINES } from "./engines/engines.ts";
import type { OpenPage } from "./open_page.ts";
import type { ToldByThread } from "./page/lone_thread.ts";
import { servePage } from "./served_page.ts";

type Scope = "service worker" | "shared worker";

/** Starts such a worker from the page, and gives what it tells of jobs. */
function askIn(page: OpenPage, scope: Scope): Promise<ToldByThread> {
  return page.run(async (_, scope) => {
    const { port1, port2 } = new MessageChannel();
    const url = "lone_thread.js";
    let port = port1;
    if (scope === "shared worker") port = new SharedWorker(url, { type: "module" }).port;
    else {
      await navigator.serviceWorker.register(url, { type: "module" });
      const { active } = await navigator.serviceWorker.ready;
      active!.postMessage(null, [port2]);
    }
    const { told, error } = await new Promise<{ told: ToldByThread; error?: string }>(
      (resolve) => port.onmessage = ({ data }) => resolve(data),
    );
    if (error !== undefined) throw new Error(error);
    return told;
  }, scope);
}

/** What ran kinds of the thread: first by the default policy, then by thresholds. */
const HERE = ["spawn 8", "spawn 5", "batch 4", "inline 8", "spawn 5", "batch 5"];
const NO_WORKERS = "cpu_pool: no, as there are no workers where this runs.";

for (const engine of ENGINES) {
  const name = `jobs in threads beside a page, ${engine.name}`;
  test(name, { skip: engine.skipped(name), timeout: 120_000 }, async (t) => {
    await using browser = await engine.start();
    await using server = await servePage();
    await using page = await browser.open(server, "plain");
    for (const scope of ["service worker", "shared worker"] as const) {
      await t.test(scope, async () => {
        const { hasWorkers, here, heavy, reason, why } = await askIn(page, scope);
        assert.equal(hasWorkers, scope === "shared worker" && engine.nestsWorkers);
        assert.deepEqual(here, HERE);
        const strategy = hasWorkers ? "cpu_pool" : "spawn";
        assert.deepEqual(heavy, [`${strategy} 42`, `${strategy} 42`]);
        assert.equal(reason === "no_workers", !hasWorkers, reason);
        assert.equal(why.includes(NO_WORKERS), !hasWorkers, why);
      });
    }
  });
}
