/**
 * A thrown value in a form that every runtime can clone: structured clone alone loses the class
 * name and own fields of an error, and throws on fields that cannot be cloned.
 */
export type WireError =
  | { readonly isError: false; readonly value: unknown }
  | {
    readonly isError: true;
    readonly name: string;
    readonly message: string;
    readonly stack: string | undefined;
    readonly cause: WireError | undefined;
    readonly fields: Readonly<Record<string, unknown>>;
  };

const MAX_DEPTH = 5;
/** Key that marks an error inside a field, such as those of an `AggregateError`. */
const NESTED = "helixrouter.error";
const STANDARD = new Set(["name", "message", "stack", "cause"]);

/** Encodes a thrown value. Fields that cannot be cloned are omitted. Never throws. */
export function encodeError(thrown: unknown, depth = 0): WireError {
  try {
    if (!(thrown instanceof Error)) return { isError: false, value: cloneOr(thrown, String) };
    const deeper = depth < MAX_DEPTH;
    return {
      isError: true,
      name: String(thrown.name),
      message: String(thrown.message),
      stack: thrown.stack === undefined ? undefined : String(thrown.stack),
      cause: "cause" in thrown && deeper ? encodeError(thrown.cause, depth + 1) : undefined,
      fields: deeper ? fieldsOf(thrown, depth) : {},
    };
  } catch {
    return { isError: false, value: "An error that cannot be read" };
  }
}

/** Decodes what {@linkcode encodeError} has encoded. */
export function decodeError(wire: WireError): unknown {
  if (wire?.isError !== true) return wire?.value; // a job may post a look-alike of our messages
  const cause = wire.cause === undefined ? undefined : { cause: decodeError(wire.cause) };
  const error = new Error(wire.message, cause);
  const fields: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wire.fields ?? {})) fields[name] = decodeField(value);
  Object.defineProperties(error, {
    name: { value: wire.name, configurable: true, writable: true },
    stack: { value: wire.stack, configurable: true, writable: true },
  });
  return Object.assign(error, fields);
}

function fieldsOf(error: Error, depth: number): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  for (const name of Object.getOwnPropertyNames(error)) {
    if (STANDARD.has(name)) continue;
    try {
      fields[name] = encodeField((error as unknown as Record<string, unknown>)[name], depth);
    } catch {
      // Omits a field that cannot be read or cloned, and keeps the rest of the error.
    }
  }
  return fields;
}

function encodeField(value: unknown, depth: number): unknown {
  if (value instanceof Error) return { [NESTED]: encodeError(value, depth + 1) };
  if (Array.isArray(value)) return value.map((item) => encodeField(item, depth));
  return structuredClone(value);
}

function decodeField(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decodeField);
  const nested = (value as Record<string, WireError | undefined> | null | undefined)?.[NESTED];
  return nested === undefined ? value : decodeError(nested);
}

function cloneOr(value: unknown, otherwise: (value: unknown) => string): unknown {
  try {
    return structuredClone(value);
  } catch {
    return otherwise(value);
  }
}

/**
 * The error of a call or result whose message could not be deserialized: only then does Node notice
 * that a buffer in it had already been transferred.
 */
export function cannotRead(what: string): DOMException {
  const message =
    `${what} of the job cannot be deserialized: was a buffer in it already transferred?`;
  return new DOMException(message, "DataCloneError");
}

/** Adds to a `DataCloneError`, which names only the value, whether it was the input or output. */
export function cannotSend(what: string, cause: unknown): unknown {
  if (!(cause instanceof DOMException) || cause.name !== "DataCloneError") return cause;
  return new DOMException(`${what} of the job cannot be sent: ${cause.message}`, cause.name);
}
