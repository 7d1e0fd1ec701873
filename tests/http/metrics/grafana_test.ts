import assert from "node:assert/strict";
import { test } from "node:test";
import { guarded } from "../../fixtures/until.ts";
import { queriesOf, readDashboard } from "../fixtures/dashboard_file.ts";
import { startServer } from "../fixtures/test_server.ts";

const dashboard = readDashboard();

test("the Grafana dashboard asks for metrics and labels that are there", guarded, async () => {
  await using server = await startServer();
  await (await server.post("add", { input: { a: 1, b: 2 } })).text();
  await (await server.post("hold", { input: null, hints: { runTimeoutMs: 5 } })).text();
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const samples = new Set(text.match(/^helix_[a-z_]+/gm));
  // A counter without a sample yet has its name in the head only.
  for (const [, name] of text.matchAll(/^# TYPE (\S+)/gm)) samples.add(name);
  const queries = [
    ...queriesOf(dashboard),
    ...dashboard.templating.list.flatMap(({ query }) => query.query ?? []),
  ];
  assert.ok(queries.length > 20);
  for (const query of queries) {
    const names = query.match(/helix_[a-z_]+/g)!;
    assert.ok(names.length > 0, query);
    for (const name of names) assert.ok(samples.has(name), `${name} in ${query}`);
    assert.equal(query.split("(").length, query.split(")").length, query);
    assert.equal(query.split("{").length, query.split("}").length, query);
    for (const [, labels] of query.matchAll(/by \(([a-z_, ]+)\)/g)) {
      for (const label of labels.split(", ")) {
        const known = new RegExp(`^${names[0]}[^\\n]*[{,]${label}="`, "m");
        const isDynamic = ["reason", "cause"].includes(label); // no sample until one occurs
        assert.ok(isDynamic || known.test(text), `${label} in ${query}`);
      }
    }
  }
});

test("panels of the Grafana dashboard do not overlap", () => {
  const taken = new Set<string>();
  for (const { title, gridPos: { x, y, w, h } } of dashboard.panels) {
    assert.ok(x + w <= 24, title);
    for (let column = x; column < x + w; column++) {
      for (let row = y; row < y + h; row++) {
        const cell = `${column},${row}`;
        assert.ok(!taken.has(cell), title);
        taken.add(cell);
      }
    }
  }
});
