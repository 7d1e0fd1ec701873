// A short form of the campaign, which `npm run chaos` runs for longer.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeInfo } from "../../mod.ts";
import { runProgram } from "../fixtures/run_program.ts";

const guarded = { timeout: 60_000 };
const program = "../../chaos/main";

test("router keeps account of every job while others do their worst", guarded, async () => {
  const args = ["--seed", "7", "--seconds", "4"];
  const leave = ["--allow-env", "--allow-run"]; // for jobs that sleep natively
  const { code, stdout, stderr } = await runProgram(program, args, [], leave);
  // What was found comes last: logs are cut from the front.
  const said = `${stderr}\n${stdout}`;
  assert.equal(code, 0, `The campaign did not end by itself, or not well:\n${said}`);
  const lines = Object.fromEntries(
    [...stdout.matchAll(/^(\w+): +(.*)$/gm)].map(([, name, value]) => [name, value]),
  );
  assert.equal(lines.runtime, `${runtimeInfo().name} ${runtimeInfo().version}`);
  assert.equal(lines.seed, "7");
  const { lost, doubled, hung, wrong } = lines;
  assert.deepEqual([lost, doubled, hung, wrong], ["0", "0", "0", "0"], said);
  assert.ok(parseInt(lines.jobs) >= 100, said);
  assert.match(lines.workers, /^\d+ started, [1-9]\d* crashed, /, said);
});

test("campaign refuses a wrong command line", guarded, async () => {
  for (
    const args of [["--seconds", "soon"], ["--seed", "-1"], ["--sead", "1"], [
      "--transport",
      "pigeon",
    ], ["more"]]
  ) {
    const { code, stdout, stderr } = await runProgram(program, args);
    assert.deepEqual([code, stdout], [2, ""]);
    assert.match(stderr, /--seconds N/);
  }
});
