import assert from "node:assert/strict";
import type { AnyKind, JobContext } from "../../../src/define/jobs.ts";
import type { WorkerCall } from "../../../src/worker_call.ts";

/** What a call is: the name of its kind, and how its payload travels. */
export const CALLS: readonly string[] = [
  ...["number", "nothing", "text", "long", "large", "map", "moved"].map((form) => `echo ${form}`),
  ...["later number", "later long", "later map", "later large"],
  ...["throws text", "unclonable number", "batch list", "movesOut number", "swells number"],
];

export interface Sent {
  readonly seq: number;
  readonly kind: string;
  readonly payload: unknown;
  isRevoked: boolean;
  /** Aborted when it was running, or before: then it is not run. */
  isAborted: boolean;
  isAbortedEarly: boolean;
  hasRun: boolean;
  isAnswered: boolean;
  /** Its payload, or its result, was a message that arrived garbled. */
  isInputGarbled: boolean;
  isOutputGarbled: boolean;
  /** An asynchronous run was made to fail. */
  wasFailed: boolean;
}

/** The kinds of all calls; each run says so first. */
export function kindsOf(
  begin: (payload: unknown, context: JobContext) => Sent,
  beginLater: (sent: Sent, context: JobContext) => Promise<unknown>,
): Record<string, AnyKind> {
  return {
    echo: { run: (payload, context) => (begin(payload, context), payload) },
    later: { run: (payload, context) => beginLater(begin(payload, context), context) },
    throws: {
      run(payload, context) {
        begin(payload, context);
        throw new RangeError("thrown");
      },
    },
    unclonable: { run: (payload, context) => (begin(payload, context), { f() {} }) },
    batch: {
      run: () => assert.fail("a batch is not one job"),
      runBatch: (payload, context) => (begin(payload, context), payload.map(twice)),
    },
    movesOut: {
      run: (payload, context) => (begin(payload, context), new Uint8Array([payload]).buffer),
      transferOutput: (output) => [output as ArrayBuffer],
    },
    swells: { run: (payload, context) => (begin(payload, context), "s".repeat(1_300)) },
  };
}

/** What carries the trace of a call: every third one has a trace. */
export function tracesOf(seq: number): WorkerCall["traces"] {
  return seq % 3 === 0 ? [{ traceparent: `trace of ${seq}` }] : undefined;
}

function twice(item: unknown): unknown {
  return typeof item === "number" ? 2 * item : new TypeError("no number");
}

export function payloadOf(
  form: string,
  seq: number,
): { payload: unknown; transfer: ArrayBuffer[] } {
  switch (form) {
    case "number":
      return { payload: seq, transfer: [] };
    case "nothing":
      return { payload: undefined, transfer: [] };
    case "text":
      return { payload: { seq, key: "välue" }, transfer: [] };
    case "long": // a few dozen fill the ring of text
      return { payload: [seq, "x".repeat(1_300)], transfer: [] };
    case "large":
      return { payload: [seq, "y".repeat(9_000)], transfer: [] };
    case "map":
      return { payload: new Map([[seq, -0]]), transfer: [] };
    case "list":
      return { payload: [seq, "no number", seq], transfer: [] };
    default: {
      const { buffer } = new Uint8Array([seq]);
      return { payload: buffer, transfer: [buffer] };
    }
  }
}

export function judge(sent: Sent, ok: boolean, value: unknown): void {
  const { kind, payload, seq } = sent;
  const fails = (name: string, pattern: RegExp) => {
    assert.equal(ok, false);
    const error = value as Error;
    assert.equal(error.name, name);
    assert.match(error.message, pattern);
  };
  if (sent.isOutputGarbled) return fails("DataCloneError", /^Output/);
  if (sent.isAbortedEarly) return fails("AbortError", /./);
  if (sent.isInputGarbled) return fails("DataCloneError", /^Input/);
  if (kind === "throws") return fails("RangeError", /^thrown$/);
  if (kind === "unclonable") return fails("DataCloneError", /./);
  if (sent.wasFailed) return fails("RangeError", /^later$/);
  assert.ok(ok, String(value));
  if (kind === "movesOut") {
    return assert.deepEqual(new Uint8Array(value as ArrayBuffer), new Uint8Array([seq]));
  }
  if (kind === "swells") return assert.equal((value as string).length, 1_300);
  if (kind !== "batch") return assert.deepEqual(value, payload);
  const [first, second, third] = value as unknown[];
  assert.deepEqual([first, third], [2 * seq, 2 * seq]);
  assert.ok(second instanceof Error && second.name === "TypeError");
}
