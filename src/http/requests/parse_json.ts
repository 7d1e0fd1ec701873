import { RefusedRequestError } from "../answers/refusal.ts";

/** Deeper than any sensible input, and shallow enough for all recursive functions. */
const MAX_DEPTH = 200;

/**
 * Parses untrusted JSON.
 *
 * @param text The text.
 * @param place Where it comes from, for the message.
 * @returns The value.
 * @throws {RefusedRequestError} If it is not JSON, is nested too deeply, or has keys that would
 * change prototypes if it is merged (400).
 */
export function parseJson(text: string, place = "body"): unknown {
  if (text.length > MAX_DEPTH && isTooDeep(text)) {
    throw invalidJson(place, `it is nested deeper than ${MAX_DEPTH} levels`);
  }
  try {
    // The reviver is slow, so it is only used for texts that may have one of the keys it refuses.
    const isSafe = !text.includes("proto") && !HIDDEN_PROTO.test(text);
    return isSafe ? JSON.parse(text) : JSON.parse(text, refusePrototype);
  } catch (error) {
    throw invalidJson(place, error instanceof PrototypeKeyError ? error.message : "it is not JSON");
  }
}

/** A letter of "proto" that is escaped; JSON writers escape no letters. */
const HIDDEN_PROTO = /\\u00(?:7[024]|6f)/i;

class PrototypeKeyError extends Error {
  constructor(key: string) {
    super(`it has the key "${key}"`);
  }
}

/** A job that merges its input into another object must not change the prototype of all objects. */
function refusePrototype(key: string, value: unknown): unknown {
  const isConstructor = key === "constructor" && typeof value === "object" && value !== null &&
    Object.hasOwn(value, "prototype");
  if (isConstructor) throw new PrototypeKeyError("constructor.prototype");
  if (key === "__proto__") throw new PrototypeKeyError(key);
  return value;
}

/** Counts brackets outside of strings; for text that is not JSON, either result is fine. */
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

function invalidJson(place: string, why: string): RefusedRequestError {
  return new RefusedRequestError(400, "invalid_json", `Cannot read ${place} as ${why}`);
}
