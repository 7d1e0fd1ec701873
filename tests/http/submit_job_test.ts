// POST /api/jobs/:kind: every way it can be answered, by a server that listens, with real jobs.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { CompletedBody, DroppedBody, ErrorBody } from "../../src/http/mod.ts";
import { guarded, until } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

async function assertError(response: Response, status: number, code: string) {
  const text = await response.text();
  assert.equal(response.status, status, text);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.equal(response.headers.get("x-content-type-options"), "nosniff");
  const { error }: ErrorBody = JSON.parse(text);
  assert.equal(error.code, code);
  assert.ok(error.message.length > 0);
  assert.doesNotMatch(text, /\n\s+at |file:|\/etc|\/srv|\/work|node_modules/);
  return error;
}

async function assertCompleted(response: Response): Promise<CompletedBody> {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const body: CompletedBody = JSON.parse(text);
  assert.equal(body.status, "completed");
  return body;
}

test("POST runs a job and tells how it went", guarded, async () => {
  await using server = await startServer();
  for (
    const [kind, strategy] of [
      ["add", "inline"],
      ["add_in_worker", "cpu_pool"],
      ["add_in_batch", "batch"],
    ]
  ) {
    const response = await server.post(kind, { input: { a: 20, b: 22 } });
    assert.equal(response.headers.get("content-type"), "application/json");
    const { timing, ...rest } = await assertCompleted(response);
    const wanted = { status: "completed", output: 42, strategy, withinBudget: true };
    assert.deepEqual(rest, wanted);
    assert.deepEqual(Object.keys(timing), ["waitMs", "runMs", "totalMs"]);
    for (const ms of Object.values(timing)) assert.ok(ms >= 0);
  }
  assert.equal(server.router.stats().completed, 3);
});

test("POST takes hints", guarded, async () => {
  await using server = await startServer();
  const input = { a: 1, b: 1 };
  for (const hints of [{}, { priority: 9, latencyBudgetMs: 60_000, runTimeoutMs: 60_000 }]) {
    const response = await server.post("add_in_worker", { input, hints });
    assert.equal((await assertCompleted(response)).strategy, "cpu_pool");
  }
});

test("POST writes what JSON has no word for", guarded, async () => {
  await using server = await startServer();
  const big = await server.post("power", { input: { base: 2, exponent: 70 } });
  const { output } = await assertCompleted(big);
  assert.deepEqual(output, { power: `${2n ** 70n}`, parts: ["1", 2, "3"], plain: -0.5 });
  const nothing = await assertCompleted(await server.post("nothing", { input: null }));
  assert.equal(nothing.output, null);
  const odd = await assertCompleted(await server.post("odd_numbers", { input: null }));
  assert.deepEqual(odd.output, [null, null, null]);
  const circular = await server.post("circular", { input: null });
  await assertError(circular, 500, "output_not_json");
});

test("POST gives an input unchanged to a kind of any name", guarded, async () => {
  await using server = await startServer();
  const input = { text: "žluťoučký 🐎 \u0000", list: [1, [null, { deep: true }]], "": -1e-7 };
  for (const kind of ["echo", "echo_in_worker", 'odd "name" \\ of\na kind']) {
    const { output } = await assertCompleted(await server.post(kind, { input }));
    assert.deepEqual(output, input);
  }
});

test("POST answers a drop with 503 and when to try again", guarded, async () => {
  await using server = await startServer({ cpuQueueCapacity: 1 });
  const { router } = server;
  const holding = router.submit("hold", null).catch((error) => error);
  await until(() => router.stats().load.poolRunning === 1);
  const waiting = router.submit("hold", null).catch((error) => error);
  assert.equal(router.stats().load.poolWaiting, 1);

  const response = await server.post("hold", { input: null });
  assert.equal(response.status, 503);
  assert.match(response.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  const body: DroppedBody = await response.json();
  assert.equal(body.status, "dropped");
  assert.equal(body.reason, "pool_saturated");
  assert.ok(Number.isFinite(body.retryAfterMs) && body.retryAfterMs >= 1);

  await router.close({ drainMs: 0 });
  await Promise.all([holding, waiting]);
});

test("POST answers a job whose budget ran out while it waited with 503", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  const holding = router.submit("hold", null).catch((error) => error);
  await until(() => router.stats().load.poolRunning === 1);
  const response = await server.post("hold", { input: null, hints: { latencyBudgetMs: 20 } });
  assert.equal(response.status, 503);
  assert.equal((await response.json()).reason, "expired");
  await router.close({ drainMs: 0 });
  await holding;
});

test("POST refuses an input that does not fit with 422 and all issues", guarded, async () => {
  await using server = await startServer();
  for (const kind of ["add", "add_in_worker"]) {
    const response = await server.post(kind, { input: { a: "one", c: 3 } });
    const { issues } = await assertError(response, 422, "invalid_input");
    const paths = issues!.map(({ path }) => path.join("."));
    assert.deepEqual(paths.sort(), ["input", "input.a", "input.b"]);
    for (const { message } of issues!) assert.ok(message.length > 0);
  }
  const size = await server.post("cost_of_input", { input: { size: "XL" } });
  const { issues } = await assertError(size, 422, "invalid_input");
  assert.deepEqual(issues!.map(({ path }) => path), [["input"]]);
});

test("POST refuses hints out of range or unknown with 422", guarded, async () => {
  await using server = await startServer();
  const input = { a: 1, b: 2 };
  const wrong: [string, unknown][] = [
    ["computeCost", 1],
    ["scalingPotential", 0.5],
    ["abortAfterMs", 5],
    ["constructor", 1],
    ["toString", 1],
    ["latencyBudgetMs", "5"],
    ["latencyBudgetMs", -1],
    ["runTimeoutMs", [5]],
    ["priority", 4.5],
    ["priority", -1],
    ["latencyBudgetMs", 0],
    ["priority", 10],
    ["runTimeoutMs", 1e12],
    ["priority", "high"],
    ["computeCost", null],
  ];
  for (const [hint, value] of wrong) {
    const response = await server.post("add", { input, hints: { [hint]: value } });
    const { issues } = await assertError(response, 422, "invalid_hints");
    assert.deepEqual(issues!.map(({ path }) => path), [["hints", hint]]);
  }
  for (const hints of [{ latencyBudgetMS: 5 }, { signal: {} }, [], 7, null]) {
    await assertError(await server.post("add", { input, hints }), 422, "invalid_hints");
  }
  assert.equal(server.router.stats().submitted, 0);
});

test("POST refuses a body of another form with 422", guarded, async () => {
  await using server = await startServer();
  for (const body of ["null", "[]", "7", '"text"', "{}", '{"hints":{}}', '{"input":1,"hint":{}}']) {
    const { issues } = await assertError(await server.post("echo", body), 422, "invalid_body");
    assert.ok(issues!.length > 0);
  }
});

test("POST answers 404 for a kind there is not, whatever the body", guarded, async () => {
  await using server = await startServer();
  for (const kind of ["nope", "__proto__", "constructor", "add/", "%", "ADD"]) {
    await assertError(await server.post(kind, "not JSON"), 404, "unknown_kind");
  }
  assert.equal(server.router.stats().rejected.unknown_kind, 6);
});

test(
  "POST answers 500 when a job fails, and tells what it threw but not where",
  guarded,
  async () => {
    await using server = await startServer();
    for (const kind of ["fail", "fail_in_worker"]) {
      const { cause } = await assertError(
        await server.post(kind, { input: null }),
        500,
        "job_failed",
      );
      assert.deepEqual(cause, { name: "RangeError", message: "Cannot open '<path>' at <path>" });
    }
    const thrown = await assertError(
      await server.post("throw_object", { input: null }),
      500,
      "job_failed",
    );
    assert.doesNotMatch(JSON.stringify(thrown), /hunter2/);
    await assertError(await server.post("throw_oddity", { input: null }), 500, "job_failed");
    assert.equal(server.router.stats().inFlight, 0);
    assert.deepEqual(server.errors, []);
  },
);

test("POST answers 502 when the worker dies, and goes on", guarded, async () => {
  await using server = await startServer();
  await assertError(await server.post("exit", { input: null }), 502, "worker_crashed");
  const next = await server.post("add_in_worker", { input: { a: 1, b: 2 } });
  assert.equal((await assertCompleted(next)).output, 3);
});

test("POST answers 504 when the run takes longer than it may", guarded, async () => {
  await using server = await startServer();
  const response = await server.post("hold", { input: null, hints: { runTimeoutMs: 20 } });
  await assertError(response, 504, "run_timeout");
  assert.equal(server.router.stats().timedOut, 1);
});

test("POST answers 503 once the router is closed, and to jobs it cancels", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  const running = server.post("hold", { input: null });
  await until(() => router.stats().load.poolRunning === 1);
  await router.close({ drainMs: 0 });
  await assertError(await running, 503, "router_closed");
  await assertError(await server.post("add", { input: { a: 1, b: 2 } }), 503, "router_closed");
});

test("POST cancels the job of a client that goes away", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  const controllers = [new AbortController(), new AbortController()];
  const clients = controllers.map(({ signal }) =>
    server.post("hold", { input: null }, { signal }).catch((error) => error)
  );
  await until(() => router.stats().load.poolRunning === 1 && router.stats().load.poolWaiting === 1);
  for (const controller of controllers) controller.abort();
  for (const client of clients) assert.equal((await client).name, "AbortError");

  await router.drain();
  assert.equal(router.stats().cancelled, 2);
  await until(() => router.stats().load.poolRunning === 0);
  assert.deepEqual(server.errors, []);
});
