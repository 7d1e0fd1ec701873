// GET and POST /api/demo: the load behind the dashboard's buttons.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AuditRecord, DemoLoad } from "../../src/http/mod.ts";
import { guarded } from "../fixtures/until.ts";
import { startServer, type TestServer } from "./fixtures/test_server.ts";

/** Remembers what it was told, and runs nothing. */
class Demo implements DemoLoad {
  running: "simulation" | "overload" | null = null;

  start(run: "simulation" | "overload"): void {
    this.running = run;
  }

  stop(): void {
    this.running = null;
  }
}

async function running({ url }: TestServer): Promise<unknown> {
  const response = await fetch(`${url}/api/demo`);
  assert.equal(response.status, 200);
  return await response.json();
}

test("POST /api/demo starts and stops the load, and leaves a record", guarded, async () => {
  const records: AuditRecord[] = [];
  const demo = new Demo();
  const onAudit = (record: AuditRecord) => records.push(record);
  await using server = await startServer({ http: { demo, onAudit } });
  assert.deepEqual(await running(server), { running: null });
  for (
    const [run, now] of [["simulation", "simulation"], ["overload", "overload"], ["stop", null]]
  ) {
    const response = await server.change("POST", "/api/demo", { run });
    assert.equal(response.status, 202);
    assert.deepEqual(await response.json(), { running: now });
    assert.deepEqual(await running(server), { running: now });
    assert.equal(demo.running, now);
  }
  assert.deepEqual(
    records,
    ["simulation", "overload", "stop"].map((run) => ({ action: "demo", run })),
  );
});

test("POST /api/demo refuses what it does not know", guarded, async () => {
  const records: AuditRecord[] = [];
  const demo = new Demo();
  const onAudit = (record: AuditRecord) => records.push(record);
  await using server = await startServer({ http: { demo, onAudit } });
  const wrong: [string, number, string, unknown][] = [
    ['{"run":"everything"}', 422, "invalid_body", ["run"]],
    ['{"run":null}', 422, "invalid_body", ["run"]],
    ["{}", 422, "invalid_body", ["run"]],
    ['{"run":"overload","for":9}', 422, "invalid_body", []],
    ["[]", 422, "invalid_body", []],
    ["run", 400, "invalid_json", undefined],
    ["", 400, "invalid_json", undefined],
    [`{"run":"${"x".repeat(70_000)}"}`, 413, "too_large", undefined],
  ];
  for (const [body, status, code, path] of wrong) {
    const response = await server.change("POST", "/api/demo", body);
    const { error } = await response.json();
    assert.equal(response.status, status, body.slice(0, 50));
    assert.equal(error.code, code);
    assert.deepEqual(error.issues?.[0].path, path);
  }
  assert.equal(demo.running, null);
  assert.deepEqual(records, []);
});

test("A load that cannot start is the server's failure, and not recorded", guarded, async () => {
  const records: AuditRecord[] = [];
  const broken = new Error("no workload");
  const demo = new Demo();
  demo.start = () => {
    throw broken;
  };
  const onAudit = (record: AuditRecord) => records.push(record);
  await using server = await startServer({ http: { demo, onAudit } });
  const response = await server.change("POST", "/api/demo", { run: "overload" });
  assert.equal(response.status, 500);
  assert.equal((await response.json()).error.code, "internal");
  assert.deepEqual(server.errors, [broken]);
  assert.deepEqual(records, []);
});

test("Without a demo load there is nothing at its path", guarded, async () => {
  await using server = await startServer();
  const get = await fetch(`${server.url}/api/demo`);
  const post = await server.change("POST", "/api/demo", { run: "stop" });
  for (const response of [get, post]) {
    assert.equal(response.status, 404);
    assert.equal((await response.json()).error.code, "not_found");
  }
});
