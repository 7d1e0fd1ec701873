// What is served beside jobs, and how the app fits into others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { BUCKET_BOUNDS_MS } from "../../mod.ts";
import { createHttpApp, serve, type StatsBody } from "../../src/http/mod.ts";
import { guarded } from "../fixtures/until.ts";
import { servedPart } from "./fixtures/served_part.ts";
import { startServer } from "./fixtures/test_server.ts";

test("GET /api/stats gives what router.stats() gives", guarded, async () => {
  await using server = await startServer();
  await (await server.post("add_in_worker", { input: { a: 1, b: 2 } })).text();
  await (await server.post("nope", { input: 1 })).text();
  const response = await fetch(`${server.url}/api/stats`);
  assert.equal(response.status, 200);
  const told: StatsBody = await response.json();
  const stats = JSON.parse(JSON.stringify(server.router.stats()));
  // These go on after the answer.
  const { uptimeMs, load, eventLoopLagMs, windows, ...rest } = told;
  for (const name of ["uptimeMs", "load", "eventLoopLagMs", "windows"]) delete stats[name];
  assert.deepEqual(rest, stats);
  assert.equal(windows.last1min.completed, 1);
  assert.equal(eventLoopLagMs.buckets.length, BUCKET_BOUNDS_MS.length);
  assert.ok(uptimeMs > 0);
  assert.equal(load.cpuParallelism, 1);
  assert.equal(rest.completed, 1);
  assert.deepEqual(rest.rejected, { unknown_kind: 1 });
});

test("GET /api/stats gives null for what is not known", async () => {
  await using server = await startServer();
  const stats = server.router.stats();
  const app = createHttpApp({
    ...servedPart(server.router),
    stats: () => ({ ...stats, load: { ...stats.load, poolWorkMs: NaN } }),
  });
  const response = await app.request("/api/stats");
  assert.equal((await response.json()).load.poolWorkMs, null);
});

test("Paths there are not answer 404, methods there are not 405, as JSON", guarded, async () => {
  await using server = await startServer();
  for (
    const path of ["/nothing", "/api", "/api/jobs", "/api/jobs/", "/metrics/", "/../etc/passwd"]
  ) {
    const response = await fetch(server.url + path);
    assert.equal(response.status, 404, path);
    assert.equal((await response.json()).error.code, "not_found");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  }
  for (
    const [method, path, allow] of [
      ["GET", "/api/jobs/add", "POST"],
      ["PUT", "/api/jobs/add", "POST"],
      ["POST", "/metrics", "GET, HEAD"],
      ["DELETE", "/api/stats", "GET, HEAD"],
    ]
  ) {
    const response = await fetch(server.url + path, { method });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), allow);
    assert.equal((await response.json()).error.code, "method_not_allowed");
  }
  const head = await fetch(`${server.url}/healthz`, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(await head.text(), "");
});

test(
  "An unexpected error is told to onError, and nothing of it to the client",
  guarded,
  async () => {
    await using server = await startServer();
    const errors: unknown[] = [];
    const secret = new Error("secret at /srv/app/server.ts");
    const app = createHttpApp({
      ...servedPart(server.router),
      stats: () => {
        throw secret;
      },
      submit: () => Promise.reject(secret),
    }, { onError: (error) => errors.push(error) });
    await using served = await serve(app, { port: 0 });
    const init = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"input":1}',
    };
    const requests: [string, RequestInit?][] = [["/api/stats"], ["/metrics"], [
      "/api/jobs/add",
      init,
    ]];
    for (const [path, init] of requests) {
      const response = await fetch(served.url + path, init);
      assert.equal(response.status, 500);
      const error = { code: "internal", message: "The server has failed" };
      assert.deepEqual(await response.json(), { error });
    }
    assert.deepEqual(errors, [secret, secret, secret]);
  },
);

test(
  "createHttpApp() makes an app that mounts into others and leaves their paths alone",
  guarded,
  async () => {
    await using server = await startServer();
    const parent = new Hono()
      .route("/helix", createHttpApp(server.router))
      .route("/", createHttpApp(server.router))
      .get("/mine", (c) => c.text("mine"))
      .get("/api/mine", (c) => c.text("mine, too"))
      .notFound((c) => c.text("no such page", 404));
    await using served = await serve(parent, { port: 0 });
    for (const prefix of ["/helix", ""]) {
      const response = await fetch(`${served.url}${prefix}/api/jobs/add`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ input: { a: 1, b: 2 } }),
      });
      assert.equal((await response.json()).output, 3);
      for (const path of ["/healthz", "/metrics", "/api/stats"]) {
        const response = await fetch(served.url + prefix + path);
        assert.equal(response.status, 200);
        await response.text();
      }
      const wrong = await fetch(`${served.url}${prefix}/api/jobs/nope`, { method: "POST" });
      assert.equal((await wrong.json()).error.code, "unknown_kind");
    }
    for (const [path, text] of [["/mine", "mine"], ["/api/mine", "mine, too"]]) {
      const response = await fetch(served.url + path);
      assert.equal(await response.text(), text);
      assert.equal(response.headers.get("content-security-policy"), null);
    }
    assert.equal(await (await fetch(`${served.url}/helix/nope`)).text(), "no such page");
  },
);
