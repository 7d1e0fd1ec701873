import { closeSync, openSync, writeSync } from "node:fs";
import { clearTimeout, setTimeout } from "node:timers";
import { UsageError } from "./exit_code.ts";

/** Lines are written in chunks: a write per line would cost more than a small job. */
const CHUNK_LENGTH = 65_536;
/** How long a line may wait for its chunk, in ms. */
const CHUNK_MS = 1_000;

/** A recording that is being written. */
export interface RecordFile {
  /** Adds a line. Never throws: after an error, lines are dropped. */
  add(line: string): void;
  /** Writes the rest, and closes the file. */
  close(): void;
}

/**
 * Starts a recording; an existing file is overwritten.
 *
 * @param path Path of the file.
 * @param warn Receives the first error of a write.
 * @returns The recording.
 * @throws {UsageError} If the file cannot be written.
 */
export function createRecordFile(path: string, warn: (text: string) => void): RecordFile {
  let fd: number;
  try {
    fd = openSync(path, "w");
  } catch (error) {
    throw new UsageError(`Cannot write --record ${path}: ${(error as Error).message}`);
  }
  let chunk = "";
  let hasFailed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    try {
      // A stream would buffer without bound if the disk is slower.
      if (chunk !== "") writeSync(fd, chunk);
    } catch (error) {
      hasFailed = true;
      warn(`cannot write --record ${path}, which ends here: ${(error as Error).message}`);
    }
    chunk = "";
  }
  return {
    add(line) {
      if (hasFailed) return;
      chunk += line + "\n";
      if (chunk.length >= CHUNK_LENGTH) flush();
      else timer ??= setTimeout(flush, CHUNK_MS).unref();
    },
    close() {
      flush();
      closeSync(fd);
    },
  };
}
