// What a request may ask for: less than its kind allows, and nothing at the cost of others.
import assert from "node:assert/strict";
import { test } from "node:test";
import { guarded, until } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

const JSON_TYPE = { "content-type": "application/json" };
const NDJSON = { "content-type": "application/x-ndjson" };

test("No request makes heavy work run on the server's own thread", guarded, async () => {
  await using server = await startServer();
  const input = { limit: 2_000_000_000 };
  const cost = { "helix-compute-cost": "1" };
  const scaling = { "helix-scaling-potential": "1" };
  const explained = `${server.url}/api/explain/count_primes?computeCost=1&input=1`;
  const requests: [Promise<Response>, string[], string][] = [];
  const add = (response: Promise<Response>, path: string[], received = "1") =>
    requests.push([response, path, received]);
  const hints = { computeCost: 1 };
  add(server.post("count_primes", { input, hints }), ["hints", "computeCost"]);
  add(server.post("count_primes", { input }, { headers: { ...JSON_TYPE, ...cost } }), [
    "headers",
    "helix-compute-cost",
  ]);
  add(server.post("count_primes", { input }, { headers: { ...JSON_TYPE, ...scaling } }), [
    "headers",
    "helix-scaling-potential",
  ]);
  add(server.postBatch("count_primes", { inputs: [input], hints }), ["hints", "computeCost"]);
  const line = JSON.stringify(input);
  add(server.postBatch("count_primes", line, { headers: { ...NDJSON, ...cost } }), [
    "headers",
    "helix-compute-cost",
  ]);
  add(fetch(explained), ["query", "computeCost"]);
  add(server.post("count_primes", { input, hints: { arrivedAtMs: 1 } }), ["hints", "arrivedAtMs"]);
  const arrival = { "helix-arrived-at-ms": "1" };
  add(server.post("count_primes", { input }, { headers: { ...JSON_TYPE, ...arrival } }), [
    "headers",
    "helix-arrived-at-ms",
  ]);
  const odd = { scalingPotential: "0.9" };
  add(server.post("count_primes", { input, hints: odd }), ["hints", "scalingPotential"], '"0.9"');
  for (const [request, path, received] of requests) {
    const response = await request;
    const { error } = await response.json();
    assert.deepEqual([response.status, error.code], [422, "invalid_hints"]);
    assert.deepEqual(error.issues[0].path, path);
    const [name] = /computeCost|scalingPotential|arrivedAtMs/.exec(error.message)!;
    const text = `hint "${name}" is not taken from requests, received ${received}: send only ` +
      "latencyBudgetMs, priority, key, runTimeoutMs, and define everything else with the kind of the job";
    assert.equal(error.issues[0].message, text);
    assert.ok(error.message.endsWith(text), error.message);
  }
  // Its own cost of such an input is above what may be.
  const plain = await server.post("count_primes", { input });
  assert.deepEqual([plain.status, (await plain.json()).error.code], [422, "invalid_input"]);
  assert.equal(server.router.stats().submitted, 0);
  const fits = await server.post("count_primes", { input: { limit: 1_000 } });
  assert.equal((await fits.json()).output, 168);
});

test("Hints only tighten what the kind allows", guarded, async () => {
  await using server = await startServer();
  const given: unknown[] = [];
  server.router.onDecision(({ priority, latencyBudgetMs }) =>
    given.push([priority, latencyBudgetMs])
  );
  const rows: [string, object, [number, number | undefined]][] = [
    ["busy", {}, [5, undefined]],
    ["busy", { priority: 9, latencyBudgetMs: 50_000 }, [5, 50_000]],
    ["busy", { priority: 0, latencyBudgetMs: 2_147_483_647 }, [0, 2_147_483_647]],
    ["limited", {}, [3, 30_000]],
    ["limited", { priority: 9, latencyBudgetMs: 40_000, runTimeoutMs: 40_000 }, [3, 30_000]],
    ["limited", { priority: 2, latencyBudgetMs: 20_000 }, [2, 20_000]],
    ["limited", { latencyBudgetMs: 20_000 }, [3, 20_000]],
  ];
  for (const [kind, hints, wanted] of rows) {
    const response = await server.post(kind, { input: 0, hints });
    assert.equal((await response.json()).output, "done");
    await (await server.postBatch(kind, { inputs: [0], hints })).text();
    assert.deepEqual(given.splice(0), [wanted, wanted], `${kind} ${JSON.stringify(hints)}`);
  }
});

test("A tiny limit is the client's own loss", guarded, async () => {
  await using server = await startServer();
  for (const hint of ["latencyBudgetMs", "runTimeoutMs"]) {
    const inputs = Array(50).fill(0);
    const hints = { [hint]: Number.MIN_VALUE };
    const text = await (await server.postBatch("busy", { inputs, hints })).text();
    assert.equal(text.trim().split("\n").length, 50);
  }
  const next = await server.post("busy", { input: 0 });
  assert.equal((await next.json()).output, "done");
  assert.deepEqual(server.errors, []);
});

test("Many wrong hints are not all told of", guarded, async () => {
  await using server = await startServer();
  const names = Array.from({ length: 20_000 }, (_, i) => [`hint ${i}`, i]);
  const hints = { priority: 1, ...Object.fromEntries(names), ["x".repeat(1_000)]: 1 };
  const response = await server.post("echo", { input: 1, hints });
  const text = await response.text();
  assert.equal(response.status, 422);
  assert.ok(text.length < 2_000, `${text.length}`);
});

test("A run timeout by request ends no worker, and quarantines no kind", guarded, async () => {
  await using server = await startServer({ quarantineAfter: 2 });
  const { router } = server;
  const headers = { ...JSON_TYPE, "helix-run-timeout-ms": "1" };
  const requests = [
    () => server.post("busy", { input: 150, hints: { runTimeoutMs: 1 } }),
    () => server.post("busy", { input: 150 }, { headers }),
    () => server.post("busy", { input: 150, hints: { runTimeoutMs: Number.MIN_VALUE } }),
  ];
  for (const request of requests) {
    const response = await request();
    assert.equal(response.status, 504);
    assert.equal((await response.json()).error.code, "run_timeout");
  }
  const next = await server.post("busy", { input: 1 });
  assert.equal((await next.json()).output, "done");
  const { started, crashed, lost } = router.stats().workers;
  assert.deepEqual([started, crashed, lost], [1, 0, 0]);
  assert.equal(router.stats().timedOut, 3);
});

test("A run timeout by request tells the job to stop", guarded, async () => {
  await using server = await startServer();
  const response = await server.post("hold", { input: null, hints: { runTimeoutMs: 5 } });
  assert.equal((await response.json()).error.code, "run_timeout");
  await until(() => server.router.stats().load.poolRunning === 0);
  assert.equal(server.router.stats().workers.idle, 1);
});

test("The run timeout of a kind ends its worker, whatever the request says", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  // Late enough for the run to have begun on a busy machine: else there is nothing to end.
  for (const runTimeoutMs of [80, 60_000]) {
    const response = await server.post("limited", { input: 1_500, hints: { runTimeoutMs } });
    const { error } = await response.json();
    assert.equal(error.code, "run_timeout");
    assert.ok(error.message.endsWith(`${Math.min(runTimeoutMs, 100)} ms`), error.message);
    await until(() => router.stats().load.poolRunning === 0);
  }
  assert.equal(router.stats().workers.started, 2);
});
