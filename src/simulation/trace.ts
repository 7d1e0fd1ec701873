import {
  readAzureRow,
  readPlainRow,
  readRecordedRow,
  type ReadRow,
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

/** The result of {@linkcode readTrace}. */
export interface Trace {
  /** The requests in order of arrival, the first at 0 ms. */
  readonly requests: readonly TraceRequest[];
  /** Number of rows that could not be read. */
  readonly badRows: number;
  /** The first of them. */
  readonly firstBadRow: BadRow | undefined;
}

const HEADERS: ReadonlyMap<string, ReadRow> = new Map([
  ["TIMESTAMP,ContextTokens,GeneratedTokens", readAzureRow],
  ["at_ms,kind,cost,scaling,budget_ms", readPlainRow],
]);

/**
 * Reads a trace: the Azure LLM inference trace of 2023 as published, a CSV with the header
 * `at_ms,kind,cost,scaling,budget_ms`, or the JSON lines of a recording. The first line determines
 * the format. Never throws: rows that cannot be read are counted, empty lines are skipped.
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
  const lines = text.replace(/^\uFEFF/, "").split(/\r?\n/);
  const first = lines.findIndex((line) => line.trim() !== "");
  if (first < 0) return withBadRow(1, "the trace is empty");
  const firstLine = lines[first].trim();
  const hasHeader = !firstLine.startsWith("{");
  const readRow = hasHeader ? HEADERS.get(firstLine) : readRecordedRow;
  if (readRow === undefined) {
    const headers = [...HEADERS.keys()].join(" or ");
    return withBadRow(first + 1, `the header must be ${headers}, or the file JSON lines`);
  }
  return readRows(lines, hasHeader ? first + 1 : first, readRow);
}

function readRows(lines: readonly string[], from: number, readRow: ReadRow): Trace {
  const requests: TraceRequest[] = [];
  let badRows = 0;
  let firstBadRow: BadRow | undefined;
  for (let i = from; i < lines.length; i++) {
    const line = lines[i].trim();
    if (line === "") continue;
    const row = readRow(line);
    if (typeof row !== "string") {
      requests.push(row);
      continue;
    }
    badRows++;
    firstBadRow ??= { line: i + 1, problem: row };
  }
  return { requests: inOrder(requests), badRows, firstBadRow };
}

/** Sorts by arrival and shifts the first to 0 ms. Requests of the same time keep their order. */
function inOrder(requests: readonly TraceRequest[]): TraceRequest[] {
  const sorted = [...requests].sort((a, b) => a.atMs - b.atMs);
  const startMs = sorted[0]?.atMs ?? 0;
  return sorted.map((request) => ({
    ...request,
    atMs: toWholeMicroseconds(request.atMs - startMs),
  }));
}

/** Removes the rounding errors that dates leave in floating-point numbers. */
function toWholeMicroseconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function withBadRow(line: number, problem: string): Trace {
  return { requests: [], badRows: 1, firstBadRow: { line, problem } };
}
