import type { Admission } from "../job/admission.ts";
import type { TunableLimits } from "../options/configuration.ts";
import type { LoadGauges } from "../policy/load.ts";
import type { ResolvedOptions } from "../options/options.ts";
import type { Strategy } from "../outcome.ts";
import type { JobFacts } from "../policy/policy.ts";
import type { Permits } from "../semaphore.ts";
import type { PortFactory } from "../transport/port.ts";
import { hearRejection } from "../thenable.ts";
import { BatchLane } from "./batch.ts";
import { CpuPoolLane } from "./cpu_pool/cpu_pool.ts";
import { type CallQueue, OrderedQueue, PriorityQueue } from "./queue.ts";
import { InlineLane } from "./inline.ts";
import type { Lane } from "../job/lane.ts";
import { SpawnLane } from "./spawn.ts";

/** Time workers have to exit when the router closes, on top of their `teardown`, in ms. */
const CLOSE_LIMIT_MS = 5_000;

/** The lanes of a router, by strategy; `backpressure_drop` has none. */
export interface Lanes extends Readonly<Record<Strategy, Lane | null>> {
  readonly inline: InlineLane;
  readonly spawn: SpawnLane;
  readonly cpu_pool: CpuPoolLane;
  readonly batch: BatchLane;
}

/**
 * Creates the lanes and sets their capacities in the load. `orderFailed` is called when the
 * policy's `order` throws; the older job then goes first.
 */
export function createLanes(
  options: ResolvedOptions,
  createPort: PortFactory,
  admission: Admission,
  load: LoadGauges,
  permits: Permits,
  orderFailed: () => void,
): Lanes {
  const { policy } = options;
  const { clock } = admission;
  load.poolCapacity = options.cpuQueueCapacity;
  load.spawnCapacity = options.spawnQueueCapacity;
  load.inlineSliceMs = options.inlineSliceMs;
  const order = (a: JobFacts, b: JobFacts): number => {
    try {
      const answer: unknown = policy.order!(a, b);
      if (typeof answer === "number") return answer;
      hearRejection(answer, orderFailed);
      return Number(answer);
    } catch {
      orderFailed();
      return 0;
    }
  };
  const createQueue = (): CallQueue =>
    policy.order === undefined
      ? new PriorityQueue(options.priorityAgeingMs)
      : new OrderedQueue(order);
  const pool = new CpuPoolLane(admission, load, createQueue(), permits, {
    createPort,
    minWorkers: options.minWorkers,
    idleTimeoutMs: options.idleTimeoutMs,
    startTimeoutMs: options.workerStartTimeoutMs,
    closeLimitMs: options.teardownMs + CLOSE_LIMIT_MS,
    maxCallsPerWorker: options.maxJobsPerWorker,
    maxHeapBytes: options.maxWorkerHeapBytes,
    maxLostWorkers: options.maxLostWorkers,
    quarantineAfter: options.quarantineAfter,
    quarantineMs: options.quarantineMs,
  });
  const spawn = new SpawnLane(admission, load, createQueue(), pool, options.spawnConcurrency);
  return {
    inline: new InlineLane(clock, load, options.spawnConcurrency),
    spawn,
    cpu_pool: pool,
    batch: new BatchLane(admission, load, pool, spawn, {
      maxSize: options.batchMaxSize,
      maxDelayMs: options.batchMaxDelayMs,
    }),
    backpressure_drop: null,
  };
}

/** Changes the limits of the lanes, from the next job on. */
export function tuneLanes(lanes: Lanes, load: LoadGauges, limits: TunableLimits): void {
  load.poolCapacity = limits.cpuQueueCapacity;
  load.spawnCapacity = limits.spawnQueueCapacity;
  load.inlineSliceMs = limits.inlineSliceMs;
  lanes.inline.tune(limits.spawnConcurrency);
  lanes.spawn.tune(limits.spawnConcurrency);
  lanes.batch.tune({ maxSize: limits.batchMaxSize, maxDelayMs: limits.batchMaxDelayMs });
}
