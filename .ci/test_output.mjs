// What the test runners of Node, Deno and Bun print, as counts: passed, failed, and skipped with reasons.

/** How each runner prints a skipped test, and the lines that count; Node's skips have the reason there. */
const forms = {
  node: {
    passed: /^ℹ pass (\d+)$/gm,
    failed: /^ℹ (?:fail|cancelled) (\d+)$/gm,
    skipped: /^ℹ skipped (\d+)$/gm,
    skip: /^ *﹣ (.+?) \([\d.]+ms\)(?: # (?:SKIP|(.+)))?$/gm,
  },
  deno: {
    passed: /^(?:ok|FAILED) \| (\d+) passed/gm,
    failed: /^(?:ok|FAILED) \| .*?\| (\d+) failed/gm,
    skipped: /^(?:ok|FAILED) \| .*?\| (\d+) ignored/gm,
    skip: /^(.+) \.{3} ignored \(/gm,
  },
  bun: {
    passed: /^ *(\d+) pass$/gm,
    failed: /^ *(\d+) (?:fail|error)s?$/gm,
    skipped: /^ *(\d+) skip$/gm,
    skip: /^\(skip\) (.+)$/gm,
  },
};

/** Where each runner tells what failed, after everything else; Bun tells it where it happens. */
const failures = {
  node: /^✖ failing tests:$[^]*/m,
  deno: /^ ERRORS $[^]*/m,
  bun: /(?:^.*\n){0,60}^\(fail\) .*$/gm,
};

/** What `skippedIf` of the tests prints. */
const told = /^skipped: (.+?): (.+)$/gm;

/**
 * Counts the tests in the output of a runtime's runner. `skips` has the title of each skipped test, once,
 * with the reason, which is undefined if none was printed.
 */
export function readTests(runtime, output) {
  const { passed, failed, skipped, skip } = forms[runtime];
  const reasons = [...output.matchAll(told)].map(([, name, reason]) => ({ name, reason }));
  const skips = new Map();
  for (const [, title, own] of output.matchAll(skip)) {
    const reason = own ??
      reasons.find(({ name }) => title.includes(name) || name.includes(title))?.reason;
    skips.set(title.trim(), reason);
  }
  return {
    passed: sum(output, passed),
    failed: sum(output, failed),
    skipped: sum(output, skipped),
    skips: [...skips].map(([title, reason]) => ({ title, reason })),
  };
}

/** What the runner tells of the tests that failed, cut to `maxChars`; "" if none did. */
export function readFailures(runtime, output, maxChars = 12_000) {
  const text = (output.match(failures[runtime]) ?? []).join("\n").trimEnd();
  return text.length > maxChars ? `${text.slice(0, maxChars)}\n[cut]` : text;
}

/** Sums the first group of every match. */
function sum(text, pattern) {
  return [...text.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}
