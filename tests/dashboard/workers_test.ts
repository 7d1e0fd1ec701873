import assert from "node:assert/strict";
import { test } from "node:test";
import { causesOf } from "../../src/http/dashboard/page/workers_panel.ts";

test("the causes of crashes stand behind their number, those that have not happened do not", () => {
  assert.equal(
    causesOf({ crashes: { start: 0, error: 2, out_of_memory: 1, exit: 0 } }),
    " (error 2, out of memory 1)",
  );
  assert.equal(causesOf({ crashes: { start: 0, error: 0 } }), "");
  assert.equal(causesOf({}), "", "a router of before does not tell");
});
