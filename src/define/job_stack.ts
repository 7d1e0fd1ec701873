import { isError } from "../error_type.ts";
import type { AnyKind, JobContext } from "./jobs.ts";

/** Frames of the runtime beneath the last one of a job: those of its event loop. */
const BENEATH = /(?:\n +at [^\n]*[( ](?:node:|ext:|native:)[^\n]*)+$/;
/** Errors that a thrown one may have as causes, one of the other. */
const MAX_CAUSES = 8;

/** Calls a job's own code, on every thread: in a stack, what is beneath this is ours. */
export function runKind(
  kind: AnyKind,
  isBatch: boolean,
  payload: unknown,
  context: JobContext,
): unknown {
  const value = isBatch
    ? kind.runBatch!(payload as readonly unknown[], context)
    : kind.run(payload, context);
  return value === undefined ? undefined : value; // no tail call, of which JavaScriptCore keeps no frame
}

/** The stack of an error as far as it is the job's. */
export function jobStack(stack: string): string {
  for (const frame of ownFrames()) {
    const end = stack.indexOf(`\n${frame}`);
    if (end >= 0) stack = stack.slice(0, end);
  }
  return stack.replace(BENEATH, "");
}

/** Leaves in the stacks of a thrown value, and of its causes, what is the job's. */
export function cutStacks(thrown: unknown): void {
  try {
    for (let i = 0; isError(thrown) && i < MAX_CAUSES; i++, thrown = thrown.cause) {
      thrown.stack = jobStack(thrown.stack!);
    }
  } catch {
    // It is frozen, a getter throws, or its stack is in a form of the program's own.
  }
}

let frames: readonly string[] | undefined;

/** The lines that `runKind()` has in stacks, as this runtime writes them. */
function ownFrames(): readonly string[] {
  const run = (): unknown => new Error().stack;
  return frames ??= [false, true].map((isBatch) => {
    const stack = runKind({ run, runBatch: run } as never, isBatch, 0, undefined as never);
    return String(stack).split("\n").filter((line) => /@|^ +at /.test(line))[1];
  });
}
