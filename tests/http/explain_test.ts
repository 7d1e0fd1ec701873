// GET /api/explain/:kind: what would be decided, over a socket, with nothing run.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ExplainBody } from "../../src/http/mod.ts";
import { guarded } from "../fixtures/until.ts";
import { startServer, type TestServer } from "./fixtures/test_server.ts";

type Query = Readonly<Record<string, string>>;

function ask({ url }: TestServer, kind: string, query: Query = {}): Promise<Response> {
  return fetch(`${url}/api/explain/${encodeURIComponent(kind)}?${new URLSearchParams(query)}`);
}

async function explain(server: TestServer, kind: string, query?: Query): Promise<ExplainBody> {
  const response = await ask(server, kind, query);
  assert.equal(response.status, 200);
  return await response.json();
}

test("GET /api/explain/:kind gives what router.explain() gives", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  const input = { a: 20, b: 22 };
  const hints = { latencyBudgetMs: 50, priority: 4, key: "a" };
  const query = Object.entries(hints).map(([name, value]) => [name, `${value}`]);
  const told = await explain(server, "add", {
    input: JSON.stringify(input),
    ...Object.fromEntries(query),
  });
  const { load, ...rest } = told;
  const { load: wantedLoad, ...wanted } = router.explain("add", input, hints);
  assert.deepEqual(rest, wanted);
  assert.deepEqual(Object.keys(load), Object.keys(wantedLoad));
  assert.deepEqual([rest.strategy, rest.priority, rest.latencyBudgetMs], ["inline", 4, 50]);

  const { size } = { size: 90_000 };
  const byInput = await explain(server, "cost_of_input", { input: JSON.stringify({ size }) });
  assert.deepEqual([byInput.strategy, byInput.computeCost], ["cpu_pool", size]);
  const most = { latencyBudgetMs: "40000", priority: "9", runTimeoutMs: "1" };
  const tightened = await explain(server, "limited", most);
  assert.deepEqual([tightened.latencyBudgetMs, tightened.priority], [30_000, 3]);
  assert.equal((await explain(server, 'odd "name" \\ of\na kind')).strategy, "inline");
  assert.equal((await explain(server, "exit")).strategy, "cpu_pool");

  const { submitted, inFlight, rejected } = router.stats();
  assert.deepEqual([submitted, inFlight, rejected.unknown_kind ?? 0], [0, 0, 0]);
  assert.deepEqual(server.errors, []);
});

test("GET /api/explain/:kind says what is wrong, and where", guarded, async () => {
  await using server = await startServer();
  const wrong: [string, Query, number, string, unknown][] = [
    ["nope", {}, 404, "unknown_kind", undefined],
    ["__proto__", {}, 404, "unknown_kind", undefined],
    ["add", { input: '{"a":"x","b":2}' }, 422, "invalid_input", ["input", "a"]],
    ["cost_of_input", { input: '{"size":"XL"}' }, 422, "invalid_input", ["input"]],
    ["echo", { priority: "10" }, 422, "invalid_hints", ["query", "priority"]],
    ["echo", { latencyBudgetMs: "0" }, 422, "invalid_hints", ["query", "latencyBudgetMs"]],
    ["echo", { latencyBudgetMs: "1e400" }, 422, "invalid_hints", ["query", "latencyBudgetMs"]],
    ["echo", { priority: "high" }, 422, "invalid_hints", ["query", "priority"]],
    ["echo", { priority: "" }, 422, "invalid_hints", ["query", "priority"]],
    ["echo", { runTimeoutMs: "0x10" }, 422, "invalid_hints", ["query", "runTimeoutMs"]],
    ["echo", { computeCost: "1" }, 422, "invalid_hints", ["query", "computeCost"]],
    ["echo", { scalingPotential: "1" }, 422, "invalid_hints", ["query", "scalingPotential"]],
    ["echo", { cost: "1" }, 422, "invalid_query", ["query", "cost"]],
    ["echo", { input: "{1}" }, 400, "invalid_json", undefined],
    ["echo", { input: "" }, 400, "invalid_json", undefined],
    ["echo", { input: '{"__proto__":{}}' }, 400, "invalid_json", undefined],
    ["echo", { input: "[".repeat(300) + "]".repeat(300) }, 400, "invalid_json", undefined],
  ];
  for (const [kind, query, status, code, path] of wrong) {
    const response = await ask(server, kind, query);
    const { error } = await response.json();
    const place = `${kind} ${JSON.stringify(query)} ${JSON.stringify(error)}`;
    assert.equal(response.status, status, place);
    assert.equal(error.code, code, place);
    assert.deepEqual(error.issues?.[0].path, path, place);
  }
  assert.equal(server.router.stats().submitted, 0);
  assert.deepEqual(server.errors, []);
});

test("GET /api/explain/:kind gives null for what is not known", guarded, async () => {
  await using server = await startServer();
  const { load } = await explain(server, "echo");
  assert.ok(load.poolWorkMs === null || Number.isFinite(load.poolWorkMs));
  const decide = () => ({ strategy: "inline" as const, reason: "odd", is: NaN });
  const policy = { name: "odd", decide };
  await using odd = await startServer({ policy });
  const told: unknown = await explain(odd, "echo");
  assert.ok(typeof told === "object" && told !== null && "is" in told && told.is === null);
});
