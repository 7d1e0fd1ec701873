const MAX_DEPTH = 4;
const MAX_OBJECTS = 16;
const MAX_CHARACTERS = 2_048;
const NUMBER_CHARACTERS = 24;

/**
 * Whether JSON gives back of a value what structured clone does, and it is small enough to be worth
 * it. Dates, maps, class instances, `undefined` inside, shared references and the like are not plain.
 */
export function isPlain(value: unknown): boolean {
  return plainLength(value) < Infinity;
}

/** A value as JSON, if that carries it faithfully and it is small. */
export function plainText(value: unknown): string | undefined {
  try {
    return isPlain(value) ? JSON.stringify(value) : undefined;
  } catch {
    return undefined; // a getter threw: cloning it will tell
  }
}

/** Whether a value can be cloned for sure, so that it may share a message with others. */
export function canShareMessage(value: unknown): boolean {
  try {
    return typeof value === "number" || value === undefined || isPlain(value);
  } catch {
    return false; // a getter threw: cloning it will tell
  }
}

/** About how many characters of JSON a plain value takes; `Infinity` for all others. */
export function plainLength(value: unknown): number {
  const characters = measure(value, 1, []);
  return characters <= MAX_CHARACTERS ? characters : Infinity;
}

/** `objects` are those met so far: one that is met twice is not plain. */
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
  const prototype = Object.getPrototypeOf(value);
  const isArray = prototype === Array.prototype && Array.isArray(value);
  if (!isArray && prototype !== Object.prototype) return Infinity;
  if (depth === MAX_DEPTH || objects.length === MAX_OBJECTS || objects.includes(value)) {
    return Infinity;
  }
  if ((value as { toJSON?: unknown }).toJSON !== undefined) return Infinity;
  objects.push(value);
  let characters = 2;
  let count = 0;
  for (const key in value) {
    if (isArray && key !== String(count)) return Infinity; // after a hole, or no index at all
    characters += key.length + measure((value as Record<string, unknown>)[key], depth + 1, objects);
    if (characters > MAX_CHARACTERS) return Infinity;
    count++;
  }
  return isArray && count !== value.length ? Infinity : characters;
}
