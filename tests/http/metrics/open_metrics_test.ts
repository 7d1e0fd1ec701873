import assert from "node:assert/strict";
import { test } from "node:test";
import { toFamilies } from "../../../src/http/metrics/figures.ts";
import { formatFor, OPEN_METRICS, PROMETHEUS } from "../../../src/http/metrics/text.ts";
import { guarded } from "../../fixtures/until.ts";
import { startServer } from "../fixtures/test_server.ts";

test("GET /metrics answers in OpenMetrics to who asks for it", guarded, async () => {
  await using server = await startServer();
  await (await server.post("add", { input: { a: 1, b: 2 } })).text();
  const accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3,*/*;q=0.1";
  const response = await fetch(`${server.url}/metrics`, { headers: { accept } });
  assert.equal(response.headers.get("content-type"), OPEN_METRICS.contentType);
  assert.equal(response.headers.get("vary"), "accept");
  const lines = (await response.text()).split("\n");
  assert.deepEqual(lines.slice(-2), ["# EOF", ""]);
  const families = new Map(
    lines.flatMap((line) => {
      const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, type]];
    }),
  );
  assert.equal(families.get("helix_jobs"), "counter");
  assert.equal(families.get("helix_router"), "info");
  for (const line of lines) {
    if (line.startsWith("#") || line === "") continue;
    const [name] = /^[a-z_]+/.exec(line)!;
    const base = name.replace(/_(total|info|bucket|sum|count)$/, "");
    const type = families.get(base) ?? families.get(name);
    const endings = { counter: "_total", info: "_info", gauge: "" } as const;
    if (type === "histogram") assert.match(name, /_(bucket|sum|count)$/);
    else assert.equal(name, (type === "gauge" ? name : base) + endings[type as "gauge"], line);
  }
  for (const [name] of families) {
    const hasUnit = lines.includes(`# UNIT ${name} seconds`);
    assert.equal(hasUnit, name.endsWith("_seconds"), name);
  }
});

test("OpenMetrics writes bounds in its one way, Prometheus as they are", async () => {
  await using server = await startServer();
  const families = toFamilies(server.router.stats());
  const boundsOf = (text: string, name: string) =>
    [...text.matchAll(new RegExp(`^${name}_bucket{le="([^"]+)"}`, "gm"))].map(([, le]) => le);
  const [lag, batch] = ["helix_event_loop_lag_seconds", "helix_batch_jobs"];
  const open = OPEN_METRICS.write(families);
  assert.deepEqual(boundsOf(open, lag), [
    ...["1e-05", "2.5e-05", "5e-05", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005"],
    ...["0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1.0", "2.5", "5.0", "10.0", "60.0", "+Inf"],
  ]);
  assert.deepEqual(boundsOf(open, batch).slice(0, 3), ["1.0", "2.0", "4.0"]);
  const plain = PROMETHEUS.write(families);
  assert.deepEqual(boundsOf(plain, lag).slice(-3), ["10", "60", "+Inf"]);
  assert.deepEqual(boundsOf(plain, batch).slice(0, 3), ["1", "2", "4"]);
});

test("the format is the one that a client wants most", () => {
  const cases = [
    [undefined, PROMETHEUS],
    ["*/*", PROMETHEUS],
    ["text/plain", PROMETHEUS],
    ["text/html, application/openmetrics-text;q=0", PROMETHEUS],
    ["text/plain;version=0.0.4;q=0.9, application/openmetrics-text;q=0.5", PROMETHEUS],
    ["application/openmetrics-text", OPEN_METRICS],
    ["application/openmetrics-text; version=1.0.0; q=0.75, text/plain;q=0.5", OPEN_METRICS],
  ] as const;
  for (const [accept, wanted] of cases) assert.equal(formatFor(accept), wanted, accept);
});
