import { createWriteStream, openSync } from "node:fs";
import { finished } from "node:stream/promises";
import { type JobRecord, toRecordLine } from "../simulation/mod.ts";
import { UsageError } from "./exit_code.ts";

/** Lines are written together: a write for each would cost more than many a job. */
const CHUNK_LENGTH = 65_536;

/** A recording that is being written. */
export interface RecordFile {
  /** Adds a job. */
  add(record: JobRecord): void;
  /** Resolves when all is written; rejects when that went wrong. */
  close(): Promise<void>;
}

/**
 * Begins a recording; a file that is there is written over.
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
  const stream = createWriteStream(path, { fd });
  const written = finished(stream);
  written.catch(() => {}); // told by close()
  let chunk = "";
  return {
    add(record) {
      chunk += toRecordLine(record) + "\n";
      if (chunk.length < CHUNK_LENGTH) return;
      stream.write(chunk);
      chunk = "";
    },
    close() {
      stream.end(chunk);
      return written;
    },
  };
}
