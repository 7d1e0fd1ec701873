import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { demoJobs, readTrace, type TraceRequest } from "../simulation/mod.ts";
import { UsageError } from "./exit_code.ts";
import type { Log } from "./log.ts";
import { showCount } from "./table.ts";

/** Options of {@linkcode readTraceFile}. */
export interface TraceFileOptions {
  /** Whether rows that cannot be read are skipped, and requests that there is no job for. */
  readonly skipBadRows: boolean;
  /** Whether requests of kinds that the simulation has no job for are let through. @default {false} */
  readonly anyKind?: boolean;
  /** Where they are reported. */
  readonly log: Log;
}

/**
 * Reads a trace file for a live replay.
 *
 * @param path Path of the file.
 * @param options What to do about rows that cannot be read.
 * @returns Its requests, at least one; all of kinds that the simulation has a job for.
 * @throws {UsageError} If the file cannot be read, has no requests, has bad rows, or requests of
 * other kinds.
 */
export function readTraceFile(path: string, options: TraceFileOptions): readonly TraceRequest[] {
  const { requests, badRows, firstBadRow } = readTrace(readText(path));
  const name = basename(path);
  const first = firstBadRow === undefined ? "" : `line ${firstBadRow.line}: ${firstBadRow.problem}`;
  if (requests.length === 0) {
    throw new UsageError(`No request found in ${name}${first === "" ? "" : `, ${first}`}`);
  }
  if (badRows > 0) {
    const message = `${showCount(badRows, "row")} of ${name} cannot be read, the first in ${first}`;
    if (!options.skipBadRows) throw new UsageError(`${message} (--skip-bad-rows skips them)`);
    options.log.warn(`${message}; skipped`);
  }
  return options.anyKind === true ? requests : withJobs(requests, name, options);
}

/** Leaves out the requests that the simulation has no job for, or throws. */
function withJobs(
  requests: readonly TraceRequest[],
  name: string,
  { skipBadRows, log }: TraceFileOptions,
): readonly TraceRequest[] {
  const known = requests.filter(({ kind }) => Object.hasOwn(demoJobs.kinds, kind));
  const count = requests.length - known.length;
  if (count === 0) return requests;
  const { kind } = requests.find(({ kind }) => !Object.hasOwn(demoJobs.kinds, kind))!;
  const kinds = Object.keys(demoJobs.kinds).join(", ");
  const message =
    `Cannot run ${showCount(count, "request")} of ${name}, as the simulation has no ` +
    `job of kind ${JSON.stringify(kind)}, only of ${kinds}`;
  if (skipBadRows && known.length > 0) {
    log.warn(`${message}; skipped`);
    return known;
  }
  const others = known.length > 0 ? "--skip-bad-rows skips them, and " : "";
  throw new UsageError(`${message} (${others}readTrace() gives them to a program with such jobs)`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`Cannot read --trace ${path}: ${(error as Error).message}`);
  }
}
