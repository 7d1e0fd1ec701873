import process from "node:process";

const CODES = { SIGINT: 130, SIGTERM: 143 } as const;

/** An interruption by SIGINT (Ctrl+C) or SIGTERM. */
export interface Interrupt {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Resolves with the first signal. */
  readonly happened: Promise<void>;
  /** Exit code for the signal received; `undefined` while there was none. */
  readonly exitCode: number | undefined;
}

/** Listens for SIGINT and SIGTERM. A second one exits the program at once. */
export function watchInterrupts(): Interrupt {
  const controller = new AbortController();
  const { signal } = controller;
  let exitCode: number | undefined;
  for (const [name, code] of Object.entries(CODES)) {
    process.on(name, () => {
      if (exitCode !== undefined) process.exit(code);
      exitCode = code;
      controller.abort();
    });
  }
  return {
    signal,
    happened: new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
    get exitCode() {
      return exitCode;
    },
  };
}
