import { RefusedRequestError } from "../answers/answer.ts";

/** Deeper than any sensible input, and shallow enough for every recursion it will meet. */
const MAX_DEPTH = 200;

/**
 * Parses JSON from outside.
 *
 * @param text The text.
 * @returns The value.
 * @throws {RefusedRequestError} If it is no JSON, is nested too deep, or has keys that would change
 * prototypes where it is merged (400).
 */
export function parseJson(text: string): unknown {
  if (text.length > MAX_DEPTH && isTooDeep(text)) {
    throw invalidJson(`it is nested deeper than ${MAX_DEPTH} levels`);
  }
  try {
    // The reviver is slow, so it is only for texts that may hold one of the keys it looks for.
    const isSafe = !text.includes("proto") && !text.includes("\\u");
    return isSafe ? JSON.parse(text) : JSON.parse(text, refusePrototype);
  } catch (error) {
    if (error instanceof RefusedRequestError) throw error;
    throw invalidJson("it is not JSON");
  }
}

/** A job that merges its input into an object of its own must not change all objects. */
function refusePrototype(key: string, value: unknown): unknown {
  const isConstructor = key === "constructor" && typeof value === "object" && value !== null &&
    Object.hasOwn(value, "prototype");
  if (isConstructor) throw invalidJson('it has the key "constructor.prototype"');
  if (key === "__proto__") throw invalidJson('it has the key "__proto__"');
  return value;
}

/** Counts brackets outside of strings; what is not JSON anyway may give either answer. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  let isString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (isString) {
      if (code === 0x5c) i++; // the character after a backslash
      else if (code === 0x22) isString = false;
    } else if (code === 0x22) {
      isString = true;
    } else if (code === 0x5b || code === 0x7b) {
      if (++depth > MAX_DEPTH) return true;
    } else if (code === 0x5d || code === 0x7d) {
      depth--;
    }
  }
  return false;
}

function invalidJson(why: string): RefusedRequestError {
  return new RefusedRequestError(400, "invalid_json", `Cannot read body as ${why}`);
}
