import type { AnyKind } from "../define/jobs.ts";
import type { Movable } from "../movable.ts";
import type { Result } from "./protocol.ts";
import { cannotSend, encodeError, type WireError } from "./wire_error.ts";

/** Whether this is a result, and not what a job has posted: then its form can be relied on. */
export function isResult(value: unknown): value is Result {
  const { runMs, busyMs, itemErrors } = (value ?? {}) as Partial<Result>;
  const hasTimes = typeof runMs === "number" && typeof busyMs === "number";
  return hasTimes && (itemErrors === undefined || Array.isArray(itemErrors));
}

/**
 * Sends the output of a call, with the objects to transfer. An output that cannot be cloned is
 * replaced by an error; in a batch, only the items that cannot.
 */
export function sendOutput(
  kind: AnyKind,
  isBatch: boolean,
  value: unknown,
  runMs: number,
  busyMs: number,
  send: (result: Result, transfer: Movable[]) => void,
): void {
  try {
    const { outputs, itemErrors } = isBatch ? splitItems(value) : { outputs: value };
    const result: Result = { runMs, busyMs, value: outputs };
    send(
      itemErrors === undefined ? result : { ...result, itemErrors },
      transferOf(kind, isBatch, outputs),
    );
  } catch (error) {
    const before: readonly unknown[] = isBatch && Array.isArray(value) ? value : [];
    const items = before.map(cloneOrError);
    if (items.some((item, i) => !Object.is(item, before[i]))) {
      sendOutput(kind, true, items, runMs, busyMs, send);
    } else send({ runMs, busyMs, error: encodeError(cannotSend("Output", error)) }, []);
  }
}

function cloneOrError(item: unknown): unknown {
  try {
    structuredClone(item);
    return item;
  } catch (error) {
    const reason = cannotSend("Output", error);
    return reason instanceof Error ? reason : new Error(String(reason));
  }
}

/** Separates the failed items from a batch's outputs. */
function splitItems(
  value: unknown,
): { outputs: unknown; itemErrors?: (readonly [number, WireError])[] } {
  if (!Array.isArray(value) || !value.some((item) => item instanceof Error)) {
    return { outputs: value };
  }
  const itemErrors: (readonly [number, WireError])[] = [];
  const outputs = value.map((item, place) => {
    if (!(item instanceof Error)) return item;
    itemErrors.push([place, encodeError(item)]);
    return undefined;
  });
  return { outputs, itemErrors };
}

function transferOf(kind: AnyKind, isBatch: boolean, outputs: unknown): Movable[] {
  if (kind.transferOutput === undefined) return [];
  if (!isBatch) return kind.transferOutput(outputs);
  if (!Array.isArray(outputs)) return [];
  return outputs.flatMap((item) => item === undefined ? [] : kind.transferOutput!(item));
}
