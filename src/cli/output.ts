import process from "node:process";

/** A stream of this program: standard output or standard error. */
export interface Stream {
  /** Whether it is a terminal. */
  readonly isTTY?: boolean;
  /** Width of the terminal. */
  readonly columns?: number;
  /** Writes; `done` is called when the text has left this process. */
  write(text: string, done?: () => void): unknown;
}

/** Where results go. */
export const stdout: Stream = process.stdout;
/** Where messages go. */
export const stderr: Stream = process.stderr;

/** Lets a reader that has gone away (`| head`) be no error of ours. */
export function ignoreClosedPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
    });
  }
}

/** Resolves when all that was written has left this process. */
export async function flushOutput(): Promise<void> {
  for (const stream of [stdout, stderr]) {
    await new Promise<void>((resolve) => stream.write("", () => resolve()));
  }
}
