// What the scripts in this folder share: running commands, counting, and the last line `.ci/run` adds up.
// Only `node:` modules, so that Node and Deno both run these scripts.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** Programs of this package's dependencies, and of tools/, come before those of the machine. */
const folders = [join(root, "node_modules", ".bin"), join(root, ".ci/tools/node_modules", ".bin")];
const env = {
  ...process.env,
  NO_COLOR: "1",
  PATH: [...folders, process.env.PATH ?? ""].join(delimiter),
};

/** On Windows npm and the programs of packages are .cmd files, which only a shell starts. */
const shell = process.platform === "win32";

/** Starts a command, with the programs of the packages on its path. */
export function start(command, args, { env: more = {}, ...options } = {}) {
  // The shell is given one line: what has spaces in it must be quoted.
  const given = shell ? args.map(quote) : args;
  return spawn(command, given, { ...options, env: { ...env, ...more }, shell });
}

function quote(text) {
  return /^[\w./\\:=@-]+$/.test(text) ? text : `"${text.replaceAll('"', '\\"')}"`;
}

/**
 * Runs a command, shows what it prints as it prints it (unless `quiet`), and keeps it.
 * A command that cannot be started gives code 127; one that outlives `timeoutMs` is ended, code 124.
 */
export function run(command, args, options = {}) {
  const { cwd = root, quiet = false, timeoutMs = 480_000, env: more = {} } = options;
  return new Promise((resolve) => {
    const child = start(command, args, { cwd, env: more, stdio: ["ignore", "pipe", "pipe"] });
    let output = "", stdout = "", late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, timeoutMs);
    const take = (stream) => (chunk) => {
      output += chunk;
      if (stream === process.stdout) stdout += chunk;
      if (!quiet) stream.write(chunk);
    };
    child.stdout.setEncoding("utf8").on("data", take(process.stdout));
    child.stderr.setEncoding("utf8").on("data", take(process.stderr));
    const end = (code) => {
      clearTimeout(timer);
      resolve({ code, output, stdout });
    };
    child.on("error", (error) => {
      output += `${command}: ${error.message}\n`;
      end(127);
    });
    child.on("close", (code, signal) => {
      if (signal !== null) {
        const why = late ? `it took more than ${timeoutMs} ms` : "by someone else";
        take(process.stderr)(`${command} was ended with ${signal}: ${why}\n`);
      }
      end(late ? 124 : code ?? 1);
    });
  });
}

/** Whether `command --version` can be run. */
export async function isThere(command) {
  return (await run(command, ["--version"], { quiet: true })).code === 0;
}

/** Counts checks by name and prints each; `end()` prints the line `.ci/run` reads. */
export function createTally(title) {
  const count = { passed: 0, failed: 0, skipped: 0 };
  return {
    /** Counts the tests of one section; a section that fails without a failed test counts one. */
    add({ passed, failed, skipped }, code) {
      count.passed += passed;
      count.failed += failed === 0 && (code !== 0 || passed === 0) ? 1 : failed;
      count.skipped += skipped;
    },
    /** One check; `check` returns undefined when all is well, else what is wrong. Gives whether it passed. */
    async check(name, check) {
      const startedAt = performance.now();
      const problem = await Promise.resolve().then(check).catch((error) =>
        error.stack ?? `${error}`
      );
      const took = `${((performance.now() - startedAt) / 1000).toFixed(1)} s`;
      count[problem === undefined ? "passed" : "failed"]++;
      console.log(
        problem === undefined ? `ok   ${name} (${took})` : `FAIL ${name} (${took})\n${problem}`,
      );
      return problem === undefined;
    },
    /** One check that is a command: well when it exits with 0, quiet unless it fails. */
    command(name, command, args, options = {}) {
      return this.check(name, async () => {
        const { code, output } = await run(command, args, { quiet: true, ...options });
        return code === 0 ? undefined : `${output.trimEnd()}\nexit code ${code}`;
      });
    },
    skip(name, reason) {
      count.skipped++;
      console.log(`skip ${name}: ${reason}`);
    },
    end() {
      console.log(
        `tally ${title}: ${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`,
      );
      process.exitCode = count.failed === 0 ? 0 : 1;
    },
  };
}
