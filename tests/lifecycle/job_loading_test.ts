// How workers come to their job file: whatever module system it is compiled to, however the program was
// started, and whatever stands in for the runtime's own globals.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { createRouter, JobModuleError, runtimeInfo } from "../../mod.ts";
import { defineJobs } from "../../src/define/jobs.ts";
import basicJobs from "../fixtures/basic_jobs.ts";
import { fixtureUrl } from "../fixtures/fixture_url.ts";
import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { runProgram } from "../fixtures/run_program.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";

const pool = { policy: forcedPolicy("cpu_pool"), cpuParallelism: 1 };
const { name } = runtimeInfo();

/** Runs a job of a file with this text, named so, in a worker. */
async function runJobOf(file: string, text: string): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), "helixrouter-jobs-"));
  const url = pathToFileURL(join(folder, file));
  writeFileSync(url, text);
  const jobs = defineJobs(url, { double: { run: (n: number) => n } });
  const router = await createRouter({ jobs, ...pool });
  try {
    return await router.run("double", 21);
  } finally {
    await router.close();
    rmSync(folder, { recursive: true });
  }
}

const SET = '{ kinds: { double: { run: (n) => 2 * n } }, [Symbol.for("helixrouter.jobs")]: 1 }';

test("a job file compiled to exports.default loads in a worker", guarded, async () => {
  const text = '"use strict";\nObject.defineProperty(exports, "__esModule", { value: true });\n';
  assert.equal(await runJobOf("jobs.cjs", `${text}exports.default = ${SET};\n`), 42);
});

test("a job file with module.exports loads in a worker", guarded, async () => {
  assert.equal(await runJobOf("jobs.cjs", `module.exports = ${SET};\n`), 42);
});

test("a job file that is not there is told of with what to do in a bundle", guarded, async () => {
  const jobs = defineJobs(fixtureUrl("is_not_there"), { double: { run: (n: number) => n } });
  const router = await createRouter({ jobs, ...pool });
  await assert.rejects(router.run("double", 1), (error) => {
    assert.ok(error instanceof JobModuleError);
    assert.match(error.message, /is_not_there/);
    assert.match(error.message, /worker: \(\) => new Worker\(new URL\(/);
    return true;
  });
  await router.close();
});

test("an import without an extension is told of with what to do", guarded, async (t) => {
  const reason = "Bun finds such files, and Deno says what to do itself";
  const title = "an import without an extension is told of with what to do";
  if (skippedIf(name !== "node", title, reason)) return t.skip(reason);
  const modules = { "./math": "Cannot find module", "../": "Directory import" };
  for (const [from, problem] of Object.entries(modules)) {
    await assert.rejects(runJobOf("jobs.mjs", `import "${from}";\nexport default ${SET};\n`), {
      name: "JobModuleError",
      message: new RegExp(
        `${problem} .*Workers load .* give imports an extension, [^\n]*$`,
      ),
    });
  }
});

test("a job file that Node cannot read is told of with what to do", guarded, async (t) => {
  const reason = "only Node reads some files and others not";
  const title = "a job file that Node cannot read is told of with what to do";
  if (skippedIf(name !== "node", title, reason)) return t.skip(reason);
  await assert.rejects(runJobOf("jobs.coffee", `export default ${SET};\n`), {
    name: "JobModuleError",
    message: /Unknown file extension ".coffee" .*Workers load .* compile the file, .*In a bundle, /,
  });
});

test("a job file that exports something else is told of with what to do", guarded, async () => {
  await assert.rejects(runJobOf("jobs.mjs", "export default 1;\n"), {
    name: "JobModuleError",
    message: /must be what "defineJobs" returns\. In a bundle, .*new URL\("\.\/jobs\.worker\.js"/,
  });
});

test("jobs for another protocol are told to be of a second version", guarded, async () => {
  const text = `export default { kinds: {}, [Symbol.for("helixrouter.jobs")]: 2 };\n`;
  await assert.rejects(runJobOf("jobs.mjs", text), {
    name: "JobModuleError",
    message: /protocol 2.*two versions of helixrouter are installed/,
  });
});

test("the package is imported where there is no TextEncoder", guarded, async () => {
  const { code, stdout, stderr } = await runProgram("without_codecs");
  assert.deepEqual([code, stdout], [0, "imported\n"], stderr);
});

test("defineJobs() takes a URL, and refuses a path of Windows or of others", () => {
  const kinds = { double: { run: (n: number) => n } };
  assert.equal(defineJobs(new URL("file:///app/jobs.js"), kinds).module, "file:///app/jobs.js");
  for (const path of ["C:\\app\\jobs.js", "c:/app/jobs.js", "/app/jobs.js", "./jobs.js", ""]) {
    assert.throws(() => defineJobs(path, kinds), (error: Error) => {
      assert.ok(error instanceof TypeError && error.message.includes(path));
      return /"import\.meta\.url", in CommonJS "pathToFileURL\(__filename\)"/.test(error.message);
    });
  }
});

const sentence = "a global Worker that is not Node's own starts no worker";
const noShim = skippedIf(name !== "node", sentence, "elsewhere it is the runtime's own");
test(sentence, { ...guarded, skip: noShim }, async () => {
  const scope = globalThis as { Worker?: unknown };
  scope.Worker = class {
    constructor() {
      throw new Error("The shim was taken");
    }
  };
  try {
    const router = await createRouter({ jobs: basicJobs, ...pool });
    assert.equal(await router.run("add", { a: 1, b: 2 }), 3);
    await router.close();
  } finally {
    delete scope.Worker;
  }
});

const program = `
  import { createRouter } from ${JSON.stringify(new URL("../../mod.js", import.meta.url).href)};
  import jobs from ${JSON.stringify(fixtureUrl("basic_jobs"))};
  const decide = () => ({ strategy: "cpu_pool", reason: "forced" });
  const router = await createRouter({ jobs, policy: { name: "pool", decide } });
  console.log(await router.run("add", { a: 1, b: 2 }));
  await router.close();
`;

const starts: Readonly<Record<string, readonly [flags: string[], input: string]>> = {
  "--eval": [["--input-type=module", "--expose-gc", "--eval", program], ""],
  "stdin": [["--max-old-space-size=500", "--input-type", "module"], program],
};
for (const [way, [flags, input]] of Object.entries(starts)) {
  const sentence = `a program that Node reads from ${way} starts workers`;
  const skip = skippedIf(name !== "node", sentence, "Node alone has flags that workers refuse");
  test(sentence, { ...guarded, skip }, () => {
    const { stdout, stderr } = spawnSync(process.execPath, flags, { input, encoding: "utf8" });
    assert.equal(stdout.trim(), "3", stderr);
  });
}
