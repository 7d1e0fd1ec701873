import { isRecord, NO_INDEX } from "../cloned_form.ts";

const MAX_DEPTH = 4;
const MAX_OBJECTS = 16;
const MAX_CHARACTERS = 2_048;
const NUMBER_CHARACTERS = 24;

/**
 * Whether a value survives JSON as it does structured clone, and is small enough to be worth it.
 * Dates, maps, class instances, nested `undefined`, shared references and the like are not plain.
 */
export function isPlain(value: unknown): boolean {
  return plainLength(value) < Infinity;
}

/** Whether cloning a value cannot fail, so that it may share a message with others. */
export function canShareMessage(value: unknown): boolean {
  try {
    return typeof value === "number" || value === undefined || isPlain(value);
  } catch {
    return false; // a getter threw: cloning the value reports that
  }
}

/** Approximate length of a plain value as JSON, in characters; `Infinity` for any other. */
export function plainLength(value: unknown): number {
  const characters = measure(value, 1, []);
  return characters <= MAX_CHARACTERS ? characters : Infinity;
}

/** `objects` are those visited so far: one that is visited twice is not plain. */
function measure(value: unknown, depth: number, objects: object[]): number {
  switch (typeof value) {
    case "string":
      return value.length;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? NUMBER_CHARACTERS : Infinity;
    case "boolean":
      return 5;
    case "object":
      return value === null ? 4 : measureObject(value, depth, objects);
    default:
      return Infinity;
  }
}

function measureObject(value: object, depth: number, objects: object[]): number {
  const isArray = Array.isArray(value);
  const prototype = isArray ? Array.prototype : Object.prototype;
  if (Object.getPrototypeOf(value) !== prototype) return Infinity;
  if (depth === MAX_DEPTH || objects.length === MAX_OBJECTS || objects.includes(value)) {
    return Infinity;
  }
  if ((value as { toJSON?: unknown }).toJSON !== undefined) return Infinity;
  objects.push(value);
  let characters = 2;
  let count = 0;
  for (const key in value) {
    if (isArray && key !== String(count)) return Infinity; // after a hole, or not an index
    if (!isArray && count === 0 && !(key >= NO_INDEX) && !isRecord(value, true)) return Infinity;
    characters += key.length + measure((value as Record<string, unknown>)[key], depth + 1, objects);
    if (characters > MAX_CHARACTERS) return Infinity;
    count++;
  }
  if (isArray) return count === value.length ? characters : Infinity;
  return count > 0 || isRecord(value, false) ? characters : Infinity;
}
