import type { SaturationEvent } from "../observe/saturation.ts";
import type { SettledJob } from "../observe/sink.ts";
import { warningOf, type WorkerEvent } from "../worker_event.ts";
import { Feed } from "./feed.ts";
import type { DecisionRecord } from "./record.ts";

/** What listeners of `router.on()` are told, by event. */
export interface RouterEvents {
  /**
   * A job was decided on. Told after that has been carried out as far as possible synchronously: an
   * inline job has run. A job that moves to another lane while it waits is told of once more, with `moved`.
   * Plain data, to be kept or sent: `kind` is the name, `jobId` the number of the job.
   */
  readonly decision: DecisionRecord;
  /**
   * A job is over, right after its caller was told: before its decision, if it was over within
   * `submit()`. Refused submits are no jobs. The job itself, to be read at once: `kind.name` is the name, `id` the
   * `jobId` of the event `decision`.
   */
  readonly outcome: SettledJob;
  /**
   * A worker is ready, has ended or has died. While nobody listens, one that dies without a job is told of by a
   * warning on the console.
   */
  readonly worker: WorkerEvent;
  /** Jobs begin to be refused for want of room, or have not been for a second. */
  readonly saturation: SaturationEvent;
}

/** One feed for each event. */
export type Feeds = { readonly [E in keyof RouterEvents]: Feed<RouterEvents[E]> };

/** `failed` is called with what a listener throws. */
export function createFeeds(failed: (error: unknown) => void): Feeds {
  const feed = <T>(): Feed<T> => new Feed<T>(failed);
  return { decision: feed(), outcome: feed(), worker: feed(), saturation: feed() };
}

/** Something has happened to a worker: where nobody listens or would notice, it gives a warning. */
export function tellWorker(
  { worker }: Feeds,
  event: WorkerEvent,
  warn: (text: string) => void,
): void {
  if (worker.isHeard) return worker.tell(event);
  const warning = warningOf(event);
  if (warning !== undefined) warn(warning);
}
