// GET and PATCH /api/config: what of a router may be changed while it serves, and who may do it.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import type { Policy } from "../../mod.ts";
import { type AuditRecord, type ConfigBody, tokenOf } from "../../src/http/mod.ts";
import { whilePolluted } from "../fixtures/polluted.ts";
import { guarded, until } from "../fixtures/until.ts";
import { startServer, type TestServer } from "./fixtures/test_server.ts";

async function readConfig({ url }: TestServer): Promise<ConfigBody> {
  const response = await fetch(`${url}/api/config`);
  assert.equal(response.status, 200);
  return await response.json();
}

async function assertRefused(response: Response, status: number, code: string) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  const { error } = JSON.parse(text);
  assert.equal(error.code, code);
  return error;
}

test("GET /api/config tells what may be changed, for ever as null", guarded, async () => {
  await using server = await startServer({ batchMaxSize: 3 });
  const { config, writable } = await readConfig(server);
  const { abortGraceMs, ...rest } = server.router.config();
  assert.equal(abortGraceMs, Infinity);
  assert.deepEqual(config, { ...rest, abortGraceMs: null });
  assert.equal(config.batchMaxSize, 3);
  assert.deepEqual(writable, Object.keys(config));
});

test("PATCH /api/config changes the router, and leaves a record", guarded, async () => {
  const records: AuditRecord[] = [];
  await using server = await startServer({
    inlineSliceMs: 1_000, // or the kind would go to a worker if its first run is held up
    http: { onAudit: (record) => records.push(record) },
  });
  const input = { a: 1, b: 2 };
  const strategy = async () => (await (await server.post("add", { input })).json()).strategy;
  assert.equal(await strategy(), "inline");

  const change = { cpuQueueCapacity: 7, policy: { inlineThreshold: 5 } };
  const response = await server.change("PATCH", "/api/config", change);
  assert.equal(response.status, 200);
  const body: ConfigBody = await response.json();
  assert.deepEqual(body, await readConfig(server));
  assert.equal(body.config.cpuQueueCapacity, 7);
  assert.equal(body.config.policy?.inlineThreshold, 5);
  assert.equal(body.config.policy?.spawnThreshold, 60_000, "what was not named stays");
  assert.equal(server.router.load.poolCapacity, 7);
  assert.equal(await strategy(), "spawn");

  await (await server.change("PATCH", "/api/config", { cpuQueueCapacity: 7 })).text();
  assert.deepEqual(records, [{
    action: "configure",
    before: { cpuQueueCapacity: 10_000, policy: { inlineThreshold: 8_000 } },
    after: { cpuQueueCapacity: 7, policy: { inlineThreshold: 5 } },
  }], "what changes nothing is not recorded");
});

test("PATCH /api/config takes null for ever", guarded, async () => {
  await using server = await startServer();
  const change = async (abortGraceMs: unknown) =>
    await (await server.change("PATCH", "/api/config", { abortGraceMs })).json();
  assert.equal((await change(50)).config.abortGraceMs, 50);
  assert.equal(server.router.config().abortGraceMs, 50);
  assert.equal((await change(null)).config.abortGraceMs, null);
  assert.equal(server.router.config().abortGraceMs, Infinity);
  const { issues } = (await change("soon")).error;
  assert.deepEqual(issues[0].path, ["abortGraceMs"]);
  assert.match(issues[0].message, /or null$/, "in the words of JSON");
});

test("PATCH /api/config changes all or nothing, and says what is wrong", guarded, async () => {
  const records: AuditRecord[] = [];
  await using server = await startServer({ http: { onAudit: (record) => records.push(record) } });
  const before = server.router.config();
  const wrong: [unknown, (string | number)[]][] = [
    [{ batchMaxSize: 2, cpuQueueCapacity: 0 }, ["cpuQueueCapacity"]],
    [{ batchMaxSize: 2, cpuQueueCapacity: null }, ["cpuQueueCapacity"]],
    [{ batchMaxSize: 2, policy: { inlineThreshold: -1 } }, ["policy", "inlineThreshold"]],
    [{ batchMaxSize: 2, policy: { nothing: 1 } }, ["policy", "nothing"]],
    [{ policy: { constructor: 1 } }, ["policy", "constructor"]],
    [{ batchMaxSize: 2, policy: null }, ["policy"]],
    [{ batchMaxSize: 2, policy: [] }, ["policy"]],
    [{ batchMaxSize: 2, minWorkers: 4 }, ["minWorkers"]],
    [{ batchMaxSize: 2, cpuParallelism: 0 }, ["cpuParallelism"]],
    [{ batchMaxSize: 2, toString: 4 }, ["toString"]],
    [{ inlineSliceMs: "8" }, ["inlineSliceMs"]],
    [[], []],
    [null, []],
    [7, []],
  ];
  for (const [change, path] of wrong) {
    const response = await server.change("PATCH", "/api/config", JSON.stringify(change));
    const { issues } = await assertRefused(response, 422, "invalid_config");
    assert.deepEqual(issues[0].path, path, JSON.stringify(change));
    assert.match(issues[0].message, /^Must be ./);
  }
  assert.deepEqual(server.router.config(), before);
  assert.deepEqual(records, []);
  const nothing = await server.change("PATCH", "/api/config", {});
  assert.equal(nothing.status, 200);
  await nothing.text();
});

test("PATCH /api/config says all that is wrong at once", guarded, async () => {
  await using server = await startServer();
  const change = { batchMaxSize: 0, abortGraceMs: -1, unknown: 1, policy: { inlineThreshold: [] } };
  const response = await server.change("PATCH", "/api/config", change);
  const { issues, message } = await assertRefused(response, 422, "invalid_config");
  const told = new Map(
    issues.map((issue: { path: string[]; message: string }) => [
      issue.path.join("."),
      issue.message,
    ]),
  );
  assert.deepEqual([...told.keys()].sort(), [
    ...["abortGraceMs", "batchMaxSize", "policy.inlineThreshold", "unknown"],
  ]);
  assert.equal(told.get("batchMaxSize"), "Must be an integer from 1 to 10000");
  assert.equal(told.get("abortGraceMs"), "Must be a number of ms from 0 to 2147483647, or null");
  assert.match(`${told.get("unknown")}`, /^Must be one of the options cpuParallelism, .*policy$/);
  assert.match(message, /^Cannot configure router as "\w+" must be an? /);
});

test("PATCH /api/config takes nothing from Object.prototype", guarded, async () => {
  await using server = await startServer();
  const before = server.router.config();
  // Where it is enumerable, Hono reads no body at all.
  await whilePolluted({ batchMaxSize: 3, policy: { inlineThreshold: 1 } }, async () => {
    const response = await server.change("PATCH", "/api/config", "{}");
    assert.equal(response.status, 200, await response.text());
  }, [{ enumerable: false }]);
  assert.deepEqual(server.router.config(), before);
});

test("PATCH /api/config takes nothing but a sound JSON body", guarded, async () => {
  await using server = await startServer();
  const { url } = server;
  const before = server.router.config();
  const patch = (body: string) => server.change("PATCH", "/api/config", body);
  await assertRefused(await patch("{batchMaxSize: 2}"), 400, "invalid_json");
  const pollutes = '{"batchMaxSize":2,"policy":{"__proto__":{"inlineThreshold":1}}}';
  await assertRefused(await patch(pollutes), 400, "invalid_json");
  const large = JSON.stringify({ batchMaxSize: 2, x: "x".repeat(70_000) });
  await assertRefused(await patch(large), 413, "too_large");
  const form = await fetch(`${url}/api/config`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${tokenOf(server.app)}` },
    body: new URLSearchParams({ batchMaxSize: "2" }),
  });
  await assertRefused(form, 415, "unsupported_media_type");
  for (const method of ["POST", "PUT", "DELETE"]) {
    const response = await fetch(`${url}/api/config`, { method });
    assert.equal(response.headers.get("allow"), "GET, HEAD, PATCH");
    await assertRefused(response, 405, "method_not_allowed");
  }
  assert.deepEqual(server.router.config(), before);
});

test("A policy without settings has none to change", guarded, async () => {
  const policy: Policy = { name: "own", decide: () => ({ strategy: "inline", reason: "always" }) };
  await using server = await startServer({ policy });
  const { config, writable } = await readConfig(server);
  assert.ok(!("policy" in config) && !writable.includes("policy"));
  const change = { batchMaxSize: 2, policy: { inlineThreshold: 1 } };
  const { issues } = await assertRefused(
    await server.change("PATCH", "/api/config", change),
    422,
    "invalid_config",
  );
  assert.deepEqual(issues[0].path, ["policy"]);
  assert.equal(server.router.config().batchMaxSize, 8);
});

test("A change stays when its record cannot be kept", guarded, async () => {
  const full = new Error("disk full");
  const onAudit = () => {
    throw full;
  };
  await using server = await startServer({ http: { onAudit } });
  const response = await server.change("PATCH", "/api/config", { batchMaxSize: 2 });
  assert.equal(response.status, 200);
  assert.equal((await response.json()).config.batchMaxSize, 2);
  assert.deepEqual(server.errors, [full]);
});

test("A change that comes too slowly is answered with 504, and not made", guarded, async () => {
  await using server = await startServer({ http: { requestTimeoutMs: 60 } });
  const body = '{"batchMaxSize":2}';
  const socket = connect(server.served.port, "127.0.0.1");
  let answer = "";
  socket.setEncoding("utf8").on("data", (text) => answer += text).on("error", () => {});
  socket.write(
    "PATCH /api/config HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n" +
      `authorization: Bearer ${tokenOf(server.app)}\r\n` +
      `content-length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
  );
  await until(() => answer.includes("request_timeout"));
  assert.match(answer, /^HTTP\/1\.1 504 /);
  socket.end(body.slice(5)); // where the connection is still open
  await until(() => socket.destroyed);
  await readConfig(server);
  assert.equal(server.router.config().batchMaxSize, 8);
  assert.deepEqual(server.errors, []);
});
