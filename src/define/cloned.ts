type Primitive = string | number | bigint | boolean | null | undefined | void;

/** What is no part of a clone: an object with a function of its own cannot be cloned, one with methods loses them. */
// deno-lint-ignore ban-types
type Lost = Function | symbol | Promise<unknown>;

/** What arrives as it was, or is moved. Structural types, so that no runtime's are needed. */
type Whole =
  | Date
  | RegExp
  | ArrayBufferLike
  | { readonly size: number; slice(...args: never): unknown; arrayBuffer(): Promise<unknown> } // a blob
  | { postMessage(...args: never): void; start(): void } // a message port
  | { readonly locked: boolean; getReader(...args: never): unknown } // a readable stream
  | { readonly locked: boolean; getWriter(): unknown }
  | { readonly readable: { getReader(...args: never): unknown }; readonly writable: object }
  | { transferToImageBitmap(): object } // an OffscreenCanvas
  | { readonly width: number; readonly height: number; close(): void } // an ImageBitmap
  | { readonly timestamp: number; clone(): object; close(): void }; // a VideoFrame, AudioData

/**
 * How many levels of a type are looked at to find whether a clone is of the same type, and can have its name.
 * What is the same so far is taken to be the same below: most such types are recursive.
 */
type Deepest = [0, 0, 0, 0, 0, 0, 0, 0];

/**
 * What becomes of a type on the way from a worker: a `Buffer` is a `Uint8Array`, an instance of a class a plain
 * object without methods, a custom error an `Error`; functions and symbols are gone. Arrays, maps, sets, dates,
 * regular expressions, bytes, blobs, streams, ports, images and frames stay. Accessors of a class cannot be told
 * from its data:
 * they look as if they were there.
 *
 * @example Usage
 * ```ts
 * import type { Cloned } from "helixrouter/jobs";
 *
 * class Size {
 *   width = 2;
 *   double(): number {
 *     return this.width * 2;
 *   }
 * }
 * const size: Cloned<Size> = { width: 2 };
 * size.width;
 * ```
 *
 * @typeParam T The type of what a job returns.
 */
export type Cloned<T> = 0 extends 1 & T ? T
  : T extends Primitive | Whole ? T
  : T extends Lost ? never
  : T extends Uint8Array<infer B> ? Uint8Array<B>
  : T extends ArrayBufferView ? T
  : T extends Map<infer K, infer V> ? Map<Cloned<K>, Cloned<V>>
  : T extends Set<infer V> ? Set<Cloned<V>>
  : T extends ReadonlyMap<infer K, infer V> ? ReadonlyMap<Cloned<K>, Cloned<V>>
  : T extends ReadonlySet<infer V> ? ReadonlySet<Cloned<V>>
  : IsError<T> extends true ? Error
  : true extends Changes<T, Deepest> ? ClonedObject<T>
  : T;

/** Has the properties that structured clone takes along. Not by name, so that people are shown the properties. */
type ClonedObject<T> = T extends readonly unknown[] ? ClonedArray<T>
  : T extends object ? { [K in keyof T as KeyIn<K, T[K]>]: Cloned<T[K]> }
  : T;

/** Of a tuple its places; an array is put off until it is asked for, as it may contain its own type. */
type ClonedArray<T extends readonly unknown[]> = number extends T["length"]
  ? T extends unknown[] ? Cloned<T[number]>[] : readonly Cloned<T[number]>[]
  : { [I in keyof T]: Cloned<T[I]> };

/** A key, unless it is a symbol or has nothing but a function. */
type KeyIn<K, V> = K extends symbol ? never
  : Extract<V, Lost> extends never ? K
  : Exclude<V, Lost | null | undefined> extends never ? never
  : K;

type IsError<T> = T extends Error ? "stack" extends keyof T ? true : false : false;

/** Whether a clone is of another type; `boolean` if only some members of a union are. */
type Changes<T, Levels extends readonly unknown[]> = 0 extends 1 & T ? false
  : T extends Primitive | Whole ? false
  : T extends Lost ? true
  : T extends Uint8Array<infer B>
    ? Exclude<keyof T, keyof Uint8Array<B>> extends never ? false : true
  : T extends ArrayBufferView ? false
  : Levels extends readonly [unknown, ...infer Rest]
    ? T extends Map<infer K, infer V> ? Changes<K | V, Rest>
    : T extends Set<infer V> ? Changes<V, Rest>
    : T extends readonly (infer I)[] ? Changes<I, Rest>
    : IsError<T> extends true ? true
    : Extract<keyof T, symbol> extends never
      ? T extends object ? { [K in keyof T]-?: Changes<T[K], Rest> }[keyof T] : false
    : true
  : false;
