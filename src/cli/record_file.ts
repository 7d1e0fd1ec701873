import { closeSync, openSync, writeSync } from "node:fs";
import { type JobRecord, toRecordLine } from "../simulation/mod.ts";
import { UsageError } from "./exit_code.ts";

/** Lines are written in chunks: a write per line would cost more than a small job. */
const CHUNK_LENGTH = 65_536;

/** A recording that is being written. */
export interface RecordFile {
  /** Adds a job. */
  add(record: JobRecord): void;
  /** Writes the rest, and closes the file. */
  close(): void;
}

/**
 * Starts a recording; an existing file is overwritten.
 *
 * @param path Path of the file.
 * @returns The recording.
 * @throws {UsageError} If the file cannot be written.
 */
export function createRecordFile(path: string): RecordFile {
  let fd: number;
  try {
    fd = openSync(path, "w");
  } catch (error) {
    throw new UsageError(`Cannot write --record ${path}: ${(error as Error).message}`);
  }
  let chunk = "";
  return {
    add(record) {
      chunk += toRecordLine(record) + "\n";
      if (chunk.length < CHUNK_LENGTH) return;
      writeSync(fd, chunk); // a stream would buffer without bound if the disk is slower
      chunk = "";
    },
    close() {
      writeSync(fd, chunk);
      closeSync(fd);
    },
  };
}
