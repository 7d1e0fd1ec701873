// The shared memory of the ring baseline: three numbers in, one number out, in order.

/** Jobs on their way at a time at most, a power of two. */
export const RING_CAPACITY = 1_024;
/** Numbers of a job: which function, its input, and one that nobody reads. */
export const NUMBERS_IN = 3;

// Places of the control words, each on a cache line of its own.
/** Jobs written so far. */
export const WRITTEN = 0;
/** Results written so far. */
export const DONE = 16;
/** 1 when the main thread wants the bell. */
export const ARMED = 32;
/** 1 when the worker sleeps or is about to. */
export const ASLEEP = 48;

/** One worker's ring. */
export interface Ring {
  readonly control: Int32Array<SharedArrayBuffer>;
  readonly inputs: Float64Array<SharedArrayBuffer>;
  readonly outputs: Float64Array<SharedArrayBuffer>;
}

/** Makes one. */
export function createRing(): Ring {
  return {
    control: new Int32Array(new SharedArrayBuffer(64 * Int32Array.BYTES_PER_ELEMENT)),
    inputs: shared(RING_CAPACITY * NUMBERS_IN),
    outputs: shared(RING_CAPACITY),
  };
}

function shared(length: number): Float64Array<SharedArrayBuffer> {
  return new Float64Array(new SharedArrayBuffer(length * Float64Array.BYTES_PER_ELEMENT));
}
