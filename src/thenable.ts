/** Tells whether a value has a `then`, whoever made it. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null &&
    typeof (value as PromiseLike<unknown>).then === "function";
}

/** Hears the rejection of what should be no promise: nobody else does, and that may end the process. */
export function hearRejection(value: unknown, heard: (error: unknown) => void = ignore): void {
  try {
    if (isThenable(value)) value.then(undefined, heard);
  } catch (error) {
    heard(error);
  }
}

function ignore(): void {}
