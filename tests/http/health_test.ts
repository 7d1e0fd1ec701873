// GET /healthz and GET /readyz: whether to keep the process, and whether to send it jobs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, JobModuleError } from "../../mod.ts";
import { createHttpApp, serve } from "../../src/http/mod.ts";
import brokenJobs from "../fixtures/broken_setup_jobs.ts";
import { guarded } from "../fixtures/until.ts";
import { servedPart } from "./fixtures/served_part.ts";
import { startServer } from "./fixtures/test_server.ts";

async function ask(url: string): Promise<[number, unknown]> {
  const response = await fetch(url);
  const { status } = await response.json();
  return [response.status, status];
}

test("GET /healthz answers 200, and 503 once the router is closed", guarded, async () => {
  await using server = await startServer();
  assert.deepEqual(await ask(`${server.url}/healthz`), [200, "ok"]);
  await server.router.close();
  assert.deepEqual(await ask(`${server.url}/healthz`), [503, "closed"]);
});

test("GET /readyz answers 200, and 503 once the router is closed", guarded, async () => {
  await using server = await startServer();
  assert.deepEqual(await ask(`${server.url}/readyz`), [200, "ready"]);
  await (await server.post("exit", { input: null })).text();
  assert.deepEqual(await ask(`${server.url}/readyz`), [200, "ready"], "one crash is no obstacle");
  await server.router.close();
  assert.deepEqual(await ask(`${server.url}/readyz`), [503, "closed"]);
});

test(
  "GET /readyz answers 503 while no worker comes up, and GET /healthz 200",
  guarded,
  async () => {
    await using router = await createRouter({ jobs: brokenJobs, cpuParallelism: 1 });
    await using served = await serve(createHttpApp(router), { port: 0 });
    assert.deepEqual(await ask(`${served.url}/readyz`), [200, "ready"], "none has been tried");
    await assert.rejects(router.submit("one", null), JobModuleError);
    assert.deepEqual(await ask(`${served.url}/readyz`), [503, "workers_fail"]);
    assert.deepEqual(await ask(`${served.url}/healthz`), [200, "ok"]);
  },
);

test("GET /readyz says when too many threads are lost", guarded, async () => {
  await using server = await startServer({
    part: (router) => ({ ...servedPart(router), obstacle: "workers_lost" }),
  });
  assert.deepEqual(await ask(`${server.url}/readyz`), [503, "workers_lost"]);
});
