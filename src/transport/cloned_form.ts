// What structured clone makes of an object depends on what it is, whatever its prototype and its tag say.

/** How structured clone takes an object apart; `undefined` if it does not. */
export type ClonedForm = "array" | "map" | "set" | "error" | "record" | undefined;

/** Objects of which structured clone takes no properties, by their tags. */
const WHOLE: ReadonlySet<string> = new Set(
  ["Date", "RegExp", "Boolean", "Number", "String", "BigInt", "ArrayBuffer", "SharedArrayBuffer"]
    .map((name) => `[object ${name}]`),
);

/**
 * The form of an object that is no view. A map or set without a property of its own may be taken for a
 * record, if its prototype says so: `hiddenForm()` looks closer.
 */
export function clonedForm(object: object): ClonedForm {
  if (Array.isArray(object)) return "array";
  if (Object.getPrototypeOf(object) === Object.prototype) return "record"; // most are
  const tag = tagOf(object);
  if (tag === "[object Map]" || object instanceof Map) return formOf(object, "map");
  if (tag === "[object Set]" || object instanceof Set) return formOf(object, "set");
  if (tag === "[object Error]") return "error";
  return WHOLE.has(tag) ? undefined : "record";
}

/** The form of an object without properties of its own, as its clone shows it: that costs 2 µs. */
export function hiddenForm(object: object): ClonedForm {
  try {
    const form = clonedForm(structuredClone(object));
    return form === "map" || form === "set" || form === "record" ? form : undefined;
  } catch {
    return undefined; // it cannot be cloned
  }
}

/** Keys and items of a map, or those of a set as both; a subclass may have iterators of its own. */
export function entriesOf(
  object: object,
  form: "map" | "set",
): IterableIterator<[unknown, unknown]> {
  const { entries } = (form === "map" ? Map : Set).prototype;
  return entries.call(object as never);
}

/** No index is this or comes after it: the character after "9". */
export const NO_INDEX = ":";

/**
 * Whether an object is a record, and does not only have the prototype of one. Ask only for objects without
 * keys or with an index as the first key: others are.
 */
export function isRecord(object: object, hasKeys: boolean): boolean {
  if (tagOf(object) !== "[object Object]" || ArrayBuffer.isView(object)) return false;
  return hasKeys || hiddenForm(object) === "record";
}

export function tagOf(object: object): string {
  return Object.prototype.toString.call(object);
}

function formOf(object: object, form: "map" | "set"): ClonedForm {
  try {
    entriesOf(object, form);
    return form;
  } catch {
    return "record"; // it only says so
  }
}
