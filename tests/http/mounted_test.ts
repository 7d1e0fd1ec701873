// serve() knows what it needs of an app that another one hands its requests to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { createRouter, type HelixRouter, type KindsOf } from "../../mod.ts";
import {
  createHttpApp,
  type HttpApp,
  InsecureListenError,
  ListenError,
  serve,
} from "../../src/http/mod.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";
import { DecisionClient } from "./fixtures/decision_client.ts";
import jobs from "./fixtures/http_jobs.ts";
import { rawRequest } from "./fixtures/raw_request.ts";

type Mounted = [how: string, path: string, app: Hono];

/** Every way to mount an app. */
function mountings(api: HttpApp): Mounted[] {
  const inner = new Hono().route("/in", api);
  inner.onError((_, c) => c.text("mine", 500));
  return [
    ["at the root", "", new Hono().route("/", api)],
    ["below a path", "/helix", new Hono().route("/helix", api)],
    ["twice", "/out/in", new Hono().route("/out", inner)],
    ["below a base path", "/base/in", new Hono().basePath("/base").route("/in", api)],
  ];
}

function createTestRouter(): Promise<HelixRouter<KindsOf<typeof jobs>>> {
  return createRouter({ jobs, cpuParallelism: 1 });
}

/** Nobody has this address, so this ends in an error: the question is in which. */
async function whyNot(app: Hono): Promise<unknown> {
  return await serve(app, { hostname: "192.0.2.1", port: 0 }).catch((error) => error);
}

test("close() ends the streams of a mounted app", guarded, async () => {
  await using router = await createTestRouter();
  for (const [how, path, app] of mountings(createHttpApp(router))) {
    const served = await serve(app, { port: 0, drainMs: 100_000 });
    const client = await DecisionClient.open(served.url + path);
    assert.equal(client.response.status, 200, how);
    await served.close();
    while (await client.next().catch(() => undefined) !== undefined);
  }
});

test("The token of a mounted app is seen", guarded, async () => {
  await using router = await createTestRouter();
  for (const [how, , app] of mountings(createHttpApp(router, { token: "chosen" }))) {
    assert.ok(await whyNot(app) instanceof ListenError, how);
  }
  for (const [how, , app] of mountings(createHttpApp(router))) {
    assert.ok(await whyNot(app) instanceof InsecureListenError, how);
  }
});

test("All that is mounted needs a token", guarded, async () => {
  await using router = await createTestRouter();
  const closed = createHttpApp(router, { token: "chosen" });
  const open = createHttpApp(router);
  assert.ok(
    await whyNot(new Hono().route("/a", closed).route("/b", open)) instanceof InsecureListenError,
  );
  assert.ok(
    await whyNot(new Hono().route("/a", closed).route("/b", closed)) instanceof ListenError,
  );
  assert.ok(await whyNot(new Hono()) instanceof InsecureListenError);
});

test("A mounted app is asked for by the address that the server has", guarded, async (t) => {
  await using router = await createTestRouter();
  for (const [how, path, app] of mountings(createHttpApp(router, { token: "chosen" }))) {
    const served = await serve(app, { hostname: "0.0.0.0", port: 0 }).catch((error) => error);
    // Deno's tests may listen on 127.0.0.1 only.
    const reason = `it cannot listen: ${served.message}`;
    if (skippedIf(served instanceof Error, "A mounted app on all interfaces", reason)) {
      return t.skip(reason);
    }
    const at = { port: served.port, path: `${path}/healthz` };
    const ask = async (host: string) => (await rawRequest(at, { headers: { host } })).status;
    assert.deepEqual([await ask("192.0.2.7:80"), await ask("evil.example")], [200, 403], how);
    await served.close();
  }
});
