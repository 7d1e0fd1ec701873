import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { all, assertTells, root, type Rule } from "./source_tree.ts";

const FILE_URL = /new URL\(\s*["'`]([^"'`]*)["'`],\s*import\.meta\.url/g;

/** A bundler follows such a URL, and fails if there is no such file. */
const checkFileUrls: Rule = ({ path, text }) =>
  [...text.matchAll(FILE_URL)].flatMap(([, url]) =>
    existsSync(new URL(url, new URL(path, root))) ? [] : [`${path} has a URL of no file: ${url}`]
  );

test("each URL of a file beside a module is one of a file that is there", () => {
  const path = "src/runtime/worker_url.ts";
  const urlOf = (file: string) => `new URL("../../workers/${file}", import.meta.url)`;
  assertTells(checkFileUrls, [[path, urlOf("job_worker.js")], [path, urlOf("no_worker.ts")]], [
    [path, urlOf("job_worker.ts")],
  ]);
  assert.deepEqual(all(checkFileUrls), []);
});
