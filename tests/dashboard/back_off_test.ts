import assert from "node:assert/strict";
import { test } from "node:test";
import { backOffMs } from "../../src/http/dashboard/page/back_off.ts";

test("each failure doubles the wait, up to 15 s", () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 2_000].map((failures) => backOffMs(failures, 0.5));
  assert.deepEqual(waits, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
});

test("waits are spread by a fifth", () => {
  assert.equal(backOffMs(2, 0), 800);
  assert.equal(backOffMs(2, 0.999_999), 1_200);
});
