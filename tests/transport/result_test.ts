// How the output of a call is sent, and what of a batch.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { AnyKind } from "../../src/define/jobs.ts";
import type { Result } from "../../src/transport/protocol.ts";
import { sendOutput } from "../../src/transport/result.ts";

function sent(kind: Partial<AnyKind>, isBatch: boolean, value: unknown) {
  const all: { readonly result: Result; readonly transfer: readonly unknown[] }[] = [];
  sendOutput({ run() {}, ...kind }, isBatch, value, { runMs: 1, busyMs: 1 }, (result, transfer) => {
    all.push({ result: structuredClone(result, { transfer }), transfer });
  });
  assert.equal(all.length, 1);
  return all[0];
}

test("the outputs beside a failed item of a batch are sent as they are", () => {
  const outputs = ["x".repeat(1_000_000), new RangeError("one"), new Date(0), undefined];
  const { value, itemErrors } = sent({}, true, outputs).result;
  assert.deepEqual(value, [outputs[0], undefined, outputs[2], undefined]);
  assert.deepEqual(itemErrors!.places, [1]);
  assert.equal(sent({}, true, [1, 2]).result.itemErrors, undefined);
});

test("what the outputs of a batch say is moved, and a failed item says nothing", () => {
  const transferOutput = (output: unknown) => [(output as Uint8Array<ArrayBuffer>).buffer];
  const outputs = [new Uint8Array([1]), new RangeError("one"), new Uint8Array([2])];
  const { result, transfer } = sent({ transferOutput }, true, outputs);
  assert.deepEqual(result.value, [new Uint8Array([1]), undefined, new Uint8Array([2])]);
  assert.equal(transfer.length, 2);
});
