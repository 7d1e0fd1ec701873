// Hono's typed client against a server that listens. What must not compile is part of the test.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Hono } from "hono";
import { hc } from "hono/client";
import type { RouterStats, Strategy } from "../../mod.ts";
import {
  createHttpApp,
  ERROR_CODES,
  type HttpApp,
  type HttpIssue,
  serve,
} from "../../src/http/mod.ts";
import { guarded } from "../fixtures/until.ts";
import { startServer } from "./fixtures/test_server.ts";

test("hc<HttpApp>() is a typed client", guarded, async () => {
  await using server = await startServer();
  const client = hc<HttpApp>(server.url);
  const submit = client.api.jobs[":kind"].$post;

  const done = await submit({
    param: { kind: "add" },
    json: { input: { a: 20, b: 22 }, hints: { priority: 9 } },
  });
  assert.ok(done.status === 200);
  const body = await done.json();
  const strategy: Strategy = body.strategy;
  const within: boolean = body.withinBudget;
  assert.deepEqual([body.output, strategy, within], [42, "inline", true]);

  const wrong = await submit({ param: { kind: "add" }, json: { input: "text" } });
  assert.ok(wrong.status === 422);
  const issues: readonly HttpIssue[] | undefined = (await wrong.json()).error.issues;
  assert.deepEqual(issues?.map(({ path }) => path), [["input"]]);

  const closing = await submit({ param: { kind: "nope" }, json: { input: 1 } });
  if (closing.status === 503) {
    const dropped = await closing.json();
    if ("reason" in dropped) dropped.retryAfterMs satisfies number;
  }
  assert.equal(closing.status, 404);
  await closing.text();
});

test("hc<HttpApp>() reads the other paths", guarded, async () => {
  await using server = await startServer();
  const client = hc<HttpApp>(server.url);
  const answer = await client.api.stats.$get();
  assert.ok(answer.status === 200);
  const stats = await answer.json();
  stats satisfies Omit<RouterStats, "load" | "kinds">;
  assert.equal(stats.submitted, 0);
  const text: string = await (await client.metrics.$get()).text();
  assert.match(text, /^helix_jobs_submitted_total 0$/m);
  const healthz = await client.healthz.$get();
  assert.ok(healthz.status === 200);
  const health = await healthz.json();
  assert.equal(health.status satisfies "ok" | "closed", "ok");
});

test("hc() keeps the types of a mounted app", guarded, async () => {
  await using server = await startServer();
  const app = new Hono().route("/helix", createHttpApp(server.router));
  await using served = await serve(app, { port: 0 });
  const client = hc<typeof app>(served.url);
  const answer = await client.helix.api.jobs[":kind"].$post({
    param: { kind: "add" },
    json: { input: { a: 1, b: 2 } },
  });
  assert.ok(answer.status === 200);
  assert.equal((await answer.json()).output, 3);
});

/** Only compiled. */
export function refusedByTheCompiler(): void {
  const client = hc<HttpApp>("http://localhost");
  const submit = client.api.jobs[":kind"].$post;
  // @ts-expect-error: there is no such path
  client.api.nope;
  // @ts-expect-error: jobs are posted
  client.api.jobs[":kind"].$get;
  // @ts-expect-error: the kind is missing
  submit({ json: { input: 1 } });
  // @ts-expect-error: the body is missing
  submit({ param: { kind: "add" } });
  // @ts-expect-error: the input is missing
  submit({ param: { kind: "add" }, json: {} });
  // @ts-expect-error: a priority is a number
  submit({ param: { kind: "add" }, json: { input: 1, hints: { priority: "high" } } });
  // @ts-expect-error: there is no such hint
  submit({ param: { kind: "add" }, json: { input: 1, hints: { latencyBudget: 5 } } });
  // @ts-expect-error: the cost of a job is its kind's
  submit({ param: { kind: "add" }, json: { input: 1, hints: { computeCost: 5 } } });
}

test("ERROR_CODES names every error once", () => {
  assert.equal(new Set(ERROR_CODES).size, ERROR_CODES.length);
});
