import { checkOutcome, readFields, readHeader, toJobRecord } from "./recorded_line.ts";
import type { JobRecord, TraceHeader } from "./recording.ts";
import {
  readAzureRow,
  readPlainRow,
  type ReadRow,
  toRequest,
  type TraceRequest,
} from "./trace_row.ts";

export type { TraceRequest } from "./trace_row.ts";

/** A row that could not be read. */
export interface BadRow {
  /** Number of the line, from 1. */
  readonly line: number;
  /** What is wrong with it, and what is wanted. */
  readonly problem: string;
}

/** What could not be read of a file. */
export interface BadRows {
  /** Number of rows that could not be read. */
  readonly badRows: number;
  /** The first of them. */
  readonly firstBadRow: BadRow | undefined;
}

/** The result of {@linkcode readTrace}. */
export interface Trace extends BadRows {
  /** The requests in order of arrival, the first at 0 ms. */
  readonly requests: readonly TraceRequest[];
}

/** The result of {@linkcode readRecording}. */
export interface Recording extends BadRows {
  /** The first line; `undefined` if it could not be read, and then nothing else is. */
  readonly header: TraceHeader | undefined;
  /** The jobs in the order of the file: that in which they ended. */
  readonly records: readonly JobRecord[];
}

const HEADERS: ReadonlyMap<string, ReadRow> = new Map([
  ["TIMESTAMP,ContextTokens,GeneratedTokens", readAzureRow],
  ["at_ms,kind,cost,scaling,budget_ms", readPlainRow],
]);

/**
 * Reads a trace: the Azure LLM inference trace of 2023 as published, a CSV with the header
 * `at_ms,kind,cost,scaling,budget_ms`, or a recording, whose first line is
 * `{"helix_trace":1}` with or without more fields. The kinds may be any. Never throws: rows that
 * cannot be read are counted, empty lines are skipped.
 *
 * @example Usage
 * ```ts
 * import { readTrace } from "helixrouter/simulation";
 * import assert from "node:assert/strict";
 *
 * const { requests, badRows, firstBadRow } = readTrace(`at_ms,kind,cost,scaling,budget_ms
 * 0,prime_count,20000,0.9,50
 * soon,prime_count,20000,0.9,50`);
 * assert.equal(requests.length, 1);
 * assert.equal(badRows, 1);
 * assert.equal(firstBadRow?.line, 3);
 * ```
 *
 * @param text The text of the trace.
 * @returns The requests, and what could not be read.
 */
export function readTrace(text: string): Trace {
  const { lines, first } = linesOf(text);
  if (first < 0) return { requests: [], ...badRow(1, "the trace is empty") };
  const firstLine = lines[first].trim();
  const isRecording = firstLine.startsWith("{");
  const problem = isRecording ? problemOf(readHeader(firstLine)) : undefined;
  if (problem !== undefined) return { requests: [], ...badRow(first + 1, problem) };
  const readRow = isRecording ? readRecordedRow : HEADERS.get(firstLine);
  if (readRow === undefined) {
    const headers = [...HEADERS.keys()].join(" or ");
    const wanted = `the header must be ${headers}, or the file a recording`;
    return { requests: [], ...badRow(first + 1, wanted) };
  }
  const { rows, ...bad } = readRows(lines, first + 1, readRow);
  return { requests: inOrder(rows), ...bad };
}

/**
 * Reads a recording as it is, outcomes included. Never throws: rows that cannot be read are counted,
 * empty lines are skipped. `toHeaderLine()` and `toRecordLine()` write it again, byte for byte.
 *
 * @example Usage
 * ```ts
 * import { readRecording } from "helixrouter/simulation";
 * import assert from "node:assert/strict";
 *
 * const outcome = { status: "dropped", strategy: "backpressure_drop", reason: "lane_full",
 *   waitMs: 0, totalMs: 0, withinBudget: false };
 * const line = JSON.stringify({ at_ms: 3, kind: "resize", cost: 7, outcome });
 * const { header, records } = readRecording(`{"helix_trace":1,"policy":"threshold"}\n${line}`);
 * assert.equal(header?.policy, "threshold");
 * assert.equal(records[0].outcome.reason, "lane_full");
 * ```
 *
 * @param text The text of the recording.
 * @returns The header, the records, and what could not be read.
 */
export function readRecording(text: string): Recording {
  const { lines, first } = linesOf(text);
  const header = first < 0 ? "the recording is empty" : readHeader(lines[first].trim());
  if (typeof header === "string") {
    return { header: undefined, records: [], ...badRow(Math.max(first, 0) + 1, header) };
  }
  const { rows, ...bad } = readRows(lines, first + 1, (line) => {
    const fields = readFields(line);
    return typeof fields === "string" ? fields : toJobRecord(fields);
  });
  return { header, records: rows, ...bad };
}

/** A request and, in a recording, the number of its job. */
type NumberedRequest = TraceRequest & { readonly id?: unknown };

/** Parses a line of a recording for its request. */
function readRecordedRow(line: string): NumberedRequest | string {
  const fields = readFields(line);
  if (typeof fields === "string") return fields;
  const outcome = fields.outcome === undefined ? undefined : checkOutcome(fields.outcome);
  if (typeof outcome === "string") return outcome;
  const request = toRequest(fields, outcome);
  return typeof request === "string" ? request : { ...request, id: fields.id };
}

function linesOf(text: string): { lines: readonly string[]; first: number } {
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  return { lines, first: lines.findIndex((line) => line.trim() !== "") };
}

function readRows<T extends object>(
  lines: readonly string[],
  from: number,
  readRow: (line: string) => T | string,
): BadRows & { readonly rows: readonly T[] } {
  const rows: T[] = [];
  let badRows = 0;
  let firstBadRow: BadRow | undefined;
  for (let i = from; i < lines.length; i++) {
    const line = lines[i].trim();
    if (line === "") continue;
    const row = readRow(line);
    if (typeof row !== "string") {
      rows.push(row);
      continue;
    }
    badRows++;
    firstBadRow ??= { line: i + 1, problem: row };
  }
  return { rows, badRows, firstBadRow };
}

/**
 * Sorts by arrival and shifts the first to 0 ms. Requests of the same time are in the order in which
 * they were submitted, if that was recorded: a recording has them as they ended.
 */
function inOrder(requests: readonly NumberedRequest[]): TraceRequest[] {
  const numberOf = ({ id }: NumberedRequest): number => typeof id === "number" ? id : Infinity;
  const sorted = [...requests].sort((a, b) => {
    if (a.atMs !== b.atMs) return a.atMs - b.atMs;
    const [first, second] = [numberOf(a), numberOf(b)];
    return first === second ? 0 : first - second; // not Infinity - Infinity
  });
  const startMs = sorted[0]?.atMs ?? 0;
  return sorted.map(({ id: _, ...request }) => ({
    ...request,
    atMs: toWholeMicroseconds(request.atMs - startMs),
  }));
}

/** Removes the rounding errors that dates leave in floating-point numbers. */
function toWholeMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function problemOf(header: TraceHeader | string): string | undefined {
  return typeof header === "string" ? header : undefined;
}

function badRow(line: number, problem: string): BadRows {
  return { badRows: 1, firstBadRow: { line, problem } };
}
