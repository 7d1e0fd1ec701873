import type { AnyKind } from "../define/jobs.ts";
import type { Movable } from "../movable.ts";
import { isObject } from "../check.ts";
import { isError } from "../error_type.ts";
import { shown } from "../errors.ts";
import { hearRejection } from "../thenable.ts";
import type { FromWorker, ItemErrors, PlainResult, Result, RunTimes } from "./protocol.ts";
import { encodeError } from "./encode_error.ts";
import { cannotSend } from "./not_cloned.ts";
import { withOwnBytes } from "./own_bytes.ts";

/** Whether this is a result, and not what a job has posted: then its form can be relied on. */
export function isResult(value: unknown): value is Result {
  const { runMs, busyMs, itemErrors } = (value ?? {}) as Partial<Result>;
  const hasTimes = typeof runMs === "number" && typeof busyMs === "number";
  return hasTimes && (itemErrors === undefined || isObject(itemErrors));
}

/** The message that has the result of a call; `key` is that of its worker. */
export function toMessage(key: number, call: number, result: Result): FromWorker | PlainResult {
  const { runMs, busyMs, value, error, itemErrors } = result;
  return error === undefined && itemErrors === undefined
    ? [key, call, runMs, busyMs, value]
    : { type: "helix.results", key, call, results: [result] };
}

/**
 * Sends the output of a call, with the objects to transfer. An output that cannot be cloned is
 * replaced by an error; in a batch, only the items that cannot.
 */
export function sendOutput(
  kind: AnyKind,
  isBatch: boolean,
  value: unknown,
  times: RunTimes,
  send: (result: Result, transfer: Movable[]) => void,
): void {
  const { runMs, busyMs } = times;
  let transfer: Movable[] = [];
  try {
    const { outputs, itemErrors } = isBatch ? splitItems(value) : { outputs: value };
    transfer = transferOf(kind, isBatch, outputs);
    const result: Result = { runMs, busyMs, value: withOwnBytes(outputs, transfer) };
    send(itemErrors === undefined ? result : { ...result, itemErrors }, transfer);
  } catch (error) {
    const items = isBatch ? cloneableOf(value) : undefined;
    if (items !== undefined) sendOutput(kind, true, items, times, send);
    else send({ runMs, busyMs, error: encodeError(cannotSend("Output", error, transfer)) }, []);
  }
}

/** The items of a batch, errors for those that cannot be cloned; `undefined` if that is none of them. */
function cloneableOf(value: unknown): unknown[] | undefined {
  try {
    const before = Array.from(value as Iterable<unknown>);
    const items = before.map(cloneOrError);
    return items.some((item, i) => !Object.is(item, before[i])) ? items : undefined;
  } catch {
    return undefined; // no array, or a proxy
  }
}

function cloneOrError(item: unknown): unknown {
  if (isError(item)) return item; // is encoded, not cloned
  try {
    structuredClone(item);
    return item;
  } catch (error) {
    const reason = cannotSend("Output", error, []);
    return isError(reason) ? reason : new Error(shown(reason));
  }
}

/** Separates the failed items from a batch's outputs. */
function splitItems(value: unknown): { outputs: unknown; itemErrors?: ItemErrors } {
  if (!Array.isArray(value) || !value.some(isError)) return { outputs: value };
  const places: number[] = [];
  const outputs = value.map((item, place) => {
    if (!isError(item)) return item;
    places.push(place);
    return undefined;
  });
  const errors = encodeError(places.map((place) => value[place]), places.length);
  return { outputs, itemErrors: { places, errors } };
}

function transferOf(kind: AnyKind, isBatch: boolean, outputs: unknown): Movable[] {
  if (kind.transferOutput === undefined) return [];
  if (!isBatch) return listOf(kind.transferOutput(outputs));
  if (!Array.isArray(outputs)) return [];
  return outputs.flatMap((item) => item === undefined ? [] : listOf(kind.transferOutput!(item)));
}

function listOf(moved: unknown): Movable[] {
  if (Array.isArray(moved)) return moved;
  hearRejection(moved);
  throw new TypeError(`"transferOutput" must return an array: received ${shown(moved)}`);
}
