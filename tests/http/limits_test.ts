// What a request may take: time, places, cost.
import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { runtimeInfo } from "../../mod.ts";
import { createHttpApp, type HttpLimits } from "../../src/http/mod.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded, until } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

async function errorOf(response: Response): Promise<string> {
  return `${response.status} ${(await response.json()).error?.code}`;
}

test(
  "A request that takes too long is answered with 504, and its job cancelled",
  guarded,
  async () => {
    await using server = await startServer({ http: { requestTimeoutMs: 60 } });
    const { router } = server;
    const answers = await Promise.all([
      server.post("hold", { input: null }), // runs
      server.post("hold", { input: null }), // waits
    ]);
    for (const answer of answers) assert.equal(await errorOf(answer), "504 request_timeout");
    await router.drain();
    assert.equal(router.stats().cancelled, 2);
    // The next one has its own time.
    assert.equal((await server.post("add", { input: { a: 1, b: 2 } })).status, 200);
    assert.deepEqual(server.errors, []);
  },
);

test(
  "A body that comes too slowly is answered with 504",
  guarded,
  async () => {
    await using server = await startServer({ http: { requestTimeoutMs: 60 } });
    for (const head of ["content-length: 20", "transfer-encoding: chunked"]) {
      const socket = connect(server.served.port, "127.0.0.1");
      let answer = "";
      socket.setEncoding("utf8").on("data", (text) => answer += text);
      const ended = new Promise((resolve) => socket.on("close", resolve));
      socket.on("error", () => {});
      const start = head.startsWith("content") ? '{"input"' : '8\r\n{"input"\r\n';
      socket.write(
        `POST /api/jobs/echo HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${head}\r\n\r\n${start}`,
      );
      await until(() => answer.includes("request_timeout"));
      assert.match(answer, /^HTTP\/1\.1 504 /);
      assert.match(answer, /\r\nconnection: close\r\n/i);
      const reason = "this server leaves it to the client to end the connection";
      if (skippedIf(runtimeInfo().name === "deno", "end of a slow body's connection", reason)) {
        socket.destroy();
      }
      await ended;
    }
    assert.equal(server.router.stats().submitted, 0);
    assert.deepEqual(server.errors, []);
  },
);

test("Requests above the number there may be are refused with 503", guarded, async () => {
  await using server = await startServer({ http: { maxConcurrentRequests: 2 } });
  const { router } = server;
  const controllers = [new AbortController(), new AbortController()];
  const held = controllers.map(({ signal }) =>
    server.post("hold", { input: null }, { signal }).catch((error) => error)
  );
  await until(() => router.stats().inFlight === 2);
  const refused = await server.post("add", { input: { a: 1, b: 2 } });
  assert.match(refused.headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.equal(await errorOf(refused), "503 overloaded");
  // What an operator looks at is answered all the same.
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  for (const controller of controllers) controller.abort();
  await Promise.all(held);
  await router.drain();
  await until(() => router.stats().load.poolRunning === 0);
  const next = await server.post("add", { input: { a: 1, b: 2 } });
  assert.equal(next.status, 200);
});

test("A cost above what may be is refused", guarded, async () => {
  await using server = await startServer({ http: { maxComputeCost: 200_000 } });
  const { router } = server;
  const input = { a: 150_000, b: 50_001 };
  const byKind = await server.post("checked_cost", { input });
  assert.equal(byKind.status, 422);
  const { error } = await byKind.json();
  assert.equal(error.code, "invalid_input");
  assert.deepEqual(error.issues, [
    { path: ["input"], message: "Its compute cost must be at most 200000" },
  ]);
  const unchecked = await server.post("cost_of_input", { input: { size: 1e6 } });
  assert.equal(await errorOf(unchecked), "422 invalid_input");
  assert.equal(router.stats().submitted, 0);

  const fits = await server.post("checked_cost", { input: { a: 100_000, b: 100_000 } });
  assert.equal((await fits.json()).output, 200_000);
  // What does not fit the schema is refused for that.
  const wrong = await server.post("checked_cost", { input: { a: "x" } });
  assert.deepEqual((await wrong.json()).error.issues.length, 2);
});

test("A kind whose cost is always above what may be is refused", guarded, async () => {
  await using server = await startServer({ http: { maxComputeCost: 5 } });
  assert.equal(
    await errorOf(await server.post("add", { input: { a: 1, b: 2 } })),
    "422 invalid_input",
  );
});

test("An absurd cost is refused when nothing else is said", guarded, async () => {
  await using server = await startServer();
  const absurd = await server.post("cost_of_input", { input: { size: 1e9 + 1 } });
  assert.equal(await errorOf(absurd), "422 invalid_input");
});

test("createHttpApp() refuses wrong limits", async () => {
  await using server = await startServer();
  const wrong: [keyof HttpLimits, number[], string][] = [
    ["maxBodyBytes", [0, -1, 1.5, NaN, Infinity], "an integer >= 1"],
    ["maxBatchItems", [0, -1, 1.5, NaN, Infinity], "an integer >= 1"],
    ["maxConcurrentRequests", [0, -1, 1.5, NaN], "an integer >= 1 or Infinity"],
    ["maxComputeCost", [-1, NaN], "a number >= 0 or Infinity"],
    [
      "requestTimeoutMs",
      [0, -1, NaN, 2 ** 31],
      "a number of ms above 0 and at most 2147483647, or Infinity",
    ],
  ];
  for (const [name, values, wanted] of wrong) {
    for (const value of values) {
      assert.throws(() => createHttpApp(server.router, { [name]: value }), {
        name: "RangeError",
        message: `Cannot create HTTP app as "${name}" must be ${wanted}: received ${value}`,
      });
    }
  }
});
