import assert from "node:assert/strict";
import { test } from "node:test";
import { pairsOf } from "../../bench/against/pairs.ts";

test("a round has a pair with the commit and one with itself; who goes first changes", () => {
  const orders = [0, 1, 2, 3].map((round) => pairsOf(round).map(({ order }) => order.join(" ")));
  assert.deepEqual(orders, [
    ["new old", "new twin"],
    ["old new", "twin new"],
    ["new old", "new twin"],
    ["old new", "twin new"],
  ]);
});

test("a pair names what this checkout is compared with", () => {
  for (const { other, order } of [...pairsOf(0), ...pairsOf(1)]) {
    assert.deepEqual([...order].sort(), ["new", other].sort());
  }
});
