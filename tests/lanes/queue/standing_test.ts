import assert from "node:assert/strict";
import { test } from "node:test";
import { Standing } from "../../../src/lanes/queue/standing.ts";

/** Notes the length of a queue every 10 ms, from one time to another; returns when it was an overload. */
function note(
  standing: Standing,
  fromMs: number,
  toMs: number,
  lengthAt: (ms: number) => number,
): number | undefined {
  let sinceMs: number | undefined;
  for (let ms = fromMs; ms < toMs; ms += 10) {
    standing.note(lengthAt(ms), ms);
    if (standing.isOverload) sinceMs ??= ms;
  }
  return sinceMs;
}

test("Standing takes a queue that grows for half a second for an overload", () => {
  const sinceMs = note(new Standing(), 1_000, 3_000, (ms) => ms / 10);
  assert.equal(sinceMs, 1_500);
});

test("Standing takes no burst for an overload, however large, that is worked off", () => {
  const standing = new Standing();
  assert.equal(note(standing, 0, 240, (ms) => 10 * ms + 1), undefined);
  assert.equal(note(standing, 240, 6_000, (ms) => 2_400 - 0.4 * (ms - 240)), undefined);
});

test("Standing takes no queue of steady length for an overload", () => {
  assert.equal(note(new Standing(), 0, 60_000, (ms) => 100 + ms / 10 % 9), undefined);
});

test("Standing takes no queue that grows by less than a tenth in a quarter of a second for one", () => {
  assert.equal(note(new Standing(), 0, 60_000, (ms) => 1_000 + 0.39 * ms), undefined);
});

test("Standing has an overload last until none waits", () => {
  const standing = new Standing();
  assert.notEqual(note(standing, 0, 1_000, (ms) => ms + 1), undefined);
  note(standing, 1_000, 5_000, () => 1);
  assert.equal(standing.isOverload, true);
  standing.note(0, 5_000);
  assert.equal(standing.isOverload, false);
  assert.equal(note(standing, 5_010, 5_500, (ms) => ms), undefined, "it begins anew");
});

test("Standing takes a queue that empties now and then for none, however it grows", () => {
  assert.equal(note(new Standing(), 0, 60_000, (ms) => ms % 490), undefined);
});
