import type { Clock } from "../clock.ts";
import type { Jobs } from "../define/jobs.ts";
import { InvalidOptionError } from "../errors.ts";
import type { PortFactory, TakenTransport, Transport } from "../transport/port.ts";
import { canShareText } from "../transport/ring/router_end.ts";
import type { StartThread } from "../transport/thread.ts";
import { ThreadPort } from "../transport/thread_port.ts";
import { isPage } from "./builtin.ts";
import { canShare, coreCount, hasModule } from "./host.ts";
import { now } from "./kept_time.ts";
import { createNextTurn } from "./next_turn.ts";
import { soon } from "./soon.ts";
import { type ThreadSettings, threadStarter } from "./start_thread.ts";

/** What the ports of a router need. */
export interface PortSettings extends ThreadSettings {
  /** How calls travel: see `transportFor`. */
  readonly transport: TakenTransport;
  /** The router's clock. */
  readonly clock: Clock;
  /** Heap above which a worker is replaced, in bytes. */
  readonly maxWorkerHeapBytes: number;
  /** Time the jobs' `teardown` may take, in ms. */
  readonly teardownMs: number;
}

/**
 * How calls travel to workers: by shared memory where the runtime can encode text into it. In browsers that is
 * slower than messages are.
 *
 * @throws {InvalidOptionError} If shared memory is wanted, and cannot be had.
 */
export function transportFor(wanted: Transport): TakenTransport {
  const hasRing = canShare && !isPage && canShareText();
  if (wanted === "shared_memory" && !hasRing) {
    throw new InvalidOptionError("transport", wanted, '"auto" or "messages" on this runtime');
  }
  return hasRing && wanted !== "messages" ? "shared_memory" : "messages";
}

/**
 * Makes the ports of a router: on custom workers, or on the built-in entry.
 *
 * @param start Starts a worker.
 */
export function portFactory(
  sets: readonly Jobs[],
  settings: PortSettings,
  start: StartThread = threadStarter(settings),
): PortFactory {
  const { transport, clock, maxWorkerHeapBytes, teardownMs, worker } = settings;
  const shared = sets.filter((set) => hasModule(set, worker));
  const options = {
    start,
    modules: shared.map((set) => set.module!),
    kinds: shared.flatMap((set) => Object.keys(set.kinds)),
    canShare,
    awake: transport === "shared_memory" ? new Int32Array(new SharedArrayBuffer(4)) : undefined,
    cores: coreCount(),
    nextTurn: createNextTurn(),
    soon,
    realNow: now,
    clock,
    tellsHeap: maxWorkerHeapBytes !== Infinity,
    teardownMs,
  };
  return () => new ThreadPort(options);
}
