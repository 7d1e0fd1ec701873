import assert from "node:assert/strict";
import { test } from "node:test";
import { flowArrows, trunkWidth } from "../../src/http/dashboard/page/flow_shape.ts";

const size = { width: 200, rowHeight: 50 };

test("the trunk grows with the order of magnitude, up to a bound", () => {
  assert.equal(trunkWidth(0), 0);
  assert.equal(trunkWidth(NaN), 0);
  const widths = [0.1, 1, 10, 1_000, 50_000].map(trunkWidth);
  assert.deepEqual(widths, widths.toSorted((a, b) => a - b));
  assert.ok(widths[0] >= 4);
  assert.equal(trunkWidth(1e9), trunkWidth(1e12));
});

test("arrows share the trunk's width, and leave it side by side", () => {
  const arrows = flowArrows([300, 0, 700], size);
  assert.equal(arrows.length, 3);
  const trunk = trunkWidth(1_000);
  assert.ok(Math.abs(arrows[0].width + arrows[2].width - trunk) < 0.2);
  assert.ok(Math.abs(arrows[0].width / arrows[2].width - 3 / 7) < 0.02);
  const from = arrows.map(({ path }) => Number(/^M0 (-?[\d.]+)/.exec(path)![1]));
  const gap = (arrows[0].width + arrows[2].width) / 2;
  assert.ok(Math.abs(from[2] - from[0] - gap) < 0.2, "neither apart nor one over the other");
});

test("each arrow ends in the middle of its lane's row", () => {
  for (const [lane, { path }] of flowArrows([1, 2, 3], size).entries()) {
    assert.ok(path.endsWith(` 200 ${50 * (lane + 0.5)}`), path);
  }
});

test("a lane that nothing flows to has an arrow without width, a small flow one that can be seen", () => {
  const [none, few, many] = flowArrows([0, 1, 100_000], size);
  assert.equal(none.width, 0);
  assert.equal(few.width, 1.5);
  assert.ok(many.width > 40);
  assert.deepEqual(flowArrows([0, 0], size).map(({ width }) => width), [0, 0]);
});
