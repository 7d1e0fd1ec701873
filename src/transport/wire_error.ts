/**
 * A thrown value in a form that every runtime can clone, as structured clone alone loses the class, name
 * and fields of an error and throws on what cannot be cloned. It is a list of all objects that can be
 * reached, each once, the thrown one first; they refer to each other by their place in it. So it is flat,
 * however deep they are, and shared and cyclic references are kept.
 */
export type WireError = readonly WireNode[];

/** One object, or what was thrown if that is none. */
export type WireNode =
  | readonly [
    form: "error",
    /** The built-in class, such as `"RangeError"`. */
    type: string,
    name: string,
    message: string,
    stack: string | undefined,
    fields: Entries,
    /** Fields that are not enumerable, such as `cause`. */
    hidden: Entries,
  ]
  | readonly [form: "object", entries: Entries]
  | readonly [form: "array" | "set", items: readonly Slot[]]
  /** Keys and values in turn. */
  | readonly [form: "map", items: readonly Slot[]]
  /** What is cloned as it is: a primitive, a date, bytes. */
  | readonly [form: "value", value: unknown];

/** Where a value is: a primitive as it is, or the place of an object in the list. */
export type Slot = Primitive | readonly [place: number];

type Primitive = string | number | bigint | boolean | null | undefined;

/** Names and slots in turn. */
export type Entries = readonly Slot[];

/** What a thrown value may bring along. What is over has a mark in its place that begins with "…". */
export const MAX_OBJECTS = 1_000;
/** Properties and items of all its objects together. */
export const MAX_ENTRIES = 10_000;
/** Characters of all its texts and bytes of its buffers together; one may take half of what is left. */
export const MAX_TEXT: number = 256 * 1024;

/** Stands for an error of which nothing can be read. */
export const UNREADABLE = "An error that cannot be read";
