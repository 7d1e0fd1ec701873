import type { JobName } from "./jobs/work.ts";

/** What a contestant is to run. */
export interface OpenOptions {
  /** Its workers. */
  readonly workers: number;
  /** The function of `jobs/work.cjs` they run. */
  readonly job: JobName;
  /** Jobs that will wait at a time at most, for those that bound their queue. @default {0} */
  readonly waiting?: number;
}

/** A contestant that is ready to run. */
export interface Opened {
  /** Runs the job; rejects if it was refused. */
  run(input: unknown): Promise<unknown>;
  /** The job's output in what `run` gave, where they differ. */
  outputOf?(result: unknown): unknown;
  /** Has a job tell which worker it ran on; rejects if that was none. */
  whichWorker?(): Promise<unknown>;
  /** Workers that are there now. */
  workers?(): number;
  /** Ends all workers. */
  close(): unknown;
}

/** One way of running jobs on workers: ours, a peer's, or a bare baseline. */
export interface Contestant {
  readonly name: string;
  /** Package of a peer. */
  readonly package?: string;
  /** Runtimes it is made for. Default: all. */
  readonly runtimes?: readonly string[];
  /** Loads its code. */
  load(): Promise<unknown>;
  /** Starts it. */
  open(options: OpenOptions): Promise<Opened>;
}

const CLOSE_LIMIT_MS = 2_000;

/** Closes a contestant, but waits for it only so long: poolifier's `destroy()` hangs by chance. */
export async function closeSoon({ close }: Opened): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise((resolve) => timer = setTimeout(resolve, CLOSE_LIMIT_MS));
  await Promise.race([close(), limit]);
  clearTimeout(timer);
}

/** The one of several lines with the fewest jobs in flight. */
export function leastLoaded<L extends { readonly inFlight: number }>(lines: readonly L[]): L {
  let best = lines[0];
  for (let i = 1; i < lines.length; i++) {
    if (lines[i].inFlight < best.inFlight) best = lines[i];
  }
  return best;
}
