import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { VERSION } from "../../src/cli/version.ts";
import { type Ended, runCli, runLines } from "./run_cli.ts";

test("--version and --help end with 0", async () => {
  const version = await runCli(["--version"]);
  assert.deepEqual(version, { code: 0, stdout: `${VERSION}\n`, stderr: "" });
  const ends = await runLines([["--help"], ["simulate", "--help"], ["serve", "-h"]]);
  for (const { code, stdout, stderr } of ends) {
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: helixrouter /);
    assert.equal(stderr, "");
    for (const line of stdout.split("\n")) assert.ok(line.length <= 90, line);
  }
});

test("the version is that of the package", () => {
  // From dist/tests the manifest is one folder further up.
  const up = import.meta.url.includes("/dist/tests/") ? "../../../" : "../../";
  const manifest = readFileSync(new URL(`${up}package.json`, import.meta.url), "utf8");
  assert.equal(JSON.parse(manifest).version, VERSION);
});

const WRONG: readonly [args: readonly string[], message: string][] = [
  [[], "Command is missing: must be one of simulate, serve, --help, --version"],
  [["simulat"], 'Unknown command "simulat": must be one of simulate, serve, --help, --version'],
  [["simulate", "--job", "3"], "Unknown option --job: simulate takes --jobs, --seed, "],
  [["simulate", "-x"], "Unknown option -x: simulate takes "],
  [["simulate", "--jobs"], "--jobs needs a value"],
  [["simulate", "--jobs", "0"], '--jobs must be an integer from 1 to 1000000: received "0"'],
  [["simulate", "--jobs", "-5"], '--jobs must be an integer from 1 to 1000000: received "-5"'],
  [["simulate", "--seed=1.5"], '--seed must be an integer from 0 to 4294967295: received "1.5"'],
  [["simulate", "--workers", "0"], '--workers must be an integer from 1 to 1024: received "0"'],
  [["simulate", "--queue", "no"], '--queue must be an integer from 1 to 1000000: received "no"'],
  [["simulate", "--policy", "best"], '--policy must be adaptive or threshold: received "best"'],
  [["simulate", "--json=yes"], '--json takes no value: received "yes"'],
  [["simulate", "more"], 'Unexpected argument "more"'],
  [["simulate", "--speed", "2"], "--speed can only be used with --trace"],
  [["simulate", "--trace", "x", "--speed", "0"], "--speed must be a number above 0 and at most"],
  [["simulate", "--trace", "x", "--jobs", "2"], "--jobs cannot be used with --trace"],
  [["simulate", "--trace", "/no/such/file"], "Cannot read --trace /no/such/file: "],
  [["simulate", "--record", "/no/such/file"], "Cannot write --record /no/such/file: "],
  [["simulate", "--virtual", "--jobs", "9"], "--jobs cannot be used with --virtual, --compare or"],
  [
    ["simulate", "--compare", "a,b"],
    "--compare takes adaptive, adaptive-count, threshold, inline-only, ",
  ],
  [["simulate", "--compare", ","], "--compare needs a name"],
  [["simulate", "--workload", "x"], "--workload must be a .json file or one of mix, "],
  [["simulate", "--workload", "no.json"], "--workload no.json: Cannot read it: "],
  [["simulate", "--load", "0"], "--load must be a share of what the cores can do, above 0"],
  [
    ["simulate", "--compare", "oracle", "--policy", "threshold"],
    "--policy must be a file in virtual time",
  ],
  [["simulate", "--policy", "./no.js"], "Cannot load --policy ./no.js: "],
  [["simulate", "--cost-says", "x"], "--cost-says must be one of right, tenth, "],
  [["simulate", "--rate", "9", "--load", "1"], "--rate cannot be used with --load"],
  [["simulate", "--trace", "x.jsonl", "--load", "1"], "--load cannot be used with --trace"],
  [["serve", "--port", "65536"], '--port must be an integer from 0 to 65535: received "65536"'],
  [["serve", "a", "b"], 'Unexpected argument "b"'],
  [["serve", "/no/such/file.js"], "Cannot load job file /no/such/file.js: "],
  [["serve", "--record", "/no/such/file"], "Cannot write --record /no/such/file: "],
  [
    ["serve", "--drain-ms", "-1"],
    '--drain-ms must be an integer from 0 to 2147483647: received "-1"',
  ],
  [["serve", "--token", "a b"], "--token must be 1 to 512 visible ASCII characters"],
  [
    ["serve", "--allow-host", "a:80"],
    "--allow-host must be names or addresses without a port, or ",
  ],
  [
    ["serve", "--host", "0.0.0.0"],
    "--host 0.0.0.0 is reachable from other machines: set a --token",
  ],
  [["serve", "jobs.js", "--simulate"], "--simulate cannot be used with a job file"],
];

function assertWrong(ended: Ended, [args, message]: (typeof WRONG)[number]): void {
  const { code, stdout, stderr } = ended;
  const label = args.join(" ");
  assert.equal(code, 2, label);
  assert.equal(stdout, "", label);
  assert.ok(stderr.startsWith(`helixrouter: ${message}`), `${label}: ${stderr}`);
  assert.equal(stderr.split("\n").length, 2, `${label}: ${stderr}`);
}

test("wrong usage gives 2 and one line that says what is wrong", async () => {
  const ends = await runLines(WRONG.map(([args]) => args));
  for (const [i, ended] of ends.entries()) assertWrong(ended, WRONG[i]);
});

for (const name of [undefined, "simulate", "serve"]) {
  test(`a process ends so for wrong usage: ${name ?? "no command"}`, async () => {
    const wrong = WRONG.find(([[command]]) => command === name)!;
    assertWrong(await runCli(wrong[0]), wrong);
  });
}

test("a wrong HELIX_LOG is wrong usage", async () => {
  const { code, stderr } = await runCli(["simulate"], { env: { HELIX_LOG: "loud" } });
  assert.equal(code, 2);
  assert.equal(
    stderr,
    'helixrouter: HELIX_LOG must be one of debug, info, warn, off: received "loud"\n',
  );
});
