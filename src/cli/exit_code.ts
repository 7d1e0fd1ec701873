/** The run was done. */
export const DONE = 0;
/** It could not be done. */
export const FAILED = 1;
/** It was asked for in a wrong way. */
export const WRONG_USAGE = 2;

/** The command line, the environment or a file that it names is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
