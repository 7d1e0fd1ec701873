// GET /api/decisions: a stream of what the router decides, for as long as somebody listens.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRouter, type DecisionRecord, type RouterStats } from "../../mod.ts";
import { createHttpApp, type DecisionsBody, serve } from "../../src/http/mod.ts";
import { guarded, until } from "../fixtures/until.ts";
import { DecisionClient } from "./fixtures/decision_client.ts";
import { startHeardServer } from "./fixtures/heard_server.ts";
import jobs from "./fixtures/http_jobs.ts";
import { startServer } from "./fixtures/test_server.ts";

const INPUT = { a: 1, b: 2 };

/** A job that has moved to another lane, as one may on a busy machine, is told of again. */
function movesIn(router: { stats(): RouterStats }): number {
  return Object.values(router.stats().moved).reduce((sum, count) => sum + count);
}

function countsOf(events: readonly DecisionsBody[]): { told: number; missed: number } {
  let told = 0;
  let missed = 0;
  for (const event of events) {
    told += event.decisions.length;
    missed += event.missed;
  }
  return { told, missed };
}

test("GET /api/decisions tells what is decided, and the figures", guarded, async () => {
  await using server = await startServer();
  const records: DecisionRecord[] = [];
  server.router.onDecision((record) => records.push(record));
  const client = await DecisionClient.open(server.url);
  const { headers, status } = client.response;
  assert.equal(status, 200);
  assert.equal(headers.get("content-type"), "text/event-stream");
  assert.equal(headers.get("cache-control"), "no-store");
  assert.equal(headers.get("x-accel-buffering"), "no");

  for (const kind of ["add", "add_in_worker", "add_in_batch"]) {
    await (await server.post(kind, { input: INPUT, hints: { latencyBudgetMs: 60_000 } })).text();
  }
  const events = await client.gather(3);
  assert.deepEqual(
    events.flatMap(({ decisions }) => decisions),
    JSON.parse(JSON.stringify(records)),
  );
  assert.deepEqual(records.map(({ strategy }) => strategy), ["inline", "cpu_pool", "batch"]);
  assert.deepEqual(countsOf(events), { told: 3, missed: 0 });
  client.leave();
});

test("An event has 50 decisions at most, and counts the others", guarded, async () => {
  await using server = await startServer();
  const client = await DecisionClient.open(server.url);
  const startMs = performance.now();
  const submit = () => server.router.run("add", INPUT);
  await submit();
  await Promise.all(Array.from({ length: 500 }, submit));
  for (let i = 0; i < 49; i++) {
    await submit();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const count = 550 + movesIn(server.router);
  const events = await client.gather(count);
  const { told, missed } = countsOf(events);
  assert.equal(told + missed, count);
  assert.ok(missed >= 400, `${missed} are left out`);
  for (const { decisions } of events) {
    assert.ok(decisions.length <= 50);
    const ids = decisions.filter(({ moved }) => moved !== true).map(({ jobId }) => jobId);
    assert.deepEqual(ids, [...ids].sort((a, b) => a - b));
  }
  const most = (performance.now() - startMs) / 250 + 1;
  assert.ok(events.length <= most, `${events.length} events, ${most} at most`);
  client.leave();
});

test("Decisions are filtered on the server", guarded, async () => {
  await using server = await startServer();
  const queries = ["?kind=echo", "?strategy=cpu_pool", "?kind=add&strategy=inline"];
  const clients = await Promise.all(
    queries.map((query) => DecisionClient.open(server.url, query)),
  );
  const { router } = server;
  const wanted = [
    ({ kind }: DecisionRecord) => kind === "echo",
    ({ strategy }: DecisionRecord) => strategy === "cpu_pool",
    ({ kind, strategy }: DecisionRecord) => kind === "add" && strategy === "inline",
  ];
  const records: DecisionRecord[] = [];
  router.onDecision((record) => records.push(record));
  const runs = Array.from({ length: 100 }, () => [
    router.run("add", INPUT),
    router.run("echo", 1),
    router.run("add_in_worker", INPUT),
  ]);
  await Promise.all(runs.flat());
  assert.equal(records.length, 300 + movesIn(router));
  for (const [i, client] of clients.entries()) {
    const count = records.filter(wanted[i]).length;
    assert.ok(count > 0);
    const events = await client.gather(count);
    const { told, missed } = countsOf(events);
    assert.equal(told + missed, count, "what others asked for is not missed");
    assert.ok(events.flatMap(({ decisions }) => decisions).every(wanted[i]), queries[i]);
    client.leave();
  }
});

test("A query that nothing can fit is refused", guarded, async () => {
  await using heard = await startHeardServer();
  const { server, listeners } = heard;
  for (
    const [query, name] of [
      ["?kind=nope", "kind"],
      ["?kind=", "kind"],
      ["?strategy=fast", "strategy"],
      ["?kinds=add", "kinds"],
      ["?kind=add&toString=1", "toString"],
    ]
  ) {
    const response = await fetch(`${server.url}/api/decisions${query}`);
    assert.equal(response.status, 422, query);
    const { error } = await response.json();
    assert.equal(error.code, "invalid_query");
    assert.deepEqual(error.issues[0].path, ["query", name]);
  }
  assert.equal(listeners.size, 0);
});

test("A stream costs nothing before it is there and after it has gone", guarded, async () => {
  await using heard = await startHeardServer();
  const { server, listeners } = heard;
  const head = await fetch(`${server.url}/api/decisions`, { method: "HEAD" });
  assert.equal(head.status, 200);
  assert.equal(listeners.size, 0);
  const clients = [
    await DecisionClient.open(server.url),
    await DecisionClient.open(server.url, "?kind=add"),
  ];
  assert.equal(listeners.size, 2);
  await server.router.run("add", INPUT);
  for (const client of clients) assert.equal((await client.next())?.decisions.length, 1);
  for (const client of clients) client.leave();
  await until(() => listeners.size === 0);
  await server.router.run("add", INPUT);
  assert.equal(server.router.stats().listenerErrors, 0);
  assert.deepEqual(server.errors, []);
});

test("There may be 32 streams, and another one when one has gone", guarded, async () => {
  await using heard = await startHeardServer();
  const { server, listeners } = heard;
  const clients: DecisionClient[] = [];
  for (let i = 0; i < 32; i++) clients.push(await DecisionClient.open(server.url));
  const refused = await fetch(`${server.url}/api/decisions`);
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.equal((await refused.json()).error.code, "overloaded");
  assert.equal((await server.post("add", { input: INPUT })).status, 200, "jobs are not streams");
  clients.pop()!.leave();
  await until(() => listeners.size === 31);
  clients.push(await DecisionClient.open(server.url));
  for (const client of clients) client.leave();
  await until(() => listeners.size === 0);
});

test("A server that closes ends its streams, and waits for nothing", guarded, async () => {
  await using router = await createRouter({ jobs, cpuParallelism: 1 });
  const served = await serve(createHttpApp(router), { port: 0, drainMs: 100_000 });
  const quiet = await DecisionClient.open(served.url);
  const busy = await DecisionClient.open(served.url);
  await router.run("add", INPUT);
  assert.equal((await busy.next())?.decisions.length, 1);
  await served.close();
  for (const client of [quiet, busy]) {
    while (await client.next().catch(() => undefined) !== undefined);
  }
  assert.equal(router.closed, false);
});

test("A client that reads nothing holds no more than a sample", guarded, async () => {
  await using heard = await startHeardServer();
  const { server, listeners } = heard;
  const client = await DecisionClient.open(server.url);
  for (let round = 0; round < 20; round++) {
    await Promise.all(Array.from({ length: 100 }, () => server.router.run("echo", round)));
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
  const count = 2_000 + movesIn(server.router);
  const events = await client.gather(count);
  assert.equal(events.flatMap(({ decisions }) => decisions).length, countsOf(events).told);
  assert.equal(countsOf(events).told + countsOf(events).missed, count);
  client.leave();
  await until(() => listeners.size === 0);
});
