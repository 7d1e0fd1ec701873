import { isDeepStrictEqual } from "node:util";
import type { Dice } from "./dice.ts";
import {
  billOf,
  mix,
  oddOf,
  type Order,
  type Parcel,
  sumOf,
  type Tree,
  walk,
} from "./normal_kinds.ts";
import type { Trial } from "./trial.ts";

const PARCEL_BYTES = 100_000;

/** Draws a job that behaves. What it must give is worked out here, before its input may move. */
export function drawNormal(dice: Dice): Trial {
  return dice.weigh(makers).draw(dice);
}

const makers: readonly { readonly weight: number; readonly draw: (dice: Dice) => Trial }[] = [
  {
    weight: 5,
    draw: (dice) => {
      const kind = dice.pick(["odd_inline", "odd_spawned", "odd_pooled", "odd_pooled"]);
      return numberTrial(dice, kind);
    },
  },
  {
    weight: 3,
    draw: (dice) => {
      const order = drawOrder(dice);
      return trial(dice.pick(["bill_inline", "bill_pooled"]), order, billOf(order));
    },
  },
  {
    weight: 2,
    draw: (dice) => {
      const tree = drawTree(dice, dice.between(0, 4));
      return trial(dice.pick(["tree_spawned", "tree_pooled"]), tree, sumOf(tree));
    },
  },
  { weight: 2, draw: drawParcel },
  {
    weight: 2,
    draw: (dice) => {
      const steps = dice.between(1_000, 1_000_000);
      return trial("walk", steps, walk(steps));
    },
  },
  {
    weight: 3,
    draw: (dice) => numberTrial(dice, dice.pick(["later_inline", "later_spawned", "later_pooled"])),
  },
  { weight: 4, draw: (dice) => numberTrial(dice, "batch") },
  {
    weight: 3,
    draw: (dice) => {
      const order = drawOrder(dice);
      return trial("batch_idempotent", order, billOf(order));
    },
  },
];

function trial(kind: string, input: unknown, output: unknown): Trial {
  const check = (received: unknown): boolean => isDeepStrictEqual(received, output);
  return { kind, input, options: {}, fault: undefined, ends: [], check };
}

function numberTrial(dice: Dice, kind: string): Trial {
  const n = dice.between(0, 1_000_000);
  return trial(kind, n, oddOf(n));
}

function drawOrder(dice: Dice): Order {
  const id = dice.between(0, 1_000_000);
  return { id, amount: dice.between(0, 1_000), text: `order ${id} 🐎` };
}

function drawTree(dice: Dice, depth: number): Tree {
  return {
    value: dice.between(0, 100),
    big: BigInt(dice.between(0, 1_000)) ** 7n,
    tags: new Map([[`tag ${dice.between(0, 9)}`, new Set([1, dice.between(0, 9)])]]),
    day: new Date(dice.between(0, 1_000_000)),
    children: Array.from({ length: Math.min(depth, 2) }, () => drawTree(dice, depth - 1)),
  };
}

function drawParcel(dice: Dice): Trial {
  const [first, key] = [dice.between(0, 255), dice.between(1, 255)];
  const bytes = new Uint8Array(PARCEL_BYTES).map((_, i) => first + 31 * i);
  const parcel: Parcel = { bytes, key };
  const moved = dice.pick(["parcel", "parcel_by_hand"]);
  const options = moved === "parcel" ? {} : { transfer: [bytes.buffer] };
  return { ...trial(moved, parcel, mix(parcel)), options };
}
