// What Prometheus' own tool says of GET /metrics, and of the queries of the dashboard.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { skippedIf } from "../../fixtures/skipped.ts";
import { guarded, until } from "../../fixtures/until.ts";
import { queriesOf, readDashboard } from "../fixtures/dashboard_file.ts";
import { makeHistory } from "../fixtures/history.ts";
import { runCommand } from "../fixtures/run_program.ts";
import { startServer } from "../fixtures/test_server.ts";

const isMissing = (await runCommand("promtool", ["--version"])).code === -1;
const withPromtool = (name: string) => ({
  ...guarded,
  skip: skippedIf(isMissing, name, "promtool is not on PATH"),
});

/** A folder that is gone afterwards. */
function createFolder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "helixrouter-promtool-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

test("promtool check metrics", withPromtool("promtool check metrics"), async () => {
  await using server = await startServer();
  const lint = async () => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const { code, stdout, stderr } = await runCommand("promtool", ["check", "metrics"], text);
    assert.equal(code, 0, stdout + stderr + text);
    assert.equal(stdout + stderr, "");
  };
  await lint();
  await makeHistory(server);
  await lint();
});

test("promtool reads OpenMetrics", withPromtool("promtool reads OpenMetrics"), async () => {
  await using server = await startServer();
  await makeHistory(server);
  await until(() => server.router.stats().workers.busy === 0);
  const headers = { accept: "application/openmetrics-text" };
  const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
  using folder = createFolder();
  const load = async (name: string, lines: string) => {
    const path = join(folder.path, name);
    writeFileSync(path, lines);
    const args = ["tsdb", "create-blocks-from", "openmetrics", path, join(folder.path, "db")];
    return await runCommand("promtool", args);
  };
  // It takes samples for a database, so that each needs its time.
  const timed = text.replace(/^(?!#).+$/gm, "$& 1700000000");
  const cut = await load("cut", timed.replace("# EOF\n", ""));
  assert.notEqual(cut.code, 0, "what ends early must not pass");
  const { code, stdout, stderr } = await load("whole", timed);
  assert.equal(code, 0, stderr + timed);
  const samples = timed.match(/^(?!#).+$/gm)!.length;
  const [head, row] = stdout.trim().split("\n").slice(-2).map((line) => line.split(/ {2,}/));
  assert.equal(row[head.indexOf("NUM SAMPLES")], `${samples}`, stdout);
  assert.equal(row[head.indexOf("NUM SERIES")], `${samples}`, stdout);
});

test("promtool check rules", withPromtool("promtool check rules"), async () => {
  const rules = queriesOf(readDashboard()).map((expr, i) => ({
    record: `query:${i}`,
    expr: expr.replaceAll("$__rate_interval", "1m"),
  }));
  assert.ok(rules.length > 20);
  using folder = createFolder();
  const path = join(folder.path, "rules.yml"); // YAML takes JSON, too
  writeFileSync(path, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
  const { code, stdout, stderr } = await runCommand("promtool", ["check", "rules", path]);
  assert.equal(code, 0, stdout + stderr);
});
