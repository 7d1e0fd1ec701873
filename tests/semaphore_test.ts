import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { InvalidOptionError, Semaphore } from "../mod.ts";
import { type Permits, permitsOf, type PermitTaker } from "../src/semaphore.ts";
import { runs } from "./fixtures/property.ts";

/** Wants permits and gives them back, as a dispatcher does with calls. */
class Taker implements PermitTaker {
  readonly #permits: Permits;
  /** How many it still wants, and how many it holds. */
  wanted = 0;
  held = 0;
  /** Permits it got, by the moment it got them. */
  readonly got: number[] = [];
  wantedByOthers = 0;
  changes = 0;
  #isPumping = false;

  constructor(permits: Permits) {
    this.#permits = permits;
    permits.join(this);
  }

  pump(now = 0): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (this.wanted > 0 && this.#permits.take(this)) {
      this.wanted--;
      this.held++;
      this.got.push(now);
    }
    this.#isPumping = false;
    if (this.wanted === 0) this.#permits.waive(this);
  }

  giveBack(now = 0): void {
    this.held--;
    this.#permits.give(this);
    this.pump(now);
  }

  permitFreed(): void {
    this.pump();
  }

  permitWanted(): void {
    this.wantedByOthers++;
  }

  permitsChanged(): void {
    this.changes++;
    this.pump();
  }
}

test("Semaphore() refuses what is no number of permits", () => {
  for (const wrong of [0, -1, 1.5, NaN, Infinity, 65_537, "2", undefined]) {
    assert.throws(() => new Semaphore(wrong as number), InvalidOptionError);
    assert.throws(() => new Semaphore(1).resize(wrong as number), InvalidOptionError);
  }
  assert.equal(new Semaphore(65_536).permits, 65_536);
});

test("Permits bound what all takers hold together", () => {
  const permits = permitsOf(new Semaphore(2));
  const [a, b] = [new Taker(permits), new Taker(permits)];
  a.wanted = 3;
  a.pump();
  b.wanted = 1;
  b.pump();
  assert.deepEqual([a.held, b.held, permits.free], [2, 0, 0]);
  assert.equal(a.wantedByOthers, 1);
  assert.equal(permits.isWantedByOthers(a), true);
});

test("Permits are given in turn, however much one taker wants", () => {
  const permits = permitsOf(new Semaphore(1));
  const [flood, other] = [new Taker(permits), new Taker(permits)];
  flood.wanted = 1_000;
  flood.pump();
  for (let now = 1; now <= 20; now++) {
    other.wanted = 1;
    other.pump(now);
    flood.giveBack(now);
    if (other.held === 0) flood.giveBack(now); // it was in the line before
    assert.equal(other.held, 1);
    other.giveBack(now);
    assert.equal(flood.held, 1);
  }
});

test("Permits pass over a taker that has no use for its turn", () => {
  const permits = permitsOf(new Semaphore(1));
  const [a, b, c] = [new Taker(permits), new Taker(permits), new Taker(permits)];
  for (const taker of [a, b, c]) {
    taker.wanted = 1;
    taker.pump();
  }
  b.wanted = 0; // its call was aborted, and nobody has said so
  a.giveBack();
  assert.deepEqual([a.held, b.held, c.held], [0, 0, 1]);
  const late = new Taker(permits);
  late.wanted = 1;
  late.pump();
  permits.leave(c);
  assert.equal(late.held, 0, "who leaves has given back before");
});

test("Semaphore.resize() gives more at once, and takes none away from those who hold them", () => {
  const semaphore = new Semaphore(1);
  const permits = permitsOf(semaphore);
  const [a, b] = [new Taker(permits), new Taker(permits)];
  for (const taker of [a, b]) {
    taker.wanted = 2;
    taker.pump();
  }
  semaphore.resize(3);
  assert.equal(a.held + b.held, 3);
  assert.ok(a.held > 0 && b.held > 0);
  semaphore.resize(1);
  assert.deepEqual([a.held + b.held, permits.free, a.changes], [3, 0, 2]);
  while (a.held + b.held > 1) (a.held > 0 ? a : b).giveBack();
  assert.equal(semaphore.permits, 1);
});

test("Permits go on to the next when who gives one back does not want another", () => {
  const permits = permitsOf(new Semaphore(1));
  const [a, b] = [new Taker(permits), new Taker(permits)];
  a.wanted = 2;
  b.wanted = 1;
  for (const taker of [a, b]) taker.pump();
  a.wanted = 0;
  a.giveBack();
  assert.deepEqual([a.held, b.held], [0, 1]);
});

test("Permits leave one that is given back to its giver, who looks itself, or to who asks before", () => {
  const permits = permitsOf(new Semaphore(1));
  const [a, b] = [new Taker(permits), new Taker(permits)];
  a.wanted = 2;
  a.pump();
  permits.give(a);
  assert.deepEqual([a.got.length, permits.free], [1, 1]);
  a.wanted = 0;
  b.wanted = 1;
  b.pump();
  assert.deepEqual([b.held, permits.free], [1, 0]);
});

test("Permits tell the others once that one waits, however often it asks", () => {
  const permits = permitsOf(new Semaphore(1));
  const [a, b] = [new Taker(permits), new Taker(permits)];
  a.wanted = 2;
  a.pump();
  assert.equal(permits.isWantedByOthers(a), false, "it waits itself, and alone");
  b.wanted = 1;
  for (let i = 0; i < 3; i++) b.pump();
  assert.deepEqual([a.wantedByOthers, b.wantedByOthers], [1, 1]);
  assert.deepEqual([a, b].map((taker) => permits.isWantedByOthers(taker)), [true, true]);
});

test("Permits are not offered to a taker that has left", () => {
  const semaphore = new Semaphore(1);
  const permits = permitsOf(semaphore);
  const [a, gone, c] = [new Taker(permits), new Taker(permits), new Taker(permits)];
  for (const taker of [a, gone, c]) {
    taker.wanted = 1;
    taker.pump();
  }
  permits.leave(gone);
  a.giveBack();
  semaphore.resize(2);
  assert.deepEqual([gone.held, c.held, gone.changes, c.changes], [0, 1, 0, 1]);
});

test("Semaphore.resize() offers what there is more of to those who wait", () => {
  /** It does not look by itself when the number of permits changes. */
  class Patient extends Taker {
    override permitsChanged(): void {}
  }
  const semaphore = new Semaphore(1);
  const permits = permitsOf(semaphore);
  const [a, b] = [new Patient(permits), new Patient(permits)];
  for (const taker of [a, b]) {
    taker.wanted = 1;
    taker.pump();
  }
  semaphore.resize(2);
  assert.deepEqual([a.held, b.held], [1, 1]);
});

test("Permits lose none and leave none unused, whatever takers do", () => {
  const steps = fc.array(
    fc.record({ taker: fc.nat(2), want: fc.nat(3), give: fc.nat(2), resize: fc.nat(12) }),
    { maxLength: 60, size: "max" },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), steps, (first, plan) => {
      const semaphore = new Semaphore(first);
      const permits = permitsOf(semaphore);
      const takers = [0, 1, 2].map(() => new Taker(permits));
      let most = first;
      for (const { taker: place, want, give, resize } of plan) {
        const taker = takers[place];
        if (resize > 8) semaphore.resize(resize - 8);
        taker.wanted += want;
        taker.pump();
        for (let i = 0; i < give && taker.held > 0; i++) taker.giveBack();
        const held = takers.reduce((sum, { held }) => sum + held, 0);
        most = Math.max(semaphore.permits, Math.min(most, held));
        assert.ok(held <= most, `${held} of ${semaphore.permits}`);
        assert.equal(permits.free, Math.max(0, semaphore.permits - held));
        if (permits.free > 0) assert.ok(takers.every(({ wanted }) => wanted === 0), "one waits");
      }
    }),
    runs(300),
  );
});
