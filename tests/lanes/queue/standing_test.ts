import assert from "node:assert/strict";
import { test } from "node:test";
import { Standing } from "../../../src/lanes/queue/standing.ts";

/** A queue of some length, of which so many calls start in 10 ms. */
interface Course {
  readonly fromMs: number;
  readonly toMs: number;
  readonly lengthAt: (ms: number) => number;
  readonly starts?: number;
  readonly isFull?: boolean;
}

/** Notes the length every 5 ms; returns when it was an overload. */
function note(standing: Standing, course: Course, what: "isOverload" | "isLong" = "isOverload") {
  const { fromMs, toMs, lengthAt, starts = 1, isFull = false } = course;
  let sinceMs: number | undefined;
  for (let ms = fromMs; ms < toMs; ms += 5) {
    for (let i = 0; i < starts; i++) standing.start();
    const length = Math.floor(lengthAt(ms));
    standing.note(length, length, isFull, ms); // of 1 ms each
    if (standing[what]) sinceMs ??= ms;
  }
  return sinceMs;
}

test("Standing takes a queue that grows for a second for an overload", () => {
  const lengthAt = (ms: number) => ms / 10;
  assert.equal(note(new Standing(), { fromMs: 1_000, toMs: 3_000, lengthAt }), 2_000);
});

test("Standing takes no burst for an overload, however large, that is worked off", () => {
  const standing = new Standing();
  const grows = { fromMs: 0, toMs: 740, lengthAt: (ms: number) => 10 * ms + 1 };
  assert.equal(note(standing, grows), undefined);
  const shrinks = { fromMs: 740, toMs: 9_000, lengthAt: (ms: number) => 7_401 - 0.8 * (ms - 740) };
  assert.equal(note(standing, shrinks), undefined);
});

test("Standing takes no queue of steady length for an overload, nor one that hardly grows", () => {
  for (const lengthAt of [(ms: number) => 100 + ms / 10 % 5, (ms: number) => 1_000 + 0.19 * ms]) {
    assert.equal(note(new Standing(), { fromMs: 0, toMs: 60_000, lengthAt }), undefined);
  }
});

test("Standing takes no queue behind a few long calls for an overload", () => {
  const standing = new Standing();
  const course = { fromMs: 0, toMs: 60_000, lengthAt: (ms: number) => 1 + ms / 10, starts: 0 };
  for (let i = 0; i < 31; i++) standing.start();
  assert.equal(note(standing, course), undefined);
});

test("Standing has an overload last until none waits", () => {
  const standing = new Standing();
  const grows = { fromMs: 0, toMs: 2_000, lengthAt: (ms: number) => ms + 1 };
  assert.notEqual(note(standing, grows), undefined);
  note(standing, { fromMs: 2_000, toMs: 9_000, lengthAt: () => 1 });
  assert.equal(standing.isOverload, true);
  standing.note(0, 0, false, 9_000);
  assert.equal(standing.isOverload, false);
  const anew = { fromMs: 9_010, toMs: 10_000, lengthAt: (ms: number) => ms };
  assert.equal(note(standing, anew), undefined, "it begins anew");
});

test("Standing takes a queue that empties now and then for none, however it grows", () => {
  const lengthAt = (ms: number) => ms % 990;
  assert.equal(note(new Standing(), { fromMs: 0, toMs: 60_000, lengthAt }), undefined);
});

test("Standing takes a queue for long that has grown fast for a quarter of a second", () => {
  const fast = { fromMs: 1_000, toMs: 3_000, lengthAt: (ms: number) => 2 * (ms - 1_000) + 1 };
  assert.equal(note(new Standing(), fast, "isLong"), 1_250);
  const slow = { ...fast, lengthAt: (ms: number) => 500 + (ms - 1_000) / 2 };
  assert.equal(note(new Standing(), slow, "isLong"), 2_000, "when it is an overload");
  const short = { ...fast, toMs: 1_900, lengthAt: (ms: number) => (ms - 1_000) / 10 + 1 };
  assert.equal(note(new Standing(), short, "isLong"), undefined);
});

test("Standing tells once that a queue has become long", () => {
  const standing = new Standing();
  const news: number[] = [];
  for (let ms = 0; ms < 2_000; ms += 5) {
    standing.start();
    if (standing.note(ms + 1, ms, false, ms)) news.push(ms);
  }
  assert.deepEqual(news, [250]);
});

test("Standing takes a queue that has no room for a second for an overload", () => {
  const full = { fromMs: 1_000, toMs: 3_000, lengthAt: () => 512, isFull: true };
  assert.equal(note(new Standing(), full), 2_000);
});
