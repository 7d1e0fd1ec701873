import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { runtimeInfo } from "../../mod.ts";
import { readRecording } from "../../src/simulation/mod.ts";
import { fixtureUrl } from "../fixtures/fixture_url.ts";
import { runCli, withFolder } from "./run_cli.ts";
import { startServe } from "./run_serve.ts";

interface Stats {
  readonly submitted: number;
  readonly dropReasons: Readonly<Record<string, number>>;
}

test("serve answers, feeds its router, and ends with 0 when it is interrupted", async () => {
  const { run, ask } = await startServe(["--simulate"]);
  const { name, version } = runtimeInfo();
  assert.ok(run.printed.stdout.includes(` on ${name} ${version}: hash_mix, prime_count, `));
  const json = { input: { id: 1, inputs: [], cost: 10_000 } };
  const { body } = await ask("/api/jobs/prime_count", { method: "POST", json });
  const { status, output } = body as { status: string; output: number };
  assert.deepEqual([status, output], ["completed", 1_229]);
  while (((await ask("/api/stats")).body as Stats).submitted < 100) await pause();
  run.kill("SIGINT");
  const { code, stderr } = await run.ended;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^helixrouter: simulation started\nhelixrouter: shutting down: /);
});

test("serve takes changes with the token it prints, and logs them", async () => {
  await using serving = await startServe([]);
  const { run, token, ask } = serving;
  const change = { method: "PATCH", json: { cpuQueueCapacity: 9 } };
  assert.equal((await ask("/api/config", change)).status, 401);
  assert.equal((await ask("/api/config", { ...change, token: token + "x" })).status, 401);
  assert.equal((await ask("/api/config", { ...change, token })).status, 200);
  while (!run.printed.stderr.includes("\n")) await pause();
  const { level, logger, action, before, after } = JSON.parse(run.printed.stderr.trim());
  assert.deepEqual([level, logger, action], ["INFO", "helixrouter.audit", "configure"]);
  assert.deepEqual([before, after], [{ cpuQueueCapacity: 10_000 }, { cpuQueueCapacity: 9 }]);
});

test("serve logs a worker that dies after its job", async () => {
  const path = fileURLToPath(fixtureUrl("late_death_jobs"));
  await using serving = await startServe([path, "--workers", "1"]);
  const { run, ask } = serving;
  const json = { input: "it broke" };
  await ask("/api/jobs/rejectsLater", { method: "POST", json }); // the first of a kind goes to a worker
  while (!run.printed.stderr.includes("helixrouter: worker 1 died")) await pause();
  assert.match(
    run.printed.stderr,
    /^helixrouter: worker 1 died \(error\) while idle, last kind "rejectsLater": /m,
  );
  assert.match(run.printed.stderr, /it broke/);
});

test("serve with a chosen token wants it for every request", async () => {
  for (const [args, env] of [[["--token", "se%+cret"], {}], [[], { HELIX_TOKEN: "se%+cret" }]]) {
    await using serving = await startServe(args as string[], {
      env: env as Record<string, string>,
    });
    assert.equal(serving.token, "se%+cret");
    assert.equal((await serving.ask("/api/stats")).status, 401);
    assert.equal((await serving.ask("/api/stats", serving)).status, 200);
    assert.equal((await serving.ask("/healthz")).status, 200);
  }
});

test("serve runs an overload until it is told to stop", async () => {
  await using serving = await startServe(["--workers", "1"]);
  const { run, token, ask } = serving;
  const demo = (run: string) => ask("/api/demo", { method: "POST", token, json: { run } });
  assert.deepEqual(await demo("overload"), { status: 202, body: { running: "overload" } });
  for (;;) {
    const { dropReasons } = (await ask("/api/stats")).body as Stats;
    if ((dropReasons.pool_saturated ?? 0) + (dropReasons.expired ?? 0) > 10) break;
    await pause();
  }
  assert.deepEqual((await demo("simulation")).body, { running: "simulation" });
  assert.deepEqual((await demo("stop")).body, { running: null });
  assert.deepEqual((await ask("/api/demo")).body, { running: null });
  assert.match(
    run.printed.stderr,
    /overload started\n.*simulation started\n.*simulation stopped\n/s,
  );
});

const JOBS = (jobs: string) =>
  `import { defineJobs } from ${JSON.stringify(jobs)};
export default defineJobs(import.meta.url, {
  greet: { cost: 1, run: (name) => "Hello " + name },
  wait: { cost: 1, run: (ms) => new Promise((resolve) => setTimeout(resolve, ms, "waited")) },
});`;

test("serve --record writes the jobs of any kind, and what came of them", () =>
  withFolder(async (pathOf) => {
    const extension = import.meta.url.slice(-2);
    const path = pathOf("day.jsonl");
    writeFileSync(
      pathOf("jobs.mjs"),
      JOBS(new URL(`../../src/define/jobs.${extension}`, import.meta.url).href),
    );
    const { run, ask } = await startServe([pathOf("jobs.mjs"), "--record", path]);
    const json = { input: "world", hints: { latencyBudgetMs: 30_000 } };
    assert.equal((await ask("/api/jobs/greet", { method: "POST", json })).status, 200);
    // What waits for its chunk is written in time, not only in the end.
    while (!readFileSync(path, "utf8").includes('greet","cost')) await pause();
    const waiting = ask("/api/jobs/wait", { method: "POST", json: { input: 200 } });
    while (((await ask("/api/stats")).body as Stats).submitted < 2) await pause();
    run.kill("SIGTERM");
    await waiting;
    assert.equal((await run.ended).code, 0);
    const { header, records, badRows } = readRecording(readFileSync(path, "utf8"));
    assert.equal(badRows, 0);
    assert.deepEqual(header?.kinds, ["greet", "wait"]);
    assert.deepEqual(
      records.map(({ kind, cost, budget_ms, input, outcome }) => [
        ...[kind, cost, budget_ms, input, outcome.status],
      ]),
      [["greet", 1, 30_000, undefined, "completed"], [
        "wait",
        1,
        undefined,
        undefined,
        "completed",
      ]],
    );
  }));

test("serve takes a job file of one's own, and lets what runs end", () =>
  withFolder(async (pathOf) => {
    const extension = import.meta.url.slice(-2);
    writeFileSync(
      pathOf("jobs.mjs"),
      JOBS(new URL(`../../src/define/jobs.${extension}`, import.meta.url).href),
    );
    const { run, ask } = await startServe([pathOf("jobs.mjs")]);
    const greeting = await ask("/api/jobs/greet", { method: "POST", json: { input: "world" } });
    assert.equal((greeting.body as { output: string }).output, "Hello world");
    assert.equal((await ask("/api/demo")).status, 404);
    const waiting = ask("/api/jobs/wait", { method: "POST", json: { input: 400 } });
    while (((await ask("/api/stats")).body as Stats).submitted < 2) await pause();
    run.kill("SIGTERM");
    assert.equal(((await waiting).body as { output: string }).output, "waited");
    assert.equal((await run.ended).code, 0);

    writeFileSync(pathOf("none.mjs"), "export default 3;");
    const { code, stderr } = await runCli(["serve", pathOf("none.mjs")]);
    assert.equal(code, 2);
    assert.match(stderr, /its default export must be what "defineJobs" returns\n$/);
    const named = readFileSync(pathOf("jobs.mjs"), "utf8").replace("default", "const mine =");
    writeFileSync(pathOf("named.mjs"), named);
    const told = (await runCli(["serve", pathOf("named.mjs")])).stderr;
    assert.match(told, /returns, as its export "mine" is: write "export default"\n$/);
  }));

test("serve --drain-ms is how long what runs may take", () =>
  withFolder(async (pathOf) => {
    const extension = import.meta.url.slice(-2);
    writeFileSync(
      pathOf("jobs.mjs"),
      JOBS(new URL(`../../src/define/jobs.${extension}`, import.meta.url).href),
    );
    const { run, ask } = await startServe([pathOf("jobs.mjs"), "--drain-ms", "50"]);
    const waiting = ask("/api/jobs/wait", { method: "POST", json: { input: 3_600_000 } });
    const ended = waiting.then(() => "answered", () => "cut off");
    while (((await ask("/api/stats")).body as Stats).submitted < 1) await pause();
    run.kill("SIGTERM");
    assert.equal((await run.ended).code, 0);
    assert.equal(await ended, "cut off");
  }));

test("serve ends with 1 when its port is taken", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const { code, stdout, stderr } = await runCli(["serve", "--port", String(port)]);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assert.ok(stderr.includes(`Cannot listen on 127.0.0.1:${port}`), stderr);
  await new Promise((resolve) => server.close(resolve));
});

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 10));
}
