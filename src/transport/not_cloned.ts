import { errorType } from "../error_type.ts";
import type { Movable } from "../movable.ts";

/**
 * The error of a call or result whose message could not be deserialized: only then does Node notice
 * that a buffer in it had already been transferred.
 */
export function cannotRead(what: string): DOMException {
  const message =
    `${what} of the job cannot be deserialized: was a buffer in it already transferred?`;
  return new DOMException(message, "DataCloneError");
}

const MOVABLE =
  "only array buffers, message ports and (not on Bun) streams can be transferred, each once; not shared " +
  "memory, nor that of WebAssembly or of a pool";

/**
 * Adds to a `DataCloneError`, which names only the value, whether it was the input or output; and
 * what can be transferred, if there was something to transfer: runtimes say so in ways of their own.
 */
export function cannotSend(what: string, cause: unknown, transfer: readonly Movable[]): unknown {
  const type = errorType(cause);
  const isRefused = type === "TypeError" && transfer.length > 0;
  if (type !== "DOMException" && !isRefused) return cause;
  let text = "";
  try {
    const { name, message } = cause as Error;
    if (name !== "DataCloneError" && !isRefused) return cause;
    text = String(message);
  } catch {
    return cause; // what a getter of a payload has thrown
  }
  const hint = transfer.length === 0 ? "" : ` (${MOVABLE})`;
  return new DOMException(`${what} of the job cannot be sent: ${text}${hint}`, "DataCloneError");
}
