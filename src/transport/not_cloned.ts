import { errorType } from "../error_type.ts";

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
  if (errorType(cause) !== "DOMException") return cause;
  const { name, message } = cause as DOMException;
  if (name !== "DataCloneError") return cause;
  return new DOMException(`${what} of the job cannot be sent: ${message}`, name);
}
