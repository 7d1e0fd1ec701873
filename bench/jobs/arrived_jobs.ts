// Work on a value: the time it takes depends on how the engine holds the value.

import { defineJobs } from "helixrouter/jobs";

const table = new Uint8Array(8_192).fill(3);

/** The repeats of each function make a run of 0.1 ms or so. */
interface Work {
  readonly value: unknown;
  readonly repeats: number;
  readonly once: (value: never) => number;
}

function countOdd(limit: number): number {
  let count = 0;
  for (let i = 0; i < limit; i++) if ((table[i & 8_191] & 1) === 1) count++;
  return count;
}

function sumIntegers(list: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < list.length; i++) sum = (sum + list[i]) | 0;
  return sum;
}

function sumDoubles(list: readonly number[]): number {
  let sum = 0;
  for (let i = 0; i < list.length; i++) sum += list[i];
  return sum;
}

function sumRows(rows: readonly { readonly id: number; readonly amount: number }[]): number {
  let sum = 0;
  for (const { id, amount } of rows) sum += id * amount;
  return sum;
}

function hash(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (hash * 31 + text.charCodeAt(i)) | 0;
  return hash;
}

/** What is worked on, and how. */
export const WORKS: Readonly<Record<string, Work>> = {
  "a number": { value: 8_000, repeats: 20, once: countOdd },
  "a field": {
    value: { n: 8_000, name: "x" },
    repeats: 20,
    once: (record: { n: number }) => countOdd(record.n),
  },
  "a list of small integers": {
    value: Array.from({ length: 12 }, (_, i) => i + 1),
    repeats: 10_000,
    once: sumIntegers,
  },
  "a list of doubles": {
    value: Array.from({ length: 12 }, (_, i) => i + 0.5),
    repeats: 10_000,
    once: sumDoubles,
  },
  "rows": {
    value: Array.from({ length: 8 }, (_, id) => ({ id, amount: id * 1.25 })),
    repeats: 5_000,
    once: sumRows,
  },
  "Latin-1 text": { value: "Käse und Wurst, ".repeat(4), repeats: 2_000, once: hash },
  "other text": { value: "Łódź, Kraków – ".repeat(4), repeats: 2_000, once: hash },
};

/** How long the work of that name takes on a value, in µs. */
export function timeUs(name: string, value: unknown): number {
  const { repeats, once } = WORKS[name];
  const startMs = performance.now();
  let sum = 0;
  for (let i = 0; i < repeats; i++) sum += once(value as never);
  if (sum === 0) throw new Error(`Cannot measure: ${name} came to nothing`);
  return (performance.now() - startMs) * 1e3;
}

export default defineJobs(import.meta.url, {
  ...Object.fromEntries(
    Object.keys(WORKS).map((name) => [name, { run: (value: unknown) => timeUs(name, value) }]),
  ),
  echo: { run: (value: unknown) => value },
});
