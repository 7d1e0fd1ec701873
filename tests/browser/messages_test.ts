// What is told of a worker that cannot be started on a page, or that crashes there: where, and why.
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { StartedEngine } from "./engines/engine.ts";
import { ENGINES } from "./engines/engines.ts";
import type { OpenPage } from "./open_page.ts";
import { servePage } from "./served_page.ts";
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
    told:
      /^JobModuleError: .*imports\.js: it imports .*\/plain\/none\.js: the server answers with status 404/,
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

/** What is told of a worker that is none. */
function refusal(page: OpenPage): Promise<string> {
  return page.run(async ({ createRouter, pooled, jobs }) => {
    const worker = () => new SharedWorker("page.js");
    const router = await createRouter({ jobs, worker, policy: pooled });
    const told = await router.run("big", 1).then(() => "done", (error) => `${error}`);
    await router.close({ drainMs: 0 });
    return told;
  });
}

/** What is told of a worker that crashes after its job has ended. */
function crash(page: OpenPage): Promise<string> {
  return page.run(async ({ createRouter, jobs, worker }) => {
    const router = await createRouter({ jobs, worker });
    const crash = new Promise<string>((resolve) =>
      router.on("worker", (event) => event.type === "crashed" && resolve(event.error.message))
    );
    await router.run("throws_late", "too late");
    const told = await crash;
    await router.close();
    return told;
  });
}

async function check(t: TestContext, browser: StartedEngine): Promise<void> {
  await using server = await servePage(FILES);
  const pages = new Map<HeaderSet, Promise<OpenPage>>(); // they go with the loan of the browser
  const pageWith = (headers: HeaderSet): Promise<OpenPage> => {
    if (!pages.has(headers)) pages.set(headers, browser.open(server, headers));
    return pages.get(headers)!;
  };

  for (const [name, { headers, url, type, told }] of Object.entries(failures)) {
    await t.test(name, async () => {
      assert.match(await errorOf(await pageWith(headers), url, type), told);
    });
  }
  await t.test("what is no worker is refused at once", async () => {
    assert.match(await refusal(await pageWith("plain")), /"worker" must be .*postMessage/);
  });
  await t.test("a crash tells its place", async () => {
    assert.match(await crash(await pageWith("plain")), /RangeError: too late.*\.js:\d+:\d+/);
  });
}

for (const engine of ENGINES) {
  const name = `what is told of workers of a page, ${engine.name}`;
  test(name, { skip: engine.skipped(name), timeout: 120_000 }, async (t) => {
    await using browser = await engine.start();
    await check(t, browser);
  });
}
