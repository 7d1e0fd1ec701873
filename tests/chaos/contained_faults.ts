import type { Dice } from "./dice.ts";
import { type Fault, is, type Sketch } from "./fault.ts";
import type { End } from "./trial.ts";

const FAILED: readonly End[] = ["failed"];
const REFUSED: readonly End[] = ["refused"];

function drawBytes(dice: Dice): Sketch {
  const bytes = dice.between(1, 6) * 2 ** 20;
  const check = (output: unknown): boolean =>
    output instanceof Uint8Array && output.length === bytes &&
    output.every((byte) => byte === bytes % 251);
  return { kind: "give_much", input: bytes, check };
}

function drawLines(dice: Dice): Sketch {
  const count = dice.between(10_000, 100_000);
  const check = (output: unknown): boolean =>
    Array.isArray(output) && output.length === count &&
    output.every((line, i) => line === `line ${i}`);
  return { kind: "give_many", input: count, check };
}

/** Two jobs with one buffer, to be moved for each. */
function drawMovedTwice(dice: Dice): readonly Sketch[] {
  const bytes = new Uint8Array(1_000).fill(dice.between(1, 9));
  const check = is(1_000 * bytes[0]);
  const options = { transfer: [bytes.buffer] };
  const sketch: Sketch = { kind: "sum", input: bytes, options, ends: FAILED, check };
  return [sketch, sketch];
}

/** Deno moves such a buffer once, the others refuse to. */
function drawListedTwice(dice: Dice): Sketch {
  const bytes = new Uint8Array(1_000).fill(dice.between(1, 9));
  const options = { transfer: [bytes.buffer, bytes.buffer] };
  return { kind: "sum", input: bytes, options, ends: FAILED, check: is(1_000 * bytes[0]) };
}

const badSubmits: readonly Sketch[] = [
  { kind: "no_such_kind", ends: REFUSED },
  { kind: "odd_pooled", input: 1, options: { priority: 10 }, ends: REFUSED },
  { kind: "odd_pooled", input: 1, options: { latencyBudgetMs: -1 }, ends: REFUSED },
  { kind: "odd_pooled", input: 1, options: { computeCost: NaN }, ends: REFUSED },
];

/** Faults that must cost their own job only. */
export const containedFaults: readonly Fault[] = [
  {
    name: "throw",
    weight: 4,
    draw: (dice) => ({
      kind: dice.pick(["throw_inline", "throw_spawned", "throw_pooled"]),
      input: "thrown",
      ends: FAILED,
    }),
  },
  {
    name: "reject",
    weight: 4,
    draw: (dice) => ({
      kind: dice.pick(["reject_inline", "reject_spawned", "reject_pooled"]),
      input: "rejected",
      ends: FAILED,
    }),
  },
  {
    name: "throw_odd",
    weight: 3,
    draw: (dice) => ({
      kind: dice.pick(["throw_odd", "throw_odd_inline"]),
      input: dice.between(0, 7),
      ends: FAILED,
    }),
  },
  {
    name: "garbage",
    weight: 2,
    draw: (dice) => ({ kind: "garbage", input: dice.between(1, 50), check: is("sent") }),
  },
  { name: "output_function", weight: 2, draw: () => ({ kind: "give_function", ends: FAILED }) },
  {
    name: "output_huge",
    weight: 1,
    draw: (dice) => dice.chance(0.5) ? drawBytes(dice) : drawLines(dice),
  },
  {
    name: "output_moved_twice",
    weight: 1,
    draw: () => ({
      kind: "give_moved",
      ends: FAILED,
      check: (output) => output instanceof Uint8Array && output.length === 16,
    }),
  },
  {
    name: "input_function",
    weight: 2,
    draw: (dice) => ({
      kind: dice.pick(["take_any", "take_any_batch"]),
      input: { inside: [() => 1] },
      ends: FAILED,
    }),
  },
  { name: "input_moved_twice", weight: 2, draw: drawMovedTwice },
  { name: "input_listed_twice", weight: 1, draw: drawListedTwice },
  { name: "bad_submit", weight: 1, draw: (dice) => dice.pick(badSubmits) },
];
