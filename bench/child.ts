// The program of a child process: measures one entry of one suite and prints the figures.

import { writeSync } from "node:fs";
import process from "node:process";
import { rootFolder } from "./place.ts";
import { type Answer, ANSWER_MARK, type Request } from "./run_child.ts";
import { loadSuite } from "./suites/all.ts";

process.on("unhandledRejection", fail);
process.on("uncaughtException", fail);
// Ends with its parent, however that ends; and some peers do not keep a process alive for their jobs.
process.stdin.on("end", () => process.exit(1)).resume();

try {
  const { suite: name, test } = JSON.parse(process.argv[2]) as Request;
  checkLibrary();
  const suite = await loadSuite(name);
  answer({ measured: await suite.measure(test) });
} catch (error) {
  fail(error);
}

function fail(error: unknown): void {
  answer({ reason: error instanceof Error ? error.message : String(error) });
}

/** Job files name the library by its name: that must not lead to another checkout's. */
function checkLibrary(): void {
  const found = import.meta.resolve("helixrouter/jobs");
  if (found.startsWith(rootFolder.href)) return;
  throw new Error(`Cannot measure ${rootFolder.href}: "helixrouter" is found at ${found}`);
}

/** Workers that are still there end with the process. */
function answer(value: Answer): never {
  writeSync(1, `\n${ANSWER_MARK}${JSON.stringify(value)}\n`);
  process.exit(0);
}
