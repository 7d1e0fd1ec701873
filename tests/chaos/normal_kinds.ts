import type { AnyKind } from "../../src/define/jobs.ts";

/** A flat object, as most jobs get. */
export interface Order {
  readonly id: number;
  readonly amount: number;
  readonly text: string;
}

/** An object with objects in it, and what JSON cannot hold. */
export interface Tree {
  readonly value: number;
  readonly big: bigint;
  readonly tags: Map<string, Set<number>>;
  readonly day: Date;
  readonly children: readonly Tree[];
}

/** What a tree comes to. */
export interface TreeSum {
  readonly sum: number;
  readonly big: bigint;
  readonly tags: Map<string, number>;
  readonly depth: number;
}

/** Bytes, and what each is to be mixed with. */
export interface Parcel {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly key: number;
}

export function oddOf(n: number): number {
  return 2 * n + 1;
}

export function billOf({ id, amount, text }: Order): Record<string, unknown> {
  return { id, total: amount * 3, text: [...text].reverse().join(""), isLarge: amount > 500 };
}

export function sumOf(tree: Tree): TreeSum {
  const sums = tree.children.map(sumOf);
  return {
    sum: sums.reduce((sum, child) => sum + child.sum, tree.value),
    big: sums.reduce((big, child) => big + child.big, tree.big),
    tags: new Map([...tree.tags].map(([name, numbers]) => [name, numbers.size])),
    depth: 1 + Math.max(0, ...sums.map(({ depth }) => depth)) + 0 * tree.day.getTime(),
  };
}

export function mix({ bytes, key }: Parcel): Uint8Array<ArrayBuffer> {
  return bytes.map((byte) => byte ^ key);
}

/** So many steps of a small generator: work that cannot be guessed. */
export function walk(steps: number): number {
  let state = steps | 0;
  for (let i = 0; i < steps; i++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
  return state;
}

function later<T>(value: T, afterMs: number): Promise<T> {
  return new Promise((resolve) => setTimeout(resolve, afterMs, value));
}

const laterOdd = (n: number): Promise<number> => later(oddOf(n), n % 7);

/** Costs that the default policy runs inline, spawns, and gives to the pool. */
const TINY = 100;
const MEDIUM = 20_000;
const HEAVY = 100_000;

/** Jobs that behave, on every lane. */
export const normalKinds: Readonly<Record<string, AnyKind>> = {
  odd_inline: { cost: TINY, run: oddOf },
  odd_spawned: { cost: MEDIUM, run: oddOf },
  odd_pooled: { run: oddOf },
  bill_inline: { cost: TINY, run: billOf },
  bill_pooled: { run: billOf },
  tree_spawned: { cost: MEDIUM, run: sumOf },
  tree_pooled: { run: sumOf },
  parcel: {
    run: mix,
    transfer: ({ bytes }: Parcel) => [bytes.buffer],
    transferOutput: (bytes: Uint8Array<ArrayBuffer>) => [bytes.buffer],
  },
  parcel_by_hand: { run: mix },
  walk: { cost: HEAVY, run: walk },
  later_inline: { cost: TINY, run: laterOdd },
  later_spawned: { cost: MEDIUM, run: laterOdd },
  later_pooled: { run: laterOdd },
  batch: {
    scaling: 0.9,
    run: oddOf,
    runBatch: (inputs: readonly number[]) => inputs.map(oddOf),
  },
  batch_idempotent: {
    scaling: 0.9,
    idempotent: true,
    run: billOf,
    runBatch: (inputs: readonly Order[]) => later(inputs.map(billOf), 1),
  },
};
