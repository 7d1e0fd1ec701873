// What is told of a worker that cannot be started on a page, or that crashes there: where, and why.
import assert from "node:assert/strict";
import { test } from "node:test";
import { skippedWithoutChromium, startBrowser } from "../fixtures/chromium.ts";
import { type OpenPage, openPage, servePage } from "./open_page.ts";
import type { HeaderSet } from "./static_server.ts";

const FILES = {
  "bare.js": "postMessage(1);",
  "broken.js": "const = 1;",
  "imports.js": 'import "./none.js";',
  "module.js": 'import "./page.js";',
};

/** Runs a job on a worker of such a script; gives its error as text. */
function errorOf(page: OpenPage, url: string, type: WorkerType = "module"): Promise<string> {
  return page.run(async ({ createRouter, pooled, jobs }, { url, type }) => {
    const worker = () => new Worker(url, { type });
    const router = await createRouter({ jobs, worker, policy: pooled });
    const job = router.run("big", 1).then(
      () => "done",
      (error) => `${error.name}: ${error.message}`,
    );
    await job;
    await router.close();
    return await job;
  }, { url, type });
}

interface Failure {
  readonly headers: HeaderSet;
  readonly url: string;
  readonly type?: WorkerType;
  readonly told: RegExp;
}

const failures: Readonly<Record<string, Failure>> = {
  "a script that is not there": {
    headers: "plain",
    url: "none.js",
    told: /^JobModuleError: .*\/plain\/none\.js: the server answers with status 404.*serveJobs/,
  },
  "a script with a syntax error": {
    headers: "plain",
    url: "broken.js",
    told: /^JobModuleError: .*(broken\.js.*syntax error|SyntaxError.*broken\.js:1:\d+)/,
  },
  "a script that imports what is not there": {
    headers: "plain",
    url: "imports.js",
    told: /^JobModuleError: .*imports\.js: it imports .*\/plain\/none\.js: status 404/,
  },
  "a module as a classic worker": {
    headers: "plain",
    url: "module.js",
    type: "classic",
    told: /^JobModuleError: .*module\.js.*\{ type: "module" \}/,
  },
  "a script without the header that isolation wants": {
    headers: "isolated",
    url: "bare.js",
    told: /^JobModuleError: .*bare\.js: .*Cross-Origin-Embedder-Policy/,
  },
  "a script that the policy of the page forbids": {
    headers: "without_workers",
    url: "jobs.worker.js",
    told:
      /^JobModuleError: .*jobs\.worker\.js: .*Content-Security-Policy forbids it \(worker-src\)/,
  },
};

const NAME = "what is told of workers of a page";
const skip = skippedWithoutChromium(NAME);

test(NAME, { skip, timeout: 120_000 }, async (t) => {
  await using browser = await startBrowser();
  await using server = await servePage(FILES);

  const opened = new Map<HeaderSet, Promise<OpenPage>>();
  const pageWith = (headers: HeaderSet): Promise<OpenPage> => {
    if (!opened.has(headers)) opened.set(headers, openPage(browser, server, headers));
    return opened.get(headers)!;
  };

  for (const [name, { headers, url, type, told }] of Object.entries(failures)) {
    await t.test(name, async () => {
      assert.match(await errorOf(await pageWith(headers), url, type), told);
    });
  }

  await t.test("what is no worker is refused at once", async () => {
    const page = await pageWith("plain");
    const told = await page.run(async ({ createRouter, pooled, jobs }) => {
      const worker = () => new SharedWorker("page.js");
      const router = await createRouter({ jobs, worker, policy: pooled });
      const told = await router.run("big", 1).then(() => "done", (error) => `${error}`);
      await router.close({ drainMs: 0 });
      return told;
    });
    assert.match(told, /"worker" must be .*postMessage/);
  });

  await t.test("a crash tells its place", async () => {
    const page = await pageWith("plain");
    const told = await page.run(async ({ createRouter, jobs, worker }) => {
      const router = await createRouter({ jobs, worker });
      const crash = new Promise<string>((resolve) =>
        router.on("worker", (event) => event.type === "crashed" && resolve(event.error.message))
      );
      await router.run("throws_late", "too late");
      const told = await crash;
      await router.close();
      return told;
    });
    assert.match(told, /RangeError: too late.*\.js:\d+:\d+/);
  });
});
