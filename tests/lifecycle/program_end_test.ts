// A program that uses a router ends by itself, closed or not, and what it began is done first.
import assert from "node:assert/strict";
import { test } from "node:test";
import { runtimeInfo } from "../../mod.ts";
import { runProgram } from "../fixtures/run_program.ts";
import { skippedIf } from "../fixtures/skipped.ts";
import { guarded } from "../fixtures/until.ts";

const EVERY_LANE = "inline spawn cpu_pool batch";

/** What each program of `lives.ts` prints. */
const lives: Readonly<Record<string, readonly [test: string, prints: string]>> = {
  closes: ["close() lets the program end", EVERY_LANE],
  disposes: ["Symbol.asyncDispose lets the program end", EVERY_LANE],
  forgetsToClose: ["a program that forgets close() ends", EVERY_LANE],
  neverUsesIt: ["a program that never uses its router ends", "unused"],
  closesUnused: ["close() ends workers that were never used", "0"],
  leavesOneRunningInAWorker: ["a job that waits in a worker is finished first", "waited"],
  leavesOneLoopingInAWorker: ["a job that computes in a worker is finished first", "spun"],
  leavesOneWaitingForAWorker: ["a job that waits for a worker is finished first", "3"],
  leavesOneGathering: ["a job in a gathering batch is finished first", "7"],
  leavesOneSpawned: ["a spawned job is finished first", "waited"],
  leavesOneInline: ["an inline job is finished first", "waited"],
  leavesTimersBehind: ["limits of jobs that are over keep no program alive", "waited waited"],
  closesAgainAndAgain: ["close() may be called any number of times", "RouterClosedError"],
  closesWhileAWorkerStarts: ["close() ends a worker that is being started", "RouterClosedError"],
  closesOnJobsThatDoNotEnd: ["close() cancels jobs that do not end", "RouterClosedError"],
  closesOnAWorkerThatDoesNotListen: [
    "close() ends a worker whose job does not listen",
    "RouterClosedError",
  ],
  forgetsAfterAbort: ["a program that aborted a job ends", "aborted"],
  forgetsAfterACrash: [
    "a program whose workers died ends",
    "JobFailedError WorkerCrashedError WorkerCrashedError JobFailedError WorkerCrashedError",
  ],
  isRefusedARouter: ["a program whose createRouter() was rejected ends", "JobModuleError"],
  isRefusedARouterLate: ["createRouter() hears of a start that fails late", "WorkerCrashedError"],
  leavesOneWaitingForTheNextWorker: [
    "a job that waits for a worker to be replaced is finished first",
    "9",
  ],
  leavesOneWaitingForTheFirstWorker: [
    "a job that waits for the worker that was started ahead is finished first",
    "9",
  ],
  leavesOneWaitingForAWorkerThatCloses: [
    "a job that waits for a worker which closes itself is refused first",
    "refused",
  ],
  recyclesTheFirstWorker: ["a worker that was started ahead is replaced first", "recycled"],
  forgetsAfterFailedStart: ["a program whose workers could not start ends", "JobModuleError"],
};

for (const [name, [sentence, prints]] of Object.entries(lives)) {
  test(sentence, guarded, () => endsByItself(name, prints));
}

const longLoad = "a worker that was started ahead and loads for long is not waited for";
const isDeno = runtimeInfo().name === "deno";
const skip = skippedIf(isDeno, longLoad, "there, any worker keeps the program alive");
test(longLoad, { ...guarded, skip }, () => endsByItself("leavesAWorkerThatLoads", "left"));

async function endsByItself(name: string, prints: string): Promise<void> {
  const { code, stdout, stderr } = await runProgram("lives", [name]);
  assert.equal(stdout.trim(), prints, stderr);
  assert.equal(code, 0, `The program did not end by itself, or not well:\n${stderr}`);
}
