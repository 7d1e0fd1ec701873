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
 * Gives each mutant with how it `ended`: "survived", or killed by the test `by` that "failed" or was
 * "late"; `tests` is how many it had to face. Calls `ready` when all tests have passed without a
 * mutant, and `survived` with each survivor.
 */
export async function attack(mutants, testFiles, { ready, survived }) {
  const copies = Array.from({ length: COPIES }, () => new Copy());
  const clean = () => copies.forEach((copy) => copy.remove());
  process.on("exit", clean);
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

  const mutated = [...new Set(mutants.map(({ file }) => file))];
  const tests = await measure(copies, testFiles, mutated);
  ready(tests.length);
  const results = [];
  await share(copies, mutants, async (copy, { text, body, ...mutant }) => {
    const facing = byPromise(tests.filter(({ ran }) => ran.has(`${mutant.file}:${body}`)));
    copy.write(mutant.file, text);
    const killer = await firstKiller(copy, facing);
    copy.restore(mutant.file);
    const result = { ...mutant, ...killer, tests: facing.length };
    if (result.ended === "survived") survived(result);
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
async function measure(copies, testFiles, mutated) {
  const tests = [];
  for (const copy of copies) mutated.forEach((file) => copy.writeReporting(file));
  await share(copies, testFiles, async (copy, file) => {
    const { ended, ms, output } = await copy.test(file, HANG_MS);
    if (ended !== "passed") throw new Error(`${file} ${ended} without a mutant:\n${output}`);
    tests.push({ file, ms, ran: copy.takeReports(), kills: 0 });
  });
  for (const copy of copies) mutated.forEach((file) => copy.restore(file));
  return tests;
}

/** Those first that are likely to kill in a short time. */
function byPromise(tests) {
  const promise = ({ kills, ms }) => (kills + 1) / ms;
  return tests.sort((a, b) => promise(b) - promise(a));
}

async function firstKiller(copy, tests) {
  for (const test of tests) {
    const { ended } = await copy.test(test.file, limitMsOf(test));
    if (ended === "passed") continue;
    test.kills++;
    return { ended, by: test.file };
  }
  return { ended: "survived" };
}
