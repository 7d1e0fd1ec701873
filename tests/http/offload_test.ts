// offload(): a handler in an app that is not ours, on a server that listens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { HTTPException } from "hono/http-exception";
import { offload, serve } from "../../src/http/mod.ts";
import { guarded, until } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

const JSON_TYPE = { "content-type": "application/json" };

function post(url: string, body: unknown, init?: RequestInit): Promise<Response> {
  return fetch(url, { method: "POST", headers: JSON_TYPE, body: JSON.stringify(body), ...init });
}

test("offload() answers with the output alone", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  const app = new Hono()
    .basePath("/my")
    .post("/add", offload(router, "add"))
    .post("/add_in_worker", offload(router, "add_in_worker"))
    .post("/reverse", offload(router, "reverse_bytes_in_worker"))
    .get(
      "/sum/:a/:b",
      offload(router, "add", {
        input: (c) => ({ a: Number(c.req.param("a")), b: Number(c.req.param("b")) }),
        hints: (c) => ({ computeCost: Number(c.req.query("cost") ?? 10) }),
        respond: (c, { output, strategy }) => c.text(`${output satisfies number} ${strategy}`),
      }),
    );
  await using served = await serve(app, { port: 0 });
  for (const [path, strategy] of [["add", "inline"], ["add_in_worker", "cpu_pool"]]) {
    const response = await post(`${served.url}/my/${path}`, { a: 1, b: 2 });
    assert.equal(response.headers.get("helix-strategy"), strategy);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    assert.ok(Number(response.headers.get("helix-total-ms")) >= 0);
    assert.equal(await response.json(), 3);
  }
  const bytes = await fetch(`${served.url}/my/reverse`, {
    method: "POST",
    headers: { "content-type": "application/octet-stream" },
    body: Uint8Array.of(1, 2, 3),
  });
  assert.deepEqual(new Uint8Array(await bytes.arrayBuffer()), Uint8Array.of(3, 2, 1));
  assert.equal(await (await fetch(`${served.url}/my/sum/2/3`)).text(), "5 inline");
  assert.equal(await (await fetch(`${served.url}/my/sum/2/3?cost=1e6`)).text(), "5 cpu_pool");
});

test("offload() answers as the job route does where a job does not complete", guarded, async () => {
  await using server = await startServer({ cpuQueueCapacity: 1 });
  const { router } = server;
  const limits = { maxBodyBytes: 100, maxComputeCost: 1_000, requestTimeoutMs: 60 };
  const app = new Hono()
    .post("/add", offload(router, "add", limits))
    .post("/cost", offload(router, "cost_of_input", limits))
    .post("/fail", offload(router, "fail"))
    .post("/hold", offload(router, "hold", { requestTimeoutMs: 60 }))
    .post("/hold_on", offload(router, "hold"))
    .post(
      "/mapped",
      offload(router, "add", {
        input: () => {
          throw new HTTPException(418, { message: "no input" });
        },
      }),
    );
  await using served = await serve(app, { port: 0 });
  const errorOf = async (path: string, body: unknown, headers?: Record<string, string>) => {
    const response = await post(served.url + path, body, headers && { headers });
    return `${response.status} ${(await response.json()).error.code}`;
  };
  assert.equal(await errorOf("/add", { a: "x" }), "422 invalid_input");
  assert.equal(await errorOf("/add", "x".repeat(200)), "413 too_large");
  assert.equal(
    await errorOf("/add", {}, { "content-type": "text/plain" }),
    "415 unsupported_media_type",
  );
  assert.equal(await errorOf("/cost", { size: 1_001 }), "422 invalid_input");
  assert.equal(await errorOf("/fail", null), "500 job_failed");
  assert.equal(await errorOf("/hold", null), "504 request_timeout");
  // What the app's own code throws is the app's.
  assert.equal((await post(`${served.url}/mapped`, 1)).status, 418);

  await until(() => router.stats().load.poolRunning === 0); // the last run has cost a worker
  const controller = new AbortController();
  const { signal } = controller;
  const hold = () => router.submit("hold", null, { signal }).catch(() => {});
  const held = [hold()];
  await until(() => router.stats().load.poolRunning === 1);
  held.push(hold());
  await until(() => router.stats().load.poolWaiting === 1);
  const dropped = await post(`${served.url}/hold_on`, null);
  assert.equal(dropped.status, 503);
  assert.match(dropped.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.equal((await dropped.json()).reason, "pool_saturated");
  controller.abort();
  await Promise.all(held);
});

test("offload() takes no hints from the client", guarded, async () => {
  await using server = await startServer();
  const app = new Hono().post("/add", offload(server.router, "add"));
  await using served = await serve(app, { port: 0 });
  const headers = { ...JSON_TYPE, "helix-compute-cost": "1000000" };
  const response = await post(`${served.url}/add`, { a: 1, b: 2 }, { headers });
  assert.equal(response.headers.get("helix-strategy"), "inline");
  assert.equal(await response.json(), 3);
});

test("offload() cancels the job of a client that goes away", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  const app = new Hono().post("/hold", offload(router, "hold"));
  await using served = await serve(app, { port: 0 });
  const controller = new AbortController();
  const client = post(`${served.url}/hold`, null, { signal: controller.signal })
    .catch((error) => error);
  await until(() => router.stats().load.poolRunning === 1);
  controller.abort();
  assert.equal((await client).name, "AbortError");
  await router.drain();
  assert.equal(router.stats().cancelled, 1);
});

test("offload() refuses a kind there is not, and wrong limits", async () => {
  await using server = await startServer();
  // @ts-expect-error: there is no such kind
  assert.throws(() => offload(server.router, "nope"), { name: "UnknownKindError" });
  assert.throws(() => offload(server.router, "add", { maxBodyBytes: 0 }), {
    name: "RangeError",
    message: 'Cannot offload as "maxBodyBytes" must be an integer >= 1: received 0',
  });
  // @ts-expect-error: the input does not fit the kind
  offload(server.router, "add", { input: () => "text" });
});
