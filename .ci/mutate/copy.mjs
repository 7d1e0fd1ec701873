// A private copy of the build, in which one file at a time is mutated and tests are run.
import { spawn } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { root } from "../steps.mjs";
import { emit, withReports } from "./operators.mjs";

/** Enough for every test; a mutant that fills the memory is found out soon. */
const HEAP_MB = 1024;

const built = (file) => join("dist", file.replace(/\.ts$/, ".js"));

export class Copy {
  #folder = fs.mkdtempSync(join(tmpdir(), "helixrouter-mutate-"));
  #reports = join(this.#folder, "ran.txt");
  #child = null;

  constructor() {
    for (const name of fs.readdirSync(root)) {
      const [from, to] = [join(root, name), join(this.#folder, name)];
      if (name === "dist") fs.cpSync(from, to, { recursive: true });
      else if (name !== ".git") fs.symlinkSync(from, to);
    }
    // Written at once, as a worker may be ended at any time.
    fs.writeFileSync(
      join(this.#folder, "ran.mjs"),
      `import { appendFileSync } from "node:fs";
const seen = new Set();
export function ran(place) {
  if (seen.has(place)) return;
  seen.add(place);
  appendFileSync(${JSON.stringify(this.#reports)}, place + "\\n");
}
`,
    );
  }

  /** Puts the JavaScript of this text in the place of a source file's. */
  write(file, text) {
    fs.writeFileSync(join(this.#folder, built(file)), emit(file, text));
  }

  restore(file) {
    fs.copyFileSync(join(root, built(file)), join(this.#folder, built(file)));
  }

  /** Makes a source file report what runs, for {@linkcode takeReports}. */
  writeReporting(file) {
    const text = fs.readFileSync(join(root, file), "utf8");
    const url = pathToFileURL(join(this.#folder, "ran.mjs"));
    const report = (body) => `__ran("${file}:${body}")`;
    this.write(file, `import { ran as __ran } from "${url}";${withReports(file, text, report)}`);
  }

  /** What has run since the last call: `file:body` of each function. */
  takeReports() {
    const reports = fs.readFileSync(this.#reports, { encoding: "utf8", flag: "a+" });
    fs.rmSync(this.#reports);
    return new Set(reports.trimEnd().split("\n"));
  }

  /** Runs a test file to its first failure. `ended` is "passed", "failed" or "late". */
  test(file, limitMs) {
    const startedAt = performance.now();
    const flags = [`--max-old-space-size=${HEAP_MB}`, "--test-reporter=tap"];
    const child = spawn(process.execPath, [...flags, built(file)], {
      cwd: this.#folder,
      // A group of its own, to end with it what a test has started.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#child = child;
    return new Promise((resolve, reject) => {
      let output = "";
      let ended = "passed";
      const end = (as) => {
        if (ended === "passed") ended = as;
        this.#kill();
      };
      const timer = setTimeout(end, limitMs, "late");
      const take = (text) => {
        output += text;
        // Up to the end of what it says about the failure.
        if (/^ *not ok [^]*^ *\.\.\.$/m.test(output)) end("failed");
      };
      child.stdout.setEncoding("utf8").on("data", take);
      child.stderr.setEncoding("utf8").on("data", (text) => output += text);
      child.on("error", reject);
      child.on("exit", (code) => {
        clearTimeout(timer);
        if (code !== 0) end("failed");
        this.#kill();
        this.#child = null;
        resolve({ ended, output, ms: performance.now() - startedAt });
      });
    });
  }

  #kill() {
    try {
      if (this.#child !== null) process.kill(-this.#child.pid, "SIGKILL");
    } catch {
      // All of the group have ended.
    }
  }

  remove() {
    this.#kill();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}
