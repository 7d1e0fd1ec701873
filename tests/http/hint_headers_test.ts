// Hints by header: for clients that cannot put them into the body.
import assert from "node:assert/strict";
import { test } from "node:test";
import { guarded, until } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

const JSON_TYPE = { "content-type": "application/json" };

test("Hints may come by header, and those in the body go before them", guarded, async () => {
  await using server = await startServer();
  const input = { a: 1, b: 2 };
  const given: unknown[] = [];
  server.router.onDecision(({ priority, latencyBudgetMs }) =>
    given.push([priority, latencyBudgetMs])
  );
  const post = async (headers: Record<string, string>, hints?: unknown) => {
    const init = { headers: { ...JSON_TYPE, ...headers } };
    const response = await server.post("add", { input, hints }, init);
    assert.equal(response.status, 200);
    await response.text();
    return given.pop();
  };
  const headers = {
    "helix-priority": "1",
    "helix-latency-budget-ms": "5e4",
    "helix-run-timeout-ms": "60000",
  };
  assert.deepEqual(await post(headers), [1, 50_000]);
  assert.deepEqual(await post(headers, { priority: 2 }), [2, 50_000]);
  assert.deepEqual(await post(headers, { latencyBudgetMs: 60_000 }), [1, 60_000]);
});

test(
  "A key comes by body, by header or by query, as it is, and must be short",
  guarded,
  async () => {
    await using server = await startServer();
    const given: unknown[] = [];
    server.router.onDecision(({ key }) => given.push(key));
    const input = { a: 1, b: 2 };
    const long = "k".repeat(201);
    const headers = (key: string) => ({ headers: { ...JSON_TYPE, "helix-key": key } });
    const requests: [() => Promise<Response>, unknown][] = [
      [() => server.post("add", { input, hints: { key: "body" } }, headers("header")), "body"],
      [() => server.post("add", { input }, headers("12")), "12"],
      [() => server.post("add", { input }), undefined],
      [
        () => server.postBatch("add", { inputs: [input], hints: { key: long.slice(1) } }),
        long.slice(1),
      ],
    ];
    for (const [request, wanted] of requests) {
      const response = await request();
      assert.equal(response.status, 200);
      await response.text();
      assert.equal(given.pop(), wanted);
    }
    const explained = await fetch(`${server.url}/api/explain/add?key=7&input={"a":1,"b":2}`);
    assert.equal((await explained.json()).key, "7");
    for (
      const refused of [
        server.post("add", { input, hints: { key: 12 } }),
        server.post("add", { input, hints: { key: "" } }),
        server.post("add", { input }, headers(long)),
      ]
    ) {
      const response = await refused;
      const { error } = await response.json();
      assert.deepEqual([response.status, error.code], [422, "invalid_hints"]);
      assert.match(error.message, /"key" must be a text of 1 to 200 characters: received/);
    }
  },
);

test("A budget by header counts", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  const holding = router.submit("hold", null).catch((error) => error);
  await until(() => router.stats().load.poolRunning === 1);
  const headers = { ...JSON_TYPE, "helix-latency-budget-ms": "20" };
  const response = await server.post("hold", { input: null }, { headers });
  assert.equal(response.status, 503);
  assert.equal((await response.json()).reason, "expired");
  await router.close({ drainMs: 0 });
  await holding;
});

test("A run timeout by header counts", guarded, async () => {
  await using server = await startServer();
  const headers = { ...JSON_TYPE, "helix-run-timeout-ms": "20" };
  const response = await server.post("hold", { input: null }, { headers });
  assert.equal(response.status, 504);
  assert.equal((await response.json()).error.code, "run_timeout");
});

test("A header that is no number, or out of range, is refused and named", guarded, async () => {
  await using server = await startServer();
  for (
    const [name, value] of [
      ["helix-priority", "high"],
      ["helix-priority", "10"],
      ["helix-latency-budget-ms", "0"],
      ["helix-latency-budget-ms", "0x10"],
      ["helix-latency-budget-ms", "1, 2"],
      ["helix-latency-budget-ms", ""],
      ["helix-priority", "NaN"],
      ["helix-priority", "-1"],
      ["helix-priority", "4.5"],
      ["helix-run-timeout-ms", "Infinity"],
      ["helix-run-timeout-ms", "-20"],
      ["helix-compute-cost", "1"],
      ["helix-compute-cost", "Infinity"],
      ["helix-compute-cost", "1, 2"],
      ["helix-scaling-potential", "-1"],
      ["helix-run-timeout-ms", "1e400"],
    ]
  ) {
    const headers = { ...JSON_TYPE, [name]: value };
    // A hint in the body does not make it right.
    const hints = { priority: 1, latencyBudgetMs: 1_000, runTimeoutMs: 1_000 };
    const response = await server.post("echo", { input: 1, hints }, { headers });
    const { error } = await response.json();
    assert.equal(response.status, 422, `${name}: ${value}`);
    assert.equal(error.code, "invalid_hints");
    assert.deepEqual(error.issues[0].path, ["headers", name]);
  }
});

test("A hint of many digits is refused, and takes no time", guarded, async () => {
  await using server = await startServer();
  const priority = "1".repeat(15_000) + "x";
  for (let i = 0; i < 40; i++) { // of a second each, if the test for a number went back and forth
    const response = await fetch(`${server.url}/api/explain/add?priority=${priority}`);
    assert.equal(response.status, 422);
    await response.text();
  }
});
