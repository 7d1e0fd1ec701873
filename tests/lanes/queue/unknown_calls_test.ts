import assert from "node:assert/strict";
import { test } from "node:test";
import { isBefore } from "../../../src/lanes/queue/plan_tree.ts";
import type { Waiting } from "../../../src/lanes/queue/timetable.ts";
import { UnknownCalls } from "../../../src/lanes/queue/unknown_calls.ts";
import { createRandom } from "../../virtual/random.ts";

const KINDS = [{ name: "a" }, { name: "b" }, { name: "c" }];

function entryOf(id: number, kind: number, level: number, dueMs: number): Waiting {
  return { id, level, dueMs, call: { kind: KINDS[kind] }, unknownPlace: -1 } as unknown as Waiting;
}

test("UnknownCalls keeps calls as a sorted list of each kind does", () => {
  const random = createRandom(1);
  const draw = (count: number): number => Math.floor(random() * count);
  const calls = new UnknownCalls();
  let kept: Waiting[] = [];
  for (let id = 0; id < 3_000; id++) {
    if (random() < (kept.length > 30 ? 0.7 : 0.4) && kept.length > 0) {
      const gone = kept[draw(kept.length)];
      calls.remove(gone);
      assert.equal(gone.unknownPlace, -1);
      kept = kept.filter((entry) => entry !== gone);
    } else {
      const entry = entryOf(id, draw(3), draw(4), draw(20));
      calls.add(entry);
      kept.push(entry);
    }
    kept.sort((a, b) => isBefore(a, b) ? -1 : 1);
    assert.equal(calls.size, kept.length);
    assert.equal(calls.last, kept.at(-1) ?? null);
    assert.equal(calls.first, kept[0] ?? null);
    for (const kind of KINDS) {
      const ofKind = kept.filter(({ call }) => call.kind as unknown === kind);
      const heap = calls.ofKinds.get(kind as never);
      assert.equal(heap?.size ?? 0, ofKind.length);
      assert.equal(heap?.first, ofKind[0]);
    }
  }
});
