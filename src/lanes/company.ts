import type { Call } from "../job/call.ts";
import type { RunTimeModel } from "../model/model.ts";
import { type LoadGauges, MOST_TINY_MS } from "../policy/load.ts";
import { BatchCall } from "./batch_call.ts";
import { chargeFor } from "./queue/turns.ts";

/** What a batch is expected to take longer than it does, as a share: its jobs must be in time all the same. */
const LONGER = 1.2;

/** The lane in which calls wait. */
export interface Waiting {
  /** Threads that take calls from it. */
  readonly threads: number;
  /** When another one than that which is free now is expected to be free, in ms; `Infinity` if never. */
  readonly nextFreeMs: number;
  /** Number of calls that wait. */
  length(): number;
  /** The next call that may go with one: see `CallQueue`. */
  mateOf(call: Call, untilMs: number): Call | null;
  /** Takes out a call that waits. */
  take(call: Call): void;
}

/**
 * Has calls of its kind that wait go with one that has left its queue and is about to run; returns the batch, or
 * the call if it stays alone. One more joins as long as
 *
 * - none of them, and no other call that waits, is late because of it;
 * - that is less of a loss for those whose run is longer by it than a gain for itself, as it need not wait for
 *   the next thread and is in no run of its own, and for all that wait behind it.
 */
export function withCompany(call: Call, load: LoadGauges, lane: Waiting): Call {
  call.ticket.gathers = false;
  const { kind, facts } = call;
  const { pays, isUnknown, mayTry, itemMs, aloneMs } = load.batchOf(facts);
  const { model, nowMs, batchMaxSize } = load;
  if (!pays && (!isUnknown && !mayTry || mayBeTiny(call, model))) return call;
  const longer = pays ? LONGER : 1;
  let batch: BatchCall | null = call.isBatch ? call as BatchCall : null;
  let size = call.size;
  let runMs = model.batch(kind, facts.computeCost).fixedMs;
  let deadlineMs = Infinity;
  for (const job of call.jobs) {
    runMs += model.batch(kind, job.facts.computeCost).itemMs;
    deadlineMs = Math.min(deadlineMs, job.deadlineMs);
  }
  for (; size < batchMaxSize; size++) {
    if (pays) { // a trial is to show what batches take
      const nextMs = Math.min(lane.nextFreeMs, size === 1 ? aloneMs : runMs);
      const soonerMs = nextMs + aloneMs - (runMs + itemMs);
      const savedMs = (aloneMs - itemMs) * (lane.length() - 1) / lane.threads;
      if (size * itemMs > soonerMs + savedMs) break;
    }
    const untilMs = nowMs + Math.min(lane.nextFreeMs, longer * (runMs + itemMs));
    const mate = lane.mateOf(call, untilMs);
    if (mate === null || mate.kind !== kind || mate.isBatch || !mate.ticket.gathers) break;
    const [job] = mate.jobs;
    const withItMs = runMs + model.batch(kind, job.facts.computeCost).itemMs;
    if (nowMs + longer * withItMs > Math.min(deadlineMs, job.deadlineMs)) break;
    chargeFor(call); // or all would be of the key whose turn it is
    lane.take(mate);
    chargeFor(mate);
    batch ??= new BatchCall(call.jobs[0]);
    batch.add(job);
    runMs = withItMs;
    deadlineMs = Math.min(deadlineMs, job.deadlineMs);
  }
  if (batch === null || size === 1) return call;
  if (pays || !isUnknown) model.triesBatch(kind, pays, nowMs);
  return batch;
}

/** Whether too few of a kind have run to know that it needs no worker; what runs in a batch does not tell. */
function mayBeTiny({ kind, facts }: Call, model: RunTimeModel): boolean {
  return kind.hasModule && model.isNew(kind) &&
    !(model.busyMs(kind, facts.computeCost) >= MOST_TINY_MS);
}
