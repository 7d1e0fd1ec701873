import assert from "node:assert/strict";
import { test } from "node:test";
import {
  InvalidInputError,
  JobFailedError,
  JobModuleError,
  PolicyError,
  WorkerCrashedError,
} from "../../mod.ts";
import { answerThrown, withoutPaths } from "../../src/http/answers/failure.ts";

test("withoutPaths() takes stack lines and absolute paths out of a message", () => {
  const cases = [
    ["ENOENT: no such file, open '/etc/my app/key.pem'", "ENOENT: no such file, open '<path>'"],
    [
      "Cannot find module '/srv/a.js' imported from /srv/b.js",
      "Cannot find module '<path>' imported from <path>",
    ],
    ["at file:///home/me/app.ts:3:14", "at <path>"],
    ["(/home/me/app.ts:3:14)", "(<path>)"],
    ["C:\\Users\\me\\app.ts is bad", "<path> is bad"],
    ['"C:/Program Files/app/x.js"', '"<path>"'],
    ["\\\\server\\share\\x", "<path>"],
    ["~/.ssh/id_rsa", "<path>"],
    ["path=/etc/passwd,/etc/shadow", "path=<path>,<path>"],
    ["boom\n    at run (/srv/app.ts:1:1)\n    at main", "boom"],
    ["{/srv/a.js}", "{<path>}"],
    ["a|/srv/a.js|/srv/b.js", "a|<path>|<path>"],
    ["root@/srv/a.js; -/srv/b.js;/srv/c.js", "root@<path>; -<path>;<path>"],
    ["+/srv/a&~/b!C:\\a.ts*file:///srv/a", "+<path>"],
    ["mód/é ./a ../b a-b/c", "mód/é ./a ../b a-b/c"],
    ["1/2 and/or n/a", "1/2 and/or n/a"],
    ["see https://example.com/docs/errors", "see https://example.com/docs/errors"],
    ["expected a: b, got 'c'", "expected a: b, got 'c'"],
    ["", ""],
  ];
  for (const [message, wanted] of cases) assert.equal(withoutPaths(message), wanted);
  assert.equal(withoutPaths("x".repeat(100_000)).length, 1_000);
});

test("answerThrown() throws on the errors of the server", () => {
  for (
    const error of [
      new Error("bug"),
      new TypeError("bug"),
      new JobModuleError("/srv/jobs.ts is gone"),
      new PolicyError("mine", "threw"),
      "text",
      undefined,
    ]
  ) assert.throws(() => answerThrown(error), (thrown) => thrown === error);
});

test("answerThrown() tells nothing of where", async () => {
  const odd = Object.assign(new Error("odd"), { name: 7, message: Symbol("x") });
  const errors = [
    new WorkerCrashedError("Worker crashed: Cannot read /srv/app.ts"),
    new InvalidInputError("add", [{ message: "the schema threw /srv/schema.ts" }], {
      cause: new Error(),
    }),
    new JobFailedError("add", new Error("x\n    at /srv/app.ts:1:1")),
    new JobFailedError("add", "/srv/app.ts"),
    new JobFailedError("add", Symbol("/srv/app.ts")),
    new JobFailedError("add", { path: "/srv/app.ts" }),
    new JobFailedError("add", () => "/srv/app.ts"),
    new JobFailedError("add", null),
    new JobFailedError("add", undefined),
    new JobFailedError("add", odd),
  ];
  for (const error of errors) {
    const text = await answerThrown(error).text();
    assert.doesNotMatch(text, /srv/);
    assert.ok(JSON.parse(text).error.message.length > 0);
  }
});

test("answerThrown() keeps the words of a schema", async () => {
  const issues = [
    { message: 'expected one of "/a"|"/b"', path: ["list", 0, { key: "x" }, Symbol("s")] },
  ];
  const answer = answerThrown(new InvalidInputError("add", issues));
  assert.deepEqual((await answer.json()).error.issues, [
    { message: 'expected one of "/a"|"/b"', path: ["input", "list", 0, "x", "Symbol(s)"] },
  ]);
});

test("answerThrown() has nothing to say to a client that has gone", () => {
  const reason = new Error("gone");
  const signal = AbortSignal.abort(reason);
  assert.equal(answerThrown(reason, undefined, signal).status, 499);
  const bug = new Error("bug");
  assert.throws(() => answerThrown(bug, undefined, signal), (thrown) => thrown === bug);
});

test("withoutPaths() is quick on long text of line breaks", () => {
  assert.equal(withoutPaths("cannot parse " + "\n".repeat(10_000_000)).trim(), "cannot parse");
});
