/** Exit code of success. */
export const DONE = 0;
/** Exit code of a failure. */
export const FAILED = 1;
/** Exit code of wrong usage. */
export const WRONG_USAGE = 2;

/** The command line, the environment or a file that it names is invalid: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
