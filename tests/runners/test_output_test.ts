import assert from "node:assert/strict";
import { test } from "node:test";
import { root } from "../structure/source_tree.ts";

interface Tests {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly skips: readonly { readonly title: string; readonly reason: string | undefined }[];
}

// A script, which is JavaScript and not part of the build.
const { readTests, readFailures }: {
  readTests(runtime: string, output: string): Tests;
  readFailures(runtime: string, output: string, maxChars?: number): string;
} = await import(new URL(".ci/test_output.mjs", root).href);

/** What each runner prints of the same four tests, two of them skipped, one without a reason. */
const outputs = {
  node: `skipped: a job that loops: it cannot be stopped
✔ router survives a job that throws (1.5ms)
✖ router survives a job that lies (3ms)
  ﹣ router survives a job that loops (0.06ms) # it cannot be stopped
﹣ the vectors are equal (0.2ms) # SKIP
ℹ tests 4
ℹ pass 1
ℹ fail 1
ℹ cancelled 0
ℹ skipped 2
`,
  deno: `skipped: a job that loops: it cannot be stopped
router survives a job that throws ... ok (1ms)
router survives a job that lies ... FAILED (3ms)
router survives a job that loops ... ignored (0ms)
the vectors are equal ... ignored (0ms)

FAILED | 1 passed (2 steps) | 1 failed | 2 ignored (5s)
`,
  bun: `skipped: a job that loops: it cannot be stopped
(pass) router survives a job that throws [1.00ms]
(fail) router survives a job that lies [3.00ms]
(skip) router survives a job that loops
(skip) the vectors are equal

2 tests skipped:
(skip) router survives a job that loops
(skip) the vectors are equal

 1 pass
 2 skip
 1 fail
`,
};

for (const [runtime, output] of Object.entries(outputs)) {
  test(`tests of ${runtime} are counted, and skips without a reason found`, () => {
    assert.deepEqual(readTests(runtime, output), {
      passed: 1,
      failed: 1,
      skipped: 2,
      skips: [
        { title: "router survives a job that loops", reason: "it cannot be stopped" },
        { title: "the vectors are equal", reason: undefined },
      ],
    });
  });
}

/** The end of what each runner prints of a test that failed. */
const endings = {
  node: "✖ a (1ms)\nℹ fail 1\n\n✖ failing tests:\n\ntest at a.js:1:1\n✖ a (1ms)\n  Error: why\n",
  deno: "a ... FAILED (1ms)\n\n ERRORS \n\na => ./a.ts:1:1\nerror: Error: why\n\n FAILURES \n\na\n",
  bun:
    "(pass) b [1ms]\nerror: why\n      at <anonymous> (/a.ts:1:1)\n(fail) a [1.00ms]\n(pass) c\n",
};

for (const [runtime, output] of Object.entries(endings)) {
  test(`what ${runtime} tells of a failed test is found, and cut`, () => {
    const text = readFailures(runtime, output);
    assert.match(text, /a \(1ms\)|=> \.\/a|\(fail\) a/);
    assert.match(text, /why/);
    assert.match(readFailures(runtime, output, 20), /^[^]{20}\n\[cut\]$/);
    assert.equal(readFailures(runtime, "(pass) a [1ms]\nok | 1 passed | 0 failed\n"), "");
  });
}
