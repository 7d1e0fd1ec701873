import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { readTrace, type TraceRequest } from "../simulation/mod.ts";
import { UsageError } from "./exit_code.ts";
import type { Log } from "./log.ts";
import { showCount } from "./table.ts";

/** Options of {@linkcode readTraceFile}. */
export interface TraceFileOptions {
  /** Whether rows that cannot be read are skipped. */
  readonly skipBadRows: boolean;
  /** Where they are reported. */
  readonly log: Log;
}

/**
 * Reads a trace file.
 *
 * @param path Path of the file.
 * @param options What to do about rows that cannot be read.
 * @returns Its requests, at least one.
 * @throws {UsageError} If the file cannot be read, has no requests, or has bad rows.
 */
export function readTraceFile(path: string, options: TraceFileOptions): readonly TraceRequest[] {
  const { requests, badRows, firstBadRow } = readTrace(readText(path));
  const name = basename(path);
  const first = firstBadRow === undefined ? "" : `line ${firstBadRow.line}: ${firstBadRow.problem}`;
  if (requests.length === 0) {
    throw new UsageError(`No request found in ${name}${first === "" ? "" : `, ${first}`}`);
  }
  if (badRows === 0) return requests;
  const message = `${showCount(badRows, "row")} of ${name} cannot be read, the first in ${first}`;
  if (!options.skipBadRows) throw new UsageError(`${message} (--skip-bad-rows skips them)`);
  options.log.warn(`${message}; skipped`);
  return requests;
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`Cannot read --trace ${path}: ${(error as Error).message}`);
  }
}
