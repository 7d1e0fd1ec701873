import assert from "node:assert/strict";
import { test } from "node:test";
import { COST_WORDS, costOf, type CostWord } from "../../../src/simulation/workload/cost_words.ts";
import { RandomStream } from "../../../src/simulation/workload/random_stream.ts";

const SIZED = { busyMs: 4, fixedMs: 1, bytes: 1_500 };

test("each cost word says what its text says", () => {
  const random = new RandomStream(7, 1);
  const said = (word: CostWord) => costOf(word, SIZED, random);
  assert.equal(said("right"), 80_000); // 4 ms in units of 50 ns
  assert.equal(said("tenth"), 8_000);
  assert.equal(said("tenfold"), 800_000);
  assert.equal(said("ms"), 4);
  assert.equal(said("bytes"), 1_500);
  assert.equal(said("variable"), 60_000);
  assert.equal(said("none"), undefined);
  const square = said("square")!;
  const twice = costOf("square", { ...SIZED, busyMs: 16 }, random)!;
  assert.equal(twice, 2 * square, "four times the time, twice the number");
  assert.equal(Object.keys(COST_WORDS).length, 9);
});

test("noise is evenly spread in its order of magnitude, from a tenth to ten times", () => {
  const random = new RandomStream(7, 5);
  const factors = Array.from({ length: 20_000 }, () => costOf("noise", SIZED, random)! / 80_000);
  assert.ok(factors.every((factor) => factor > 0.1 && factor < 10));
  const logs = factors.map(Math.log10);
  const mean = logs.reduce((sum, x) => sum + x, 0) / logs.length;
  const square = logs.reduce((sum, x) => sum + x * x, 0) / logs.length;
  assert.ok(Math.abs(mean) < 0.02, `${mean}`);
  assert.ok(Math.abs(square - 1 / 3) < 0.01, `${square}`);
});

test("no word but noise draws a number", () => {
  for (const word of Object.keys(COST_WORDS) as CostWord[]) {
    const [used, fresh] = [new RandomStream(1, 1), new RandomStream(1, 1)];
    costOf(word, SIZED, used);
    assert.equal(used.uniform() === fresh.uniform(), word !== "noise", word);
  }
});
