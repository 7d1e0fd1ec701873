import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { KindInfo } from "../../src/submit/kind.ts";
import { Quarantine } from "../../src/lanes/cpu_pool/quarantine.ts";
import { runs } from "../fixtures/property.ts";

const COOL_DOWN_MS = 10_000;
const WINDOW_MS = 60_000;

function kindOf(name: string): KindInfo {
  return { name } as KindInfo;
}

const [deadly, other] = [kindOf("deadly"), kindOf("other")];

/** A quarantine that has just begun, at `atMs`. */
function quarantined(limit: number, atMs: number): Quarantine {
  const quarantine = new Quarantine(limit, COOL_DOWN_MS);
  for (let i = 0; i < limit; i++) quarantine.killed(deadly, atMs);
  assert.ok(quarantine.bars(deadly, atMs));
  return quarantine;
}

test("Quarantine bars a kind after so many kills, and no other", () => {
  const quarantine = new Quarantine(3, COOL_DOWN_MS);
  for (const atMs of [0, 100]) {
    quarantine.killed(deadly, atMs);
    assert.ok(!quarantine.bars(deadly, atMs));
    assert.equal(quarantine.admit(deadly, atMs), false, "it is no probe before");
  }
  quarantine.killed(deadly, 200);
  assert.ok(quarantine.bars(deadly, 200));
  assert.ok(!quarantine.bars(other, 200));
  assert.equal(quarantine.admit(other, 200), false);
});

test("Quarantine counts the kills of a minute", () => {
  const quarantine = new Quarantine(3, COOL_DOWN_MS);
  quarantine.killed(deadly, 0);
  quarantine.killed(deadly, 1);
  quarantine.killed(deadly, WINDOW_MS);
  assert.ok(!quarantine.bars(deadly, WINDOW_MS), "the first is too long ago");
  quarantine.killed(deadly, WINDOW_MS);
  assert.ok(quarantine.bars(deadly, WINDOW_MS));
});

test("Quarantine still counts kills after a success, as a kind may kill now and then", () => {
  const quarantine = new Quarantine(2, COOL_DOWN_MS);
  quarantine.killed(deadly, 0);
  quarantine.survived(deadly);
  quarantine.killed(deadly, 1);
  assert.ok(quarantine.bars(deadly, 1));
});

test("Quarantine lets one job try each coolDownMs", () => {
  const quarantine = quarantined(1, 5);
  const dueMs = 5 + COOL_DOWN_MS;
  assert.ok(quarantine.bars(deadly, dueMs - 1));
  assert.equal(quarantine.admit(deadly, dueMs - 1), false);
  assert.ok(!quarantine.bars(deadly, dueMs));
  assert.equal(quarantine.admit(deadly, dueMs), true);
  assert.ok(quarantine.bars(deadly, dueMs), "the others wait for the try");
  assert.equal(quarantine.admit(deadly, dueMs), false);
  // One of which nothing is heard, as it was dropped, does not keep the kind off for ever.
  assert.ok(!quarantine.bars(deadly, dueMs + COOL_DOWN_MS));
  assert.equal(quarantine.admit(deadly, dueMs + COOL_DOWN_MS), true);
});

test("Quarantine ends with a try that succeeds, and what was before is forgotten", () => {
  const quarantine = quarantined(3, 0);
  assert.equal(quarantine.admit(deadly, COOL_DOWN_MS), true);
  quarantine.survived(deadly);
  assert.ok(!quarantine.bars(deadly, COOL_DOWN_MS));
  assert.equal(quarantine.admit(deadly, COOL_DOWN_MS), false);
  quarantine.killed(deadly, COOL_DOWN_MS);
  quarantine.killed(deadly, COOL_DOWN_MS);
  assert.ok(!quarantine.bars(deadly, COOL_DOWN_MS), "it takes the full number again");
});

test("Quarantine goes on after a try that kills, even when the first kills are long ago", () => {
  const quarantine = quarantined(3, 0);
  const laterMs = 2 * WINDOW_MS;
  assert.equal(quarantine.admit(deadly, laterMs), true);
  quarantine.killed(deadly, laterMs + 50);
  assert.ok(quarantine.bars(deadly, laterMs + 50 + COOL_DOWN_MS - 1));
  assert.ok(!quarantine.bars(deadly, laterMs + 50 + COOL_DOWN_MS));
});

test("Quarantine without a limit bars nothing", () => {
  const quarantine = new Quarantine(Infinity, COOL_DOWN_MS);
  for (let i = 0; i < 100; i++) quarantine.killed(deadly, i);
  assert.ok(!quarantine.bars(deadly, 100));
});

test("Quarantine lets no more workers die than its limit, and one more for each coolDownMs", () => {
  const steps = fc.array(
    fc.record({ waitMs: fc.nat(4_000), dies: fc.boolean(), deadly: fc.boolean() }),
    { maxLength: 200, size: "max" },
  );
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 5 }), (plan, limit) => {
      const quarantine = new Quarantine(limit, COOL_DOWN_MS);
      const killsAtMs: number[] = [];
      let nowMs = 0;
      for (const { waitMs, dies, deadly: isDeadly } of plan) {
        nowMs += waitMs;
        const kind = isDeadly ? deadly : other;
        if (quarantine.bars(kind, nowMs)) {
          assert.ok(isDeadly, "the other kind has killed none");
          continue;
        }
        quarantine.admit(kind, nowMs);
        if (!isDeadly || !dies) {
          quarantine.survived(kind);
          if (isDeadly && killsAtMs.length >= limit) killsAtMs.length = 0;
        } else {
          killsAtMs.push(nowMs);
          quarantine.killed(kind, nowMs);
        }
        // In any coolDownMs without a success that counts: the limit, and one try.
        const recent = killsAtMs.filter((atMs) => atMs > nowMs - COOL_DOWN_MS);
        assert.ok(recent.length <= limit + 1, `${recent.length} kills`);
      }
    }),
    runs(300),
  );
});
