import type { AnyKind, JobContext } from "../define/jobs.ts";
import type { RunContext } from "../define/run_context.ts";
import type { Movable } from "../movable.ts";
import { isThenable } from "../thenable.ts";
import { decodeError } from "./decode_error.ts";
import { encodeError } from "./encode_error.ts";
import { tellResult } from "./line.ts";
import { cannotSend } from "./not_cloned.ts";
import { withOwnBytes } from "./own_bytes.ts";
import { sendOutput } from "./result.ts";

/**
 * A kind whose jobs, run on this thread, get what a worker would get of their input, and give what would come
 * back of their output, errors and progress included.
 */
export function clonedKind(kind: AnyKind): AnyKind {
  const call = (isBatch: boolean) => (input: unknown, context: JobContext) =>
    runCloned(kind, isBatch, sendInput(input, (context as RunContext).moved()), context);
  return { ...kind, run: call(false), runBatch: call(true) as AnyKind["runBatch"] };
}

/**
 * What a worker gets of an input.
 *
 * @param moved Objects in it that are transferred.
 * @throws {DOMException} `DataCloneError` if it cannot be sent.
 */
export function sendInput<T>(input: T, moved: readonly Movable[]): T {
  try {
    return clone(withOwnBytes(input, moved), moved);
  } catch (error) {
    throw cannotSend("Input", error, moved);
  }
}

/** Runs a call whose input is a clone already; gives, or throws, what would come back from a worker. */
export function runCloned(
  kind: AnyKind,
  isBatch: boolean,
  input: unknown,
  context: JobContext,
): unknown {
  const { report } = context;
  const value = (progress: unknown): void => report(clone(withOwnBytes(progress, [])));
  Object.defineProperty(context, "report", { value });
  const receive = (output: unknown): unknown => received(kind, isBatch, output);
  let output: unknown;
  try {
    output = isBatch ? kind.runBatch!(input as unknown[], context) : kind.run(input, context);
    if (isThenable(output)) return Promise.resolve(output).then(receive, fail);
  } catch (error) {
    return fail(error);
  }
  return receive(output);
}

/** What the router gets of an output; throws what it gets if that cannot be sent. */
function received(kind: AnyKind, isBatch: boolean, output: unknown): unknown {
  let isOk = false;
  let told: unknown;
  const result = (_: number, ok: boolean, value: unknown): void => {
    isOk = ok;
    told = value;
  };
  sendOutput(kind, isBatch, output, { runMs: 0, busyMs: 0 }, (sent, moved) => {
    tellResult({ result }, 0, clone(sent, moved), 0);
  });
  if (!isOk) throw told;
  return told;
}

function fail(error: unknown): never {
  throw decodeError(clone(encodeError(error)));
}

function clone<T>(value: T, moved: readonly Movable[] = []): T {
  return structuredClone(value, { transfer: moved as Transferable[] });
}
