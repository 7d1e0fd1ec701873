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

const UNNAMED = "message ports and (not on Bun) streams must be named in";

/** Where the objects of each are named; those of progress cannot be. */
const PLACES: Readonly<Record<string, string>> = { Input: "transfer", Output: "transferOutput" };

/** What runtimes say of objects that can only be transferred, and were not; Bun says it of others, too. */
const IS_UNNAMED = /not listed|unsupported (object|type)|object can ?not/i;

/**
 * Adds to a `DataCloneError`, which names only the value, whether it was the input or output; and
 * what can be transferred, and how: runtimes say so in ways of their own. Node 20 has a `TypeError` for what
 * would have to be.
 */
export function cannotSend(what: string, cause: unknown, transfer: readonly Movable[]): unknown {
  const type = errorType(cause);
  const isMoved = transfer.length > 0;
  if (type !== "DOMException" && type !== "TypeError") return cause;
  let text = "";
  try {
    const { name, message } = cause as Error;
    text = String(message);
    const isRefused = type === "TypeError" && (isMoved || /listed in transferList/.test(text));
    if (name !== "DataCloneError" && !isRefused) return cause;
  } catch {
    return cause; // what a getter of a payload has thrown
  }
  const place = PLACES[what];
  const isUnnamed = place !== undefined && IS_UNNAMED.test(text);
  const hint = isMoved ? ` (${MOVABLE})` : isUnnamed ? ` (${UNNAMED} "${place}")` : "";
  return new DOMException(`${what} of the job cannot be sent: ${text}${hint}`, "DataCloneError");
}
