import process from "node:process";

/** A stream of this program: standard output or standard error. */
export interface Stream {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
  /** Writes; `done` is called once the text has been flushed. */
  write(text: string, done?: () => void): unknown;
}

/** Where results go. */
export const stdout: Stream = process.stdout;
/** Where messages go. */
export const stderr: Stream = process.stderr;

/** Ignores the error that a pipe was closed by its reader (`| head`). */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

/** Resolves once all output has been flushed. */
export async function flushOutput(): Promise<void> {
  for (const stream of [stdout, stderr]) {
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
}
