// Who may use a server: names, origins and what browsers say of a request, over real sockets.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import {
  createHttpApp,
  InsecureListenError,
  ListenError,
  serve,
  tokenOf,
} from "../../src/http/mod.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";
import { rawRequest } from "./fixtures/raw_request.ts";
import { startServer } from "./fixtures/test_server.ts";

/** Every path of the app, as a client would ask for it. */
const PATHS = [
  "/api/jobs/add",
  "/api/explain/add",
  "/api/stats",
  "/api/decisions",
  "/api/config",
  "/api/demo",
  "/metrics",
  "/healthz",
  "/readyz",
  "/openapi.json",
  "/docs",
  "/nothing",
];

test("A foreign Host is refused on every path, whatever the method", guarded, async () => {
  await using server = await startServer();
  const { port } = server.served;
  for (const path of PATHS) {
    for (const method of ["GET", "POST", "PATCH", "OPTIONS"]) {
      const answer = await rawRequest({ port, path }, {
        method,
        headers: { host: "evil.example" },
      });
      assert.deepEqual([answer.status, answer.code], [403, "forbidden_host"], `${method} ${path}`);
    }
  }
});

test("Host is compared by its name, with nothing hidden in it", guarded, async () => {
  await using server = await startServer();
  const { port } = server.served;
  const ask = async (host: string) =>
    (await rawRequest({ port, path: "/healthz" }, { headers: { host } })).status;
  const right = ["localhost", "LOCALHOST:1", "localhost.", "127.0.0.1", `127.9.9.9:${port}`];
  for (const host of [...right, "[::1]", "[::1]:80", "app.localhost"]) {
    assert.equal(await ask(host), 200, host);
  }
  const wrong = ["localhost.evil.example", "127.0.0.1.evil.example", "evil.example:8080"];
  for (
    const host of [...wrong, "10.0.0.1", "localhosts", "[::2]", "xn--localhost-1", "128.0.0.1"]
  ) {
    assert.equal(await ask(host), 403, host);
  }
  // Some runtimes refuse these themselves.
  for (const host of ["localhost@evil.example", "evil.example/localhost", "a b", "localhost:x"]) {
    assert.ok([400, 403].includes(await ask(host)), host);
  }
});

test("A page of another origin may not use the server", guarded, async () => {
  await using server = await startServer();
  const { port } = server.served;
  const ask = async (headers: Record<string, string>, path = "/api/stats") => {
    const { status, code, headers: answered } = await rawRequest({ port, path }, { headers });
    assert.equal(answered.get("access-control-allow-origin"), undefined);
    return status === 200 ? status : code;
  };
  const own = `http://127.0.0.1:${port}`;
  assert.equal(await ask({}), 200, "not a browser");
  assert.equal(await ask({ origin: own }), 200);
  assert.equal(await ask({ origin: own, "sec-fetch-site": "same-origin" }), 200);
  assert.equal(await ask({ "sec-fetch-site": "none" }), 200);
  const strangers = ["https://evil.example", "null", `http://127.0.0.1:${port + 1}`, "", "file://"];
  for (const origin of [...strangers, `http://localhost:${port}`, `${own}.evil.example`]) {
    assert.equal(await ask({ origin }), "forbidden_origin", origin);
    assert.equal(await ask({ origin, "sec-fetch-site": "same-origin" }), "forbidden_origin");
  }
  for (const site of ["cross-site", "same-site", "odd"]) {
    assert.equal(await ask({ "sec-fetch-site": site }), "forbidden_origin", site);
    const image = { "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image" };
    assert.equal(await ask({ "sec-fetch-site": site, ...image }), "forbidden_origin");
    const frame = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" };
    assert.equal(await ask({ "sec-fetch-site": site, ...frame }), "forbidden_origin");
    const link = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" };
    assert.equal(await ask({ "sec-fetch-site": site, ...link }), 200, "a link is followed");
    const form = await rawRequest({ port, path: "/api/jobs/add" }, {
      method: "POST",
      headers: { "sec-fetch-site": site, ...link, "content-type": "application/json" },
      body: '{"input":{"a":1,"b":2}}',
    });
    assert.equal(form.code, "forbidden_origin");
  }
  assert.equal(server.router.stats().submitted, 0);
});

test("A preflight gets no permission", guarded, async () => {
  await using server = await startServer();
  const { port } = server.served;
  for (const path of PATHS) {
    const { status, headers } = await rawRequest({ port, path }, {
      method: "OPTIONS",
      headers: { origin: "https://evil.example", "access-control-request-method": "POST" },
    });
    assert.equal(status, 403);
    assert.ok([...headers.keys()].every((name) => !name.startsWith("access-control")));
  }
});

test("A simple request of a form or a script is no JSON", guarded, async () => {
  await using server = await startServer();
  const { port } = server.served;
  const authorization = `Bearer ${tokenOf(server.app)}`;
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]) {
    const headers = { "content-type": type, authorization };
    const body = '{"input":{"a":1,"b":2},"run":"stop"}';
    const job = await rawRequest({ port, path: "/api/jobs/add" }, {
      method: "POST",
      headers,
      body,
    });
    assert.deepEqual([job.status, job.code], [415, "unsupported_media_type"]);
    const config = { method: "PATCH", headers, body: '{"batchMaxSize":2}' };
    assert.equal((await rawRequest({ port, path: "/api/config" }, config)).status, 415);
  }
  assert.equal(server.router.stats().submitted, 0);
  assert.equal(server.router.config().batchMaxSize, 8);
});

test("allowedHosts and allowedOrigins let others in", guarded, async () => {
  await using server = await startServer({
    http: {
      allowedHosts: ["Jobs.Example.com", "10.0.0.1", "::2"],
      allowedOrigins: ["https://app.example.com"],
    },
  });
  const { port } = server.served;
  const ask = async (headers: Record<string, string>) =>
    (await rawRequest({ port, path: "/api/stats" }, { headers })).status;
  for (const host of ["jobs.example.com", "jobs.example.com:443", "10.0.0.1:80", "[::2]:80"]) {
    assert.equal(await ask({ host }), 200, host);
  }
  assert.equal(await ask({ host: "example.com" }), 403);
  const site = { "sec-fetch-site": "cross-site" };
  assert.equal(await ask({ origin: "https://app.example.com", ...site }), 200);
  assert.equal(await ask({ origin: "http://app.example.com", ...site }), 403);
  const secure = { host: "jobs.example.com", origin: "https://jobs.example.com" };
  assert.equal(await ask(secure), 200, "behind a proxy that speaks TLS");
  await using any = await startServer({ http: { allowedHosts: ["*"] } });
  const at = { port: any.served.port, path: "/api/stats" };
  assert.equal((await rawRequest(at, { headers: { host: "any.example" } })).status, 200);
});

test("createHttpApp() refuses names and origins that never fit", async () => {
  await using server = await startServer();
  for (const host of ["", "http://example.com", "example.com:80", "a b", "a/b"]) {
    assert.throws(() => createHttpApp(server.router, { allowedHosts: [host] }), {
      name: "RangeError",
      message: /^Cannot create HTTP app as "allowedHosts" must have a name or an address/,
    });
  }
  for (const origin of ["", "*", "example.com", "https://example.com/", "null"]) {
    assert.throws(() => createHttpApp(server.router, { allowedOrigins: [origin] }), {
      name: "RangeError",
      message: /^Cannot create HTTP app as "allowedOrigins" must have origins such as/,
    });
  }
});

test("The guard stands in front of a mounted app, and of its own paths only", guarded, async () => {
  await using server = await startServer();
  const parent = new Hono()
    .route("/helix", createHttpApp(server.router))
    .get("/mine", (c) => c.text("mine"));
  await using served = await serve(parent, { port: 0 });
  const { port } = served;
  const headers = { host: "evil.example" };
  for (const path of PATHS.filter((path) => path !== "/nothing")) {
    const answer = await rawRequest({ port, path: `/helix${path}` }, { headers });
    assert.equal(answer.code, "forbidden_host");
  }
  assert.equal((await rawRequest({ port, path: "/mine" }, { headers })).body.trim(), "mine");
});

test("Without a socket the URL says which host is asked for", async () => {
  await using server = await startServer();
  const app = createHttpApp(server.router);
  assert.equal((await app.request("/healthz")).status, 200);
  assert.equal((await app.request("http://127.0.0.1:8080/healthz")).status, 200);
  assert.equal((await app.request("http://evil.example/healthz")).status, 403);
  const headers = { origin: "https://evil.example" };
  assert.equal((await app.request("/healthz", { headers })).status, 403);
});

test("Every answer says what a browser may do with it: nothing", guarded, async () => {
  await using server = await startServer();
  // The docs are a page, and have a policy of their own.
  for (const path of PATHS.filter((path) => path !== "/docs")) {
    for (const method of ["GET", "DELETE"]) {
      const controller = new AbortController();
      const { signal } = controller;
      const { headers, body } = await fetch(server.url + path, { method, signal });
      assert.equal(
        headers.get("content-security-policy"),
        "default-src 'none'; frame-ancestors 'none'",
        path,
      );
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.equal(headers.get("cross-origin-resource-policy"), "same-origin");
      assert.equal(headers.get("cache-control"), "no-store");
      if (headers.get("content-type") === "text/event-stream") controller.abort();
      else await body?.cancel();
    }
  }
});

test("serve() listens for others only with a chosen token, or when told to", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  for (const hostname of ["0.0.0.0", "::", "192.0.2.1", "jobs.example.com"]) {
    const error = await serve(createHttpApp(router), { hostname, port: 0 }).catch((error) => error);
    assert.ok(error instanceof InsecureListenError, hostname);
    assert.equal(error.hostname, hostname);
    assert.match(
      error.message,
      /^Cannot listen on .* as other machines can reach it: set a "token"/,
    );
  }
  const other = serve(new Hono(), { hostname: "0.0.0.0", port: 0 });
  await assert.rejects(other, InsecureListenError, "nothing is known of another app");
  await (await serve(createHttpApp(router), { port: 0 })).close();
  const local = serve(createHttpApp(router), { hostname: "localhost", port: 0 });
  // Deno's tests may listen on 127.0.0.1 only.
  await local.then((served) => served.close(), (error) => assert.ok(error instanceof ListenError));
});

test(
  "A server on all interfaces is asked for by any address, and no foreign name",
  guarded,
  async (t) => {
    await using server = await startServer();
    const app = createHttpApp(server.router, { token: "chosen" });
    const served = await serve(app, { hostname: "0.0.0.0", port: 0 }).catch((error) => error);
    // Deno's tests may listen on 127.0.0.1 only.
    const reason = `it cannot listen: ${served.message}`;
    if (skippedIf(served instanceof Error, "A server on all interfaces", reason)) {
      return t.skip(reason);
    }
    const { port } = served;
    const ask = async (host: string) =>
      (await rawRequest({ port, path: "/healthz" }, { headers: { host } })).status;
    assert.deepEqual([await ask("192.0.2.7:80"), await ask("evil.example")], [200, 403]);
    await served.close();
  },
);
