import assert from "node:assert/strict";
import { createServer } from "node:net";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { runtimeInfo } from "../../mod.ts";
import type { SimulationReport } from "../../src/simulation/mod.ts";
import { runCli, startCli, withFolder } from "./run_cli.ts";

/** Ten requests at once, and one in an hour. */
const TRACE = [
  "at_ms,kind,cost,scaling,budget_ms",
  ...Array<string>(10).fill("0,llm_request,1000,0.5,60000"),
  "36000000,llm_request,1000,0.5,60000",
].join("\n");

test("simulate that is interrupted says what was done so far", () =>
  withFolder(async (pathOf) => {
    writeFileSync(pathOf("long.csv"), TRACE);
    const run = startCli(["simulate", "--trace", pathOf("long.csv")]);
    await run.shows("Calibrated");
    run.kill("SIGINT");
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 130, stderr);
    assert.ok(stdout.includes("Interrupted: this is what was done so far."), stdout);
    assert.ok(stdout.includes("== HelixRouter summary =="), stdout);
  }));

test("simulate --json that is terminated prints its report all the same", () =>
  withFolder(async (pathOf) => {
    writeFileSync(pathOf("long.csv"), TRACE);
    const run = startCli(["simulate", "--trace", pathOf("long.csv"), "--json"]);
    while (!run.printed.stderr.includes("Calibrated")) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    run.kill("SIGTERM");
    const { code, stdout, stderr } = await run.ended;
    assert.equal(code, 143, stderr);
    const report: SimulationReport = JSON.parse(stdout);
    assert.ok(report.submitted <= 10);
    assert.equal(report.submitted, report.completed + report.dropped + report.cancelled);
  }));

test("serve answers, and ends with 0 when it is interrupted", async () => {
  const run = startCli(["serve", "--port", "0", "--simulate"]);
  await run.shows("http://");
  const { name, version } = runtimeInfo();
  assert.ok(run.printed.stdout.includes(` on ${name} ${version}: hash_mix, prime_count, `));
  const [url] = /http:\S+/.exec(run.printed.stdout) ?? assert.fail(run.printed.stdout);
  const response = await fetch(`${url}/api/jobs/prime_count`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ input: { id: 1, inputs: [], cost: 10_000 } }),
  });
  const { status, output } = await response.json() as { status: string; output: number };
  assert.deepEqual([status, output], ["completed", 1_229]);
  let submitted = 1;
  while (submitted < 100) {
    const stats = await (await fetch(`${url}/api/stats`)).json() as { submitted: number };
    submitted = stats.submitted;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  run.kill("SIGINT");
  const { code, stderr } = await run.ended;
  assert.equal(code, 0, stderr);
});

test("serve takes a job file of one's own", () =>
  withFolder(async (pathOf) => {
    const extension = import.meta.url.slice(-2);
    const jobs = new URL(`../../src/jobs.${extension}`, import.meta.url).href;
    writeFileSync(
      pathOf("jobs.mjs"),
      `import { defineJobs } from ${JSON.stringify(jobs)};
export default defineJobs(import.meta.url, { greet: { cost: 1, run: (n) => "Hello " + n } });`,
    );
    const run = startCli(["serve", pathOf("jobs.mjs"), "--port", "0"]);
    await run.shows("http://");
    const [url] = /http:\S+/.exec(run.printed.stdout) ?? assert.fail(run.printed.stdout);
    const response = await fetch(`${url}/api/jobs/greet`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ input: "world" }),
    });
    assert.equal((await response.json() as { output: string }).output, "Hello world");
    run.kill("SIGTERM");
    assert.equal((await run.ended).code, 0);

    writeFileSync(pathOf("none.mjs"), "export default 3;");
    const { code, stderr } = await runCli(["serve", pathOf("none.mjs")]);
    assert.equal(code, 2);
    assert.match(stderr, /its default export must be what "defineJobs" gives\n$/);
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
