import { DEPTH } from "../call_states.ts";

/** The memory that a router and a worker share; README.md beside this file has the rules. */
export interface RingMemory {
  /** The words below, each on a cache line of its own. */
  readonly control: Int32Array;
  /** State word of each call. */
  readonly states: Int32Array;
  /** Kind, batch flag and form of each call's payload. */
  readonly heads: Int32Array;
  /** Form of each result. */
  readonly forms: Int32Array;
  /** Time each call ran, in ms. */
  readonly runMs: Float64Array;
  /** Time of that in which it kept the worker busy, in ms. */
  readonly busyMs: Float64Array;
  /** Payloads. */
  readonly inputs: ValueMemory;
  /** Outputs. */
  readonly outputs: ValueMemory;
  /** How many workers of the router are awake, at word 0. */
  readonly awake: Int32Array;
}

/** The memory of one ring of values. */
export interface ValueMemory {
  /** What each cell holds. */
  readonly tags: Int32Array;
  /** The number in each cell. */
  readonly numbers: Float64Array;
  /** The ring of text. */
  readonly text: Uint8Array;
  /** The words that hold the counters. */
  readonly control: Int32Array;
  /** Indices of the counters: cells read so far, bytes of text written and read so far. */
  readonly places: {
    readonly cellsRead: number;
    readonly textWritten: number;
    readonly textRead: number;
  };
}

/** Size of a ring of values, in cells: a power of two. With 512, a third of the records a second. */
export const CELLS = 4_096;
/** Size of a ring of text, in bytes: a power of two. */
export const TEXT_BYTES = 131_072;

const WORDS_PER_LINE = 16;

/** Calls written so far. */
export const WRITTEN = 0;
/** Results written so far. */
export const DONE: number = 1 * WORDS_PER_LINE;
/** Whether the worker sleeps. */
export const SLEEP: number = 2 * WORDS_PER_LINE;
/** 1 while the router wants to be notified of the next result. */
export const BELL: number = 3 * WORDS_PER_LINE;
/** 1 while the worker is counted in `awake`. */
export const COUNTED: number = 4 * WORDS_PER_LINE;
const INPUTS: number = 5 * WORDS_PER_LINE;
const OUTPUTS: number = 8 * WORDS_PER_LINE;
const WORDS: number = 11 * WORDS_PER_LINE;

// Whether the worker sleeps.
export const AWAKE = 0;
/** In its event loop, until a message comes. */
export const PARKED = 1;
/** It was parked, and a message that wakes it is on its way. */
export const CALLED = 2;

// Forms of a payload or an output.
export const VALUE = 0;
export const MAIL = 1;
export const SKIPPED = 2;
/** A payload with its call's trace contexts. */
export const TRACED = 3;

const FORM_BITS = 2;
export const BATCH_BIT: number = 1 << FORM_BITS;

/** The head of a call, from the index of its kind; to be combined with `BATCH_BIT` and a form. */
export function headOf(kind: number): number {
  return kind << (FORM_BITS + 1);
}

/** Index of the call's kind. */
export function kindOf(head: number): number {
  return head >> (FORM_BITS + 1);
}

/** Whether the call is a batch. */
export function isBatchOf(head: number): boolean {
  return (head & BATCH_BIT) !== 0;
}

/** Form of the call's payload. */
export function formOf(head: number): number {
  return head & (BATCH_BIT - 1);
}

/** Makes the memory for one worker. */
export function createRingMemory(awake: Int32Array): RingMemory {
  const control = words(WORDS);
  return {
    control,
    states: words(DEPTH),
    heads: words(DEPTH),
    forms: words(DEPTH),
    runMs: floats(DEPTH),
    busyMs: floats(DEPTH),
    inputs: valueMemory(control, INPUTS),
    outputs: valueMemory(control, OUTPUTS),
    awake,
  };
}

/** `first` is the index of the first counter. */
function valueMemory(control: Int32Array, first: number): ValueMemory {
  return {
    tags: words(CELLS),
    numbers: floats(CELLS),
    text: new Uint8Array(new SharedArrayBuffer(TEXT_BYTES)),
    control,
    places: {
      cellsRead: first,
      textWritten: first + WORDS_PER_LINE,
      textRead: first + 2 * WORDS_PER_LINE,
    },
  };
}

function words(count: number): Int32Array {
  return new Int32Array(new SharedArrayBuffer(count * Int32Array.BYTES_PER_ELEMENT));
}

function floats(count: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(count * Float64Array.BYTES_PER_ELEMENT));
}
