// The token: a random one for what changes the router, a chosen one for all but health and the page.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpApp, tokenOf } from "../../src/http/mod.ts";
import { isSame, tokenIn } from "../../src/http/security/token.ts";
import { guarded } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

const CHANGES: readonly [method: string, path: string, body: string][] = [
  ["PATCH", "/api/config", '{"batchMaxSize":2}'],
  ["POST", "/api/demo", '{"run":"overload"}'],
];

test("What changes the router needs the token, even where none was chosen", guarded, async () => {
  let started = 0;
  const demo = { running: null, start: () => void started++, stop: () => {} };
  await using server = await startServer({ http: { demo } });
  const token = tokenOf(server.app);
  const other = tokenOf(createHttpApp(server.router));
  const wrong = [
    undefined,
    "",
    token,
    `Basic ${token}`,
    "Bearer",
    `Bearer ${other}`,
    `Bearer ${token}x`,
    `Bearer ${token.slice(1)}`,
    `Bearer x${token}`,
    `Bearer ${token} ${token}`,
    `Bearer ${token.toUpperCase()}`,
  ];
  for (const [method, path, body] of CHANGES) {
    const send = (authorization: string | undefined) =>
      fetch(server.url + path, {
        method,
        headers: {
          "content-type": "application/json",
          ...authorization === undefined ? {} : { authorization },
        },
        body,
      });
    for (const authorization of wrong) {
      const response = await send(authorization);
      assert.equal(response.status, 401, `${path} ${authorization}`);
      assert.equal(response.headers.get("www-authenticate"), "Bearer");
      const text = await response.text();
      assert.equal(JSON.parse(text).error.code, "unauthorized");
      assert.ok(!text.includes(token));
    }
    const response = await send(`bearer  ${token}`);
    assert.ok(response.ok, `${path}: ${response.status}`);
    await response.text();
  }
  assert.equal(started, 1);
});

test("A chosen token protects all but health and the page", guarded, async () => {
  await using server = await startServer({ http: { token: "chosen-token!" } });
  assert.equal(tokenOf(server.app), "chosen-token!");
  const ask = async (method: string, path: string, token?: string) => {
    const response = await fetch(server.url + path, {
      method,
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
    await response.body?.cancel();
    return response.status;
  };
  for (
    const [method, path, status] of [
      ["POST", "/api/jobs/add", 415],
      ["POST", "/api/jobs/nope", 404],
      ["POST", "/api/jobs/add/batch", 415],
      ["GET", "/api/explain/echo", 200],
      ["GET", "/api/stats", 200],
      ["HEAD", "/api/stats", 200],
      ["GET", "/api/decisions", 200],
      ["GET", "/api/config", 200],
      ["PATCH", "/api/config", 415],
      ["GET", "/api/demo", 404],
      ["POST", "/api/demo", 404],
      ["GET", "/metrics", 200],
      ["GET", "/openapi.json", 200],
      ["GET", "/docs", 200],
    ] as const
  ) {
    assert.equal(await ask(method, path), 401, `${method} ${path}`);
    assert.equal(await ask(method, path, "chosen-token?"), 401, `${method} ${path}`);
    assert.equal(await ask(method, path, "chosen-token!"), status, `${method} ${path}`);
  }
  assert.equal(server.router.stats().rejected.unknown_kind, 1, "strangers count for nothing");
  const page = await (await fetch(server.url)).text();
  const assets = [...page.matchAll(/(?:src|href)="([^"#]+)"/g)].map(([, path]) => path);
  assert.ok(assets.length > 0);
  for (const path of ["/healthz", "/readyz", "/", ...assets.map((path) => path.slice(1))]) {
    assert.equal(await ask("GET", path), 200, path);
  }
});

test("createHttpApp() refuses a token that no header can carry, and does not tell it", async () => {
  await using server = await startServer();
  for (const token of ["", "se cret", "secret\n", "sécret", "x".repeat(513)]) {
    assert.throws(() => createHttpApp(server.router, { token }), {
      name: "RangeError",
      message: 'Cannot create HTTP app as "token" must be 1 to 512 visible ASCII characters',
    });
  }
  assert.equal(tokenOf(createHttpApp(server.router, { token: "x".repeat(512) })).length, 512);
});

test("tokenOf() gives a random token, another one for each app", async () => {
  await using server = await startServer();
  const tokens = Array.from({ length: 20 }, () => tokenOf(createHttpApp(server.router)));
  assert.equal(new Set(tokens).size, 20);
  for (const token of tokens) assert.match(token, /^[\w-]{43}$/);
  assert.throws(() => tokenOf({}), TypeError);
});

test("isSame() compares all of a token", () => {
  const right: [string, string][] = [["a", "a"], ["abc", "abc"]];
  const wrong: [string, string][] = [["", "a"], ["a", "b"], ["aa", "a"], ["aba", "ab"], [
    "a",
    "aa",
  ]];
  for (const [sent, secret] of right) assert.ok(isSame(sent, secret));
  for (const [sent, secret] of wrong) assert.ok(!isSame(sent, secret), `${sent} ${secret}`);
});

test("tokenIn() finds a bearer token and nothing else", () => {
  assert.equal(tokenIn("Bearer abc"), "abc");
  assert.equal(tokenIn("BEARER   a.b~c== "), "a.b~c==");
  for (const text of [null, "", "Bearer ", "Bearer a b", "abc", "Basic abc", "xBearer abc"]) {
    assert.equal(tokenIn(text), "", `${text}`);
  }
});
