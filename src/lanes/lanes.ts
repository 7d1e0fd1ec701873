import { BusyShares } from "../busy_shares.ts";
import type { Admission } from "../job/admission.ts";
import type { TunableLimits } from "../options/configuration.ts";
import type { LoadGauges } from "../policy/load.ts";
import type { ResolvedOptions } from "../options/options.ts";
import type { Strategy } from "../outcome.ts";
import type { Permits } from "../semaphore.ts";
import type { PortFactory } from "../transport/port.ts";
import { BatchLane } from "./batch.ts";
import { CpuPoolLane } from "./cpu_pool/cpu_pool.ts";
import { AsyncLimits } from "./async_limit.ts";
import { Places } from "./places.ts";
import { FairQueue } from "./queue/fair_queue.ts";
import { OrderedQueue } from "./queue/ordered_queue.ts";
import { PriorityQueue } from "./queue/priority_queue.ts";
import { LoopServer, PoolServer, type Server } from "./queue/server.ts";
import { InlineLane } from "./inline.ts";
import type { Lane } from "../job/lane.ts";
import type { WorkerEvent } from "../worker_event.ts";
import { SpawnLane } from "./spawn.ts";

/** Time workers have to exit when the router closes, on top of their `teardown`, in ms. */
const CLOSE_LIMIT_MS = 5_000;

/** The lanes of a router, by strategy; `backpressure_drop` has none. */
export interface Lanes extends Readonly<Record<Strategy, Lane | null>> {
  readonly inline: InlineLane;
  readonly spawn: SpawnLane;
  readonly cpu_pool: CpuPoolLane;
  readonly batch: BatchLane;
  /** The places of kinds that are limited. */
  readonly places: Places;
}

/** Creates the lanes; sets their capacities in the load, which may ask them. */
export function createLanes(
  options: ResolvedOptions,
  createPort: PortFactory,
  admission: Admission,
  load: LoadGauges,
  permits: Permits,
  tellWorker: (event: WorkerEvent) => void,
): Lanes {
  const { clock } = admission;
  const { order, objective } = options.policy;
  const ageingMs = options.priorityAgeingMs;
  const createOrdered = () => new OrderedQueue((job) => admission.orderOf(job));
  const isFair = objective !== "count";
  const createQueue = (server: Server) =>
    order === undefined ? new FairQueue(load, server, ageingMs, isFair) : createOrdered();
  const shares = new BusyShares(clock, load);
  const limits = new AsyncLimits();
  const places = new Places(admission, load, ageingMs, isFair);
  const inline = new InlineLane(clock, load, shares, limits, places);
  const pool = new CpuPoolLane(
    admission,
    load,
    createQueue(new PoolServer(load)),
    permits,
    inline,
    places,
    {
      ...options,
      createPort,
      startTimeoutMs: options.workerStartTimeoutMs,
      closeLimitMs: options.teardownMs + CLOSE_LIMIT_MS,
      maxCallsPerWorker: options.maxJobsPerWorker,
      maxHeapBytes: options.maxWorkerHeapBytes,
      tellWorker,
    },
  );
  const spawn = new SpawnLane(
    admission,
    load,
    createQueue(new LoopServer(load)),
    () => order === undefined ? new PriorityQueue(ageingMs, isFair) : createOrdered(),
    pool,
    inline,
    shares,
    limits,
    places,
  );
  inline.spawn = spawn;
  const lanes = {
    inline,
    spawn,
    cpu_pool: pool,
    batch: new BatchLane(admission, load, pool, spawn),
    backpressure_drop: null,
    places,
  };
  tuneLanes(lanes, load, options);
  load.ask(lanes);
  return lanes;
}

/** Changes the limits of the lanes, from the next job on. */
export function tuneLanes(lanes: Lanes, load: LoadGauges, limits: TunableLimits): void {
  load.poolCapacity = limits.cpuQueueCapacity;
  load.spawnCapacity = limits.spawnQueueCapacity;
  load.inlineSliceMs = limits.inlineSliceMs;
  load.batchMaxSize = limits.batchMaxSize;
  lanes.inline.tune(limits.spawnConcurrency);
  lanes.spawn.tune(limits.spawnConcurrency);
  lanes.batch.tune(limits.batchMaxDelayMs);
}
