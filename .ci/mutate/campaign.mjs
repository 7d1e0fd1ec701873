// Tries mutants against tests: a mutant faces the tests that run its function, until one fails.
import process from "node:process";
import { Copy } from "./copy.mjs";

/** Mutants tried side by side. */
const COPIES = 2;
/** No test takes longer without a mutant. */
const HANG_MS = 300_000;
/** A test that takes longer than this with a mutant will not end. */
const limitMsOf = (test) => 3 * test.ms + 5_000;

/**
 * Gives each mutant with how it `ended`: "survived", or killed by the test `by` that "failed" or
 * was "late"; `tests` is how many it had to face, `ms` how long that took. Calls `on.ready` when all
 * tests have passed without a mutant, `on.survived` with each survivor, and `on.unsure` with a test
 * that failed, then passed.
 */
export async function attack(mutants, testFiles, on) {
  const copies = Array.from({ length: COPIES }, () => new Copy());
  const clean = () => copies.forEach((copy) => copy.remove());
  process.on("exit", clean);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

  const mutated = [...new Set(mutants.map(({ file }) => file))];
  const tests = await measure(copies, testFiles, mutated, on);
  on.ready(tests.length);
  const results = [];
  await share(copies, mutants, async (copy, { text, body, ...mutant }) => {
    const facing = byPromise(tests.filter(({ ran }) => ran.has(`${mutant.file}:${body}`)));
    copy.write(mutant.file, text);
    const startedAt = performance.now();
    const killer = await firstKiller(copy, facing, on);
    const ms = Math.round(performance.now() - startedAt);
    copy.restore(mutant.file);
    const result = { ...mutant, ...killer, tests: facing.length, ms };
    if (result.ended === "survived") on.survived(result);
    results.push(result);
  });
  return results;
}

/** Hands out the items to the copies, one at a time to each. */
async function share(copies, items, work) {
  const rest = [...items];
  await Promise.all(copies.map(async (copy) => {
    while (rest.length > 0) await work(copy, rest.shift());
  }));
}

/** How long each test takes without a mutant, and what it runs of the files to be mutated. */
async function measure(copies, testFiles, mutated, on) {
  const tests = [];
  for (const copy of copies) mutated.forEach((file) => copy.writeReporting(file));
  await share(copies, testFiles, async (copy, file) => {
    const { ended, ms, output } = await judge(copy, file, HANG_MS, on);
    if (ended !== "passed") throw new Error(`${file} ${ended} without a mutant:\n${output}`);
    tests.push({ file, ms, ran: copy.takeReports(), kills: 0 });
  });
  for (const copy of copies) mutated.forEach((file) => copy.restore(file));
  return tests;
}

/** A test has failed when it fails twice: on a busy machine, one in real time may fail once. */
async function judge(copy, file, limitMs, on) {
  const first = await copy.test(file, limitMs);
  if (first.ended !== "failed") return first;
  const second = await copy.test(file, limitMs);
  if (second.ended === "passed") on.unsure(file, first.output);
  return second;
}

/** Those first that are likely to kill in a short time. */
function byPromise(tests) {
  const promise = ({ kills, ms }) => (kills + 1) / ms;
  return tests.sort((a, b) => promise(b) - promise(a));
}

async function firstKiller(copy, tests, on) {
  for (const test of tests) {
    const { ended } = await judge(copy, test.file, limitMsOf(test), on);
    if (ended === "passed") continue;
    test.kills++;
    return { ended, by: test.file };
  }
  return { ended: "survived" };
}
