// POST /api/jobs/:kind/batch: many jobs, one answer, a line for each as soon as it is there.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { hc } from "hono/client";
import { type BatchLine, createHttpApp, type HttpApp, serve } from "../../src/http/mod.ts";
import { guarded, until } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

const NDJSON = { "content-type": "application/x-ndjson" };

async function linesOf(response: Response): Promise<BatchLine[]> {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.equal(response.headers.get("content-type"), "application/x-ndjson");
  if (text === "") return [];
  assert.ok(text.endsWith("\n"));
  return text.trimEnd().split("\n").map((line) => JSON.parse(line));
}

/** In the order of the inputs. */
function sorted(lines: BatchLine[]): BatchLine[] {
  return lines.sort((a, b) => a.index - b.index);
}

async function errorOf(response: Response): Promise<string> {
  return `${response.status} ${(await response.json()).error?.code}`;
}

test("A batch answers every job once, whatever its form and its lane", guarded, async () => {
  await using server = await startServer();
  const inputs = Array.from({ length: 300 }, (_, i) => ({ a: i, b: 1 }));
  for (const kind of ["add", "add_in_worker", "add_in_batch"]) {
    const bodies: [unknown, RequestInit?][] = [
      [inputs],
      [{ inputs, hints: { priority: 7 } }],
      [`\n${inputs.map((input) => JSON.stringify(input)).join("\r\n\n")}`, { headers: NDJSON }],
    ];
    for (const [body, init] of bodies) {
      const lines = sorted(await linesOf(await server.postBatch(kind, body, init)));
      assert.deepEqual(lines.map(({ index }) => index), inputs.map((_, i) => i));
      for (const line of lines) {
        assert.ok(line.status === "completed", JSON.stringify(line));
        assert.equal(line.output, line.index + 1);
        assert.ok(line.timing.totalMs >= 0 && line.withinBudget);
      }
    }
  }
  const { submitted, completed, inFlight } = server.router.stats();
  assert.deepEqual([submitted, completed, inFlight], [2_700, 2_700, 0]);
});

test("A job of a batch that is wrong fails alone", guarded, async () => {
  await using server = await startServer();
  const right = { a: 1, b: 2 };
  const mixed = await server.postBatch("add", [right, { a: "x" }, right]);
  const [first, second, third] = sorted(await linesOf(mixed));
  assert.ok(first.status === "completed" && third.status === "completed");
  assert.ok(second.status === "failed");
  assert.equal(second.error.code, "invalid_input");
  assert.deepEqual(second.error.issues?.map(({ path }) => path[0]), ["input", "input"]);

  const text = '{"a":1,"b":2}\n{"a":\n{"__proto__":1}\n{"a":2,"b":2}';
  const lines = sorted(await linesOf(await server.postBatch("add", text, { headers: NDJSON })));
  const codes = lines.map((line) => line.status === "failed" ? line.error.code : line.status);
  assert.deepEqual(codes, ["completed", "invalid_json", "invalid_json", "completed"]);

  const costs = await server.postBatch("checked_cost", [right, { a: 1e9, b: 1 }]);
  assert.deepEqual(sorted(await linesOf(costs)).map(({ status }) => status), [
    "completed",
    "failed",
  ]);
});

test("A batch tells how its jobs fail, and nothing of where", guarded, async () => {
  await using server = await startServer();
  const cases = [["fail", "job_failed"], ["circular", "output_not_json"]];
  for (const [kind, code] of cases) {
    const [line] = await linesOf(await server.postBatch(kind, [null]));
    assert.ok(line.status === "failed");
    assert.equal(line.error.code, code);
    assert.doesNotMatch(JSON.stringify(line), /etc|srv|\\n/);
  }
  const [line] = await linesOf(await server.postBatch("reverse_bytes", [[]]));
  assert.ok(line.status === "completed" || line.status === "failed");
  assert.deepEqual(server.errors, []);
});

test("A batch writes bytes as base64", guarded, async () => {
  await using server = await startServer();
  const [line] = await linesOf(await server.postBatch("to_bytes", [[0, 127, 128, 255]]));
  assert.ok(line.status === "completed");
  assert.deepEqual([line.output, line.encoding], ["AH+A/w==", "base64"]);
});

test("A batch tells of the jobs that are dropped", guarded, async () => {
  await using server = await startServer({ cpuQueueCapacity: 1 });
  const hints = { latencyBudgetMs: 100 };
  const lines = await linesOf(
    await server.postBatch("hold", { inputs: [1, 2, 3], hints: { ...hints, runTimeoutMs: 20 } }),
  );
  const told = sorted(lines).map((line) =>
    line.status === "dropped" ? line.reason : line.status === "failed" ? line.error.code : ""
  );
  assert.equal(lines.length, 3);
  assert.ok(told.includes("pool_saturated"), told.join());
  for (const line of lines) if (line.status === "dropped") assert.ok(line.retryAfterMs >= 1);
});

test("A batch that cannot be taken is refused as a whole", guarded, async () => {
  await using server = await startServer({ http: { maxBatchItems: 3, maxBodyBytes: 100 } });
  const post = async (body: unknown, headers?: Record<string, string>, kind = "echo") =>
    await errorOf(await server.postBatch(kind, body, headers && { headers }));
  assert.equal(await post([1, 2, 3, 4]), "413 too_many_items");
  assert.equal(await post("1\n2\n3\n4", NDJSON), "413 too_many_items");
  assert.equal(await post(["x".repeat(100)]), "413 too_large");
  assert.equal(await post("[1", undefined), "400 invalid_json");
  assert.equal(await post({ inputs: 1 }), "422 invalid_body");
  assert.equal(await post({ inputs: [1], hints: { priority: "x" } }), "422 invalid_hints");
  assert.equal(await post("1", { "content-type": "text/plain" }), "415 unsupported_media_type");
  assert.equal(await post([1], undefined, "nope"), "404 unknown_kind");
  assert.deepEqual(await linesOf(await server.postBatch("echo", [])), []);
});

test("A batch has no more than a window of jobs in flight", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  const controller = new AbortController();
  const inputs = Array.from({ length: 1_000 }, () => null);
  // Not every runtime's server sends a head before the first line.
  const gone = server.postBatch("hold", inputs, { signal: controller.signal })
    .then((response) => response.text()).catch((error) => error);
  await until(() => router.stats().inFlight >= 64);
  assert.equal(router.stats().inFlight, 64);
  assert.equal(router.stats().submitted, 64);
  // A client that goes away cancels them all, and no more are begun.
  controller.abort();
  assert.equal((await gone).name, "AbortError");
  await router.drain();
  assert.equal(router.stats().cancelled, 64);
  assert.equal(router.stats().submitted, 64);
  assert.deepEqual(server.errors, []);
});

test("A batch gives lines as they are ready, not when all are", guarded, async () => {
  await using server = await startServer({ http: { requestTimeoutMs: 2_000 } });
  const controller = new AbortController();
  const { router } = server;
  const holding = router.submit("hold", null, { signal: controller.signal }).catch(() => {});
  await until(() => router.stats().load.poolRunning === 1);
  // Costs decide: the first runs here, the second waits behind the one that holds the worker.
  const response = await server.postBatch("cost_of_input", [{ size: 1 }, { size: 100_000 }]);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const first = await reader.read();
  assert.match(first.value!, /^\{"index":0,"status":"completed"/);
  controller.abort();
  await holding;
  let rest = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) rest += part.value;
  assert.match(rest, /^\{"index":1,/);
});

test("A batch that takes too long tells so in each line that is left", guarded, async () => {
  await using server = await startServer({ http: { requestTimeoutMs: 80 } });
  const inputs = Array.from({ length: 200 }, () => null);
  const lines = await linesOf(await server.postBatch("hold", inputs));
  assert.equal(lines.length, 200);
  for (const line of lines) {
    assert.ok(line.status === "failed");
    assert.equal(line.error.code, "request_timeout");
  }
  await server.router.drain();
  assert.equal(server.router.stats().inFlight, 0);
});

test("A batch stops where its client reads no more, and is cut off in time", guarded, async () => {
  await using server = await startServer();
  const { router } = server;
  const app = createHttpApp(router, { requestTimeoutMs: 4_000, maxBodyBytes: 20_000_000 });
  await using served = await serve(app, { port: 0, drainMs: 0 });
  const text = "x".repeat(15_000);
  const body = JSON.stringify(Array.from({ length: 1_000 }, () => text));
  const socket = connect(served.port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.on("close", resolve));
  socket.pause();
  socket.write(
    "POST /api/jobs/echo/batch HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n" +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
  await until(() => router.stats().completed > 0);
  let before = -1;
  while (before !== router.stats().completed) {
    before = router.stats().completed;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  assert.ok(before < 1_000, `${before} of 1,000 jobs have run though nobody reads`);
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  socket.resume();
  await closed;
  assert.equal(router.stats().completed, before);
  assert.equal(router.stats().inFlight, 0);
});

test("hc<HttpApp>() posts batches", guarded, async () => {
  await using server = await startServer();
  const client = hc<HttpApp>(server.url);
  const submit = client.api.jobs[":kind"].batch.$post;
  const answer = await submit({ param: { kind: "add" }, json: [{ a: 1, b: 2 }] });
  assert.ok(answer.status === 200);
  const text: string = await answer.text();
  const line: BatchLine = JSON.parse(text);
  assert.equal(line.status === "completed" && line.output, 3);
  const hinted = await submit({
    param: { kind: "add" },
    json: { inputs: [], hints: { priority: 1 } },
  });
  assert.equal(await hinted.text(), "");
});
