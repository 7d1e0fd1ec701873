// Bytes in, bytes out.
import assert from "node:assert/strict";
import { test } from "node:test";
import { guarded } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

const OCTETS = { "content-type": "application/octet-stream" };

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff);
}

test(
  "POST gives a binary body to the job, and answers with the bytes it gives back",
  guarded,
  async () => {
    await using server = await startServer();
    for (
      const [kind, strategy] of [
        ["reverse_bytes", "inline"],
        ["reverse_bytes_in_worker", "cpu_pool"],
      ]
    ) {
      for (const length of [0, 1, 100_000]) {
        const body = bytesOf(length);
        const response = await server.post(kind, "", { body, headers: OCTETS });
        assert.equal(response.status, 200);
        assert.equal(response.headers.get("content-type"), "application/octet-stream");
        assert.equal(response.headers.get("x-content-type-options"), "nosniff");
        assert.equal(response.headers.get("helix-strategy"), strategy);
        assert.equal(response.headers.get("helix-within-budget"), "true");
        for (const name of ["helix-wait-ms", "helix-run-ms", "helix-total-ms"]) {
          assert.ok(Number(response.headers.get(name) ?? NaN) >= 0, name);
        }
        const answer = new Uint8Array(await response.arrayBuffer());
        assert.deepEqual(answer, bytesOf(length).reverse());
      }
    }
  },
);

test(
  "POST answers a binary body with JSON where the job gives something else",
  guarded,
  async () => {
    await using server = await startServer();
    const response = await server.post("nothing", "", { body: bytesOf(10), headers: OCTETS });
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal((await response.json()).output, null);
  },
);

test("POST answers JSON with bytes where the job gives bytes", guarded, async () => {
  await using server = await startServer();
  const response = await server.post("reverse_bytes", { input: [] });
  const { error } = await response.json();
  assert.equal(response.status, 200, JSON.stringify(error));
});

test("A binary body must not be too large, with or without its length told", guarded, async () => {
  await using server = await startServer({ http: { maxBodyBytes: 1_000 } });
  for (const [length, wanted] of [[1_000, 200], [1_001, 413]]) {
    const whole = await server.post("reverse_bytes", "", {
      body: bytesOf(length),
      headers: OCTETS,
    });
    assert.equal(whole.status, wanted);
    await whole.arrayBuffer();
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(bytesOf(length));
        controller.close();
      },
    });
    const init = { body, headers: OCTETS, duplex: "half" } as RequestInit;
    const chunked = await server.post("reverse_bytes", "", init);
    assert.equal(chunked.status, wanted);
    await chunked.arrayBuffer();
  }
});

test("Hints of a binary body come by header", guarded, async () => {
  await using server = await startServer();
  const given: unknown[] = [];
  server.router.onDecision(({ latencyBudgetMs }) => given.push(latencyBudgetMs));
  const headers = { ...OCTETS, "helix-latency-budget-ms": "60000" };
  const response = await server.post("reverse_bytes", "", { body: bytesOf(3), headers });
  await response.arrayBuffer();
  assert.deepEqual([response.status, given], [200, [60_000]]);
});
