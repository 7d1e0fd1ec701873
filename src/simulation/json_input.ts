/**
 * Whether a value can be written as JSON and read back as it is, but for bigints, which become
 * decimal strings. Never throws.
 */
export function isJson(value: unknown): boolean {
  try {
    return JSON.stringify(value, strict) !== undefined;
  } catch {
    return false;
  }
}

/** For `JSON.stringify()`, which leaves out or changes what JSON has no form for: throws instead. */
function strict(this: unknown, key: string, value: unknown): unknown {
  const raw = (this as Record<string, unknown>)[key]; // before its toJSON()
  switch (typeof raw) {
    case "string":
    case "boolean":
      return raw;
    case "bigint":
      return String(raw);
    case "number":
      if (Number.isFinite(raw)) return raw;
      break;
    case "undefined":
      if (!Array.isArray(this)) return raw; // a property that is absent
      break;
    case "object":
      if (raw === value && isPlain(raw)) return raw;
  }
  throw new TypeError("not JSON");
}

function isPlain(value: object | null): boolean {
  if (value === null || Array.isArray(value)) return true;
  const from = Object.getPrototypeOf(value);
  return from === Object.prototype || from === null;
}
