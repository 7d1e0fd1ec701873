// What an error repeats of a request is bounded, whatever was sent.
import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { createRouter, defineJobs } from "../../mod.ts";
import { boundError } from "../../src/http/answers/bounded_error.ts";
import { createHttpApp, type ErrorBody, serve, tokenOf } from "../../src/http/mod.ts";
import { guarded } from "../fixtures/until.ts";

const jobs = defineJobs({
  list: { input: z.array(z.number()), cost: 1, run: (list: number[]) => list.length },
  named: {
    input: z.record(z.string(), z.number()),
    cost: 1,
    run: (named: Record<string, number>) => Object.keys(named).length,
  },
  strict: { input: z.strictObject({}), cost: 1, run: (_: object) => 0 },
});

async function startServer() {
  const router = await createRouter({ jobs, cpuParallelism: 1 });
  const app = createHttpApp(router);
  const served = await serve(app, { port: 0, drainMs: 0 });
  return {
    url: served.url,
    token: tokenOf(app),
    async [Symbol.asyncDispose]() {
      await router.close({ drainMs: 0 });
      await served.close();
    },
  };
}

async function errorOf(url: string, init?: RequestInit): Promise<ErrorBody["error"]> {
  const response = await fetch(url, init);
  const text = await response.text();
  assert.equal(response.status, 422, text.slice(0, 300));
  assert.ok(text.length < 20_000, `${text.length} characters`);
  return JSON.parse(text).error;
}

function post(body: unknown): RequestInit {
  const headers = { "content-type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(body) };
}

const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [i, 1]));

test("An error has 20 issues, and says how many more there are", guarded, async () => {
  await using server = await startServer();
  const input = Array(100_000).fill("");
  const { issues } = await errorOf(`${server.url}/api/jobs/list`, post({ input }));
  assert.equal(issues!.length, 21);
  assert.deepEqual(issues![19].path, ["input", 19]);
  assert.deepEqual(issues![20], { path: [], message: "and 99980 more" });

  const batch = await fetch(`${server.url}/api/jobs/list/batch`, post([input, [1], [""]]));
  const lines = (await batch.text()).trim().split("\n").map((line) => JSON.parse(line))
    .sort((a, b) => a.index - b.index);
  assert.equal(lines[0].error.issues.length, 21);
  assert.deepEqual(lines[0].error.issues, issues);
  assert.equal(lines[1].output, 1);
  assert.equal(lines[2].error.issues.length, 1);
});

test("Unknown keys are not all repeated", guarded, async () => {
  await using server = await startServer();
  const many = keys(50_000);
  const rows: [string, RequestInit][] = [
    ["/api/jobs/list", post({ input: [], ...many })],
    ["/api/jobs/list/batch", post({ inputs: [], ...many })],
    ["/api/jobs/strict", post({ input: many })],
  ];
  for (const [path, init] of rows) {
    const { issues, message } = await errorOf(server.url + path, init);
    assert.match(issues![0].message, /… and \d+ more characters$/);
    assert.match(message, /… and \d+ more characters$/);
  }
  const { issues } = await errorOf(`${server.url}/api/config`, {
    ...post(keys(5_000)),
    method: "PATCH",
    headers: { "content-type": "application/json", authorization: `Bearer ${server.token}` },
  });
  assert.equal(issues!.at(-1)!.message, "and 4980 more");
});

test("Unknown hints are counted", guarded, async () => {
  await using server = await startServer();
  const body = { input: [], hints: keys(10_000) };
  const { issues } = await errorOf(`${server.url}/api/jobs/list`, post(body));
  assert.equal(issues!.at(-1)!.message, "and 9995 more");
});

test("Long names are cut", guarded, async () => {
  await using server = await startServer();
  const name = "n".repeat(5_000);
  const wanted = `${"n".repeat(200)}… and 4800 more characters`;
  const named = await errorOf(`${server.url}/api/jobs/named`, post({ input: { [name]: "" } }));
  assert.deepEqual(named.issues![0].path, ["input", wanted]);
  const query = await errorOf(`${server.url}/api/decisions?${name}=1`);
  assert.deepEqual(query.issues![0].path, ["query", wanted]);
  assert.ok(query.message.length < 600);
});

test("A value that is cut in a message says so", guarded, async () => {
  await using router = await createRouter({ jobs, cpuParallelism: 1 });
  const app = createHttpApp(router);
  const long = "x".repeat(100);
  const json = { "content-type": "application/json" };
  const hints = { priority: long };
  const rows: [RequestInit, RegExp][] = [
    [{ headers: { host: long } }, /^Host "x{80}… and 20 more characters" is not/],
    [{ headers: { "content-type": long } }, /"x{80}… and 20 more characters"/],
    [{ headers: json, body: JSON.stringify({ input: [], hints }) }, /"x{79}… and 22 more char/],
  ];
  for (const [init, wanted] of rows) {
    const response = await app.request("/api/jobs/list", { method: "POST", body: "1", ...init });
    assert.match((await response.json()).error.message, wanted);
  }
});

test("boundError() cuts long paths, and leaves what is short as it is", () => {
  const path = Array.from({ length: 30 }, (_, i) => i);
  const error = { code: "invalid_input", message: "m", issues: [{ path, message: "i" }] } as const;
  assert.deepEqual(boundError(error).issues![0].path, [...path.slice(0, 20), "and 10 more"]);
  const short = { ...error, issues: [{ path: ["a", 1], message: "i" }] };
  assert.deepEqual(JSON.stringify(boundError(short)), JSON.stringify(short));
  const cause = { name: "n".repeat(300), message: "m" };
  const named = boundError({ code: "job_failed", message: "m", cause }).cause!.name;
  assert.equal(named, `${"n".repeat(200)}… and 100 more characters`);
});
