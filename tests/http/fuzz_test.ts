// Whatever a client sends, it is the client's fault: no answer from 500 on.
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { runs } from "../fixtures/property.ts";
import { guarded } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

const RUNS = 400;

/** Kinds whose schema, or whose nature, leaves nothing for the job to stumble on. */
const kind = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("add", "add_in_worker", "echo", "echo_in_worker") },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
);

const hints = fc.oneof(
  fc.constant(undefined),
  fc.record({
    computeCost: fc.oneof(fc.double(), fc.integer()),
    scalingPotential: fc.double({ min: -0.5, max: 1.5 }),
    latencyBudgetMs: fc.constantFrom(-1, 0, 60_000, 1e15, "soon"),
    priority: fc.oneof(fc.integer({ min: -1, max: 11 }), fc.double()),
    runTimeoutMs: fc.constantFrom(-1, 60_000, null),
  }, { requiredKeys: [] }),
  fc.jsonValue(),
);

const input = fc.oneof(fc.record({ a: fc.integer(), b: fc.integer() }), fc.jsonValue());

const wellFormed = fc.record({ input, hints }).map((body) => JSON.stringify(body));

/** A right body with one thing wrong. */
const broken = fc.tuple(wellFormed, fc.nat(), fc.string({ unit: "binary", maxLength: 3 }))
  .map(([text, at, part]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + part + text.slice(place + part.length);
  });

const body = fc.oneof(
  { weight: 4, arbitrary: wellFormed },
  { weight: 3, arbitrary: broken },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: "binary" }) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }) },
);

const contentType = fc.oneof(
  { weight: 8, arbitrary: fc.constant("application/json") },
  { weight: 1, arbitrary: fc.constantFrom("application/json;;", "text/plain", "a/b;c=d", "*/*") },
);

test("No request is answered with a 5xx status", guarded, async () => {
  await using server = await startServer();
  const statuses = new Set<number>();
  const property = fc.asyncProperty(kind, contentType, body, async (kind, type, body) => {
    const init = { body, headers: { "content-type": type } } as RequestInit;
    const response = await server.post(kind, "", init);
    const text = await response.text();
    statuses.add(response.status);
    assert.ok(response.status < 500, `${response.status} ${text}`);
    if (response.headers.get("content-type") === "application/json") JSON.parse(text);
    else assert.equal(response.status, 404);
  });
  await fc.assert(property, { ...runs(RUNS), endOnFailure: true });
  for (const status of [200, 400, 404, 415, 422]) {
    assert.ok(statuses.has(status), `no request was answered with ${status}: the fuzz is too tame`);
  }
  assert.deepEqual(server.errors, []);
  const { submitted, completed, inFlight } = server.router.stats();
  assert.equal(completed, submitted);
  assert.equal(inFlight, 0);
});

test("No path and no method is answered with a 5xx status", guarded, async () => {
  await using server = await startServer();
  const path = fc.oneof(
    fc.webPath(),
    fc.webPath().map((path) => `/api/jobs${path}`),
    fc.constantFrom("/metrics", "/healthz", "/api/stats", "/api/jobs/add", "//", "/%", "/%00"),
    fc.constantFrom("/api/jobs/%E0%A4%A", "/api/jobs/..%2f..%2fetc", "/api/jobs/add?input=1"),
  );
  const method = fc.constantFrom("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
  const property = fc.asyncProperty(path, method, async (path, method) => {
    const response = await fetch(server.url + path, { method });
    await response.text();
    assert.ok(response.status < 500, `${response.status} ${method} ${path}`);
  });
  await fc.assert(property, { ...runs(RUNS), endOnFailure: true });
  assert.deepEqual(server.errors, []);
});
