import { adaptivePolicy, type SubmitOptions } from "../../mod.ts";
import type { RunTimeModel } from "../../src/model/model.ts";
import type { WorkerCall } from "../../src/worker_call.ts";
import type { Service } from "../virtual/port_model.ts";
import { createRandom } from "../virtual/random.ts";
import {
  createWorld,
  offer,
  outputOf,
  type Task,
  type Told,
  type World,
  type WorldOptions,
} from "../virtual/world.ts";

/** What a run takes besides its jobs, in ms: alone, and as a batch; and a batch of so many for each. */
export interface Costs {
  readonly aloneMs?: number;
  readonly batchMs?: number;
  readonly eachMs?: number;
}

/** Workers that take a fixed time for each call, as if to open a connection, and some for each job. */
export function serveWith({ aloneMs = 2, batchMs = 2, eachMs = 0 }: Costs) {
  return ({ isBatch, payload }: WorkerCall): Service => {
    if (!isBatch) {
      const task = payload as Task;
      return { ms: aloneMs + task.ms, end: task.end, value: outputOf(task) };
    }
    const tasks = payload as readonly Task[];
    const ms = tasks.reduce((sum, task) => sum + task.ms + eachMs, batchMs);
    const end = tasks.some((task) => task.end === "crash") ? "crash" : "ok";
    return { ms, end, value: tasks.map(outputOf) };
  };
}

/** What the router has learned, to be taught. */
export function modelOf({ router }: World): RunTimeModel {
  return router.load.model as RunTimeModel;
}

export const KINDS = ["local", "local_group", "shared", "group", "steady_group"];

/** A world of two workers, of which it is known what calls of `group` take, alone and as batches. */
export async function createBatching(
  { costs = {}, known = true, ...options }: WorldOptions & { costs?: Costs; known?: boolean } = {},
): Promise<World> {
  const { aloneMs = 2, batchMs = 2, eachMs = 0 } = costs;
  const world = await createWorld({
    policy: adaptivePolicy(),
    cpuParallelism: 2,
    minWorkers: typeof options.cpuParallelism === "number" ? options.cpuParallelism : 2,
    model: { serve: serveWith(costs) },
    ...options,
  });
  const model = modelOf(world);
  for (const name of known ? ["group", "steady_group", "local_group"] : []) {
    const kind = { index: KINDS.indexOf(name) };
    for (let i = 0; i < 20; i++) {
      model.learn(kind, NaN, aloneMs + 0.1, aloneMs + 0.1, world.clock.now());
      const size = 1 + i % 8;
      const ms = batchMs + size * (0.1 + eachMs);
      model.learnBatch(kind, new Array(size).fill(NaN), true, ms, ms);
    }
  }
  return world;
}

/** Offers a small job of a kind with a `runBatch`. */
export function small(world: World, id: number, options?: SubmitOptions, kind = "group"): Told {
  return offer(world, kind, { id, ms: 0.1 }, options);
}

/** Jobs that come at random, so many in a ms on average. */
export function arrive(
  world: World,
  perMs: number,
  forMs: number,
  options?: SubmitOptions,
): Told[] {
  const random = createRandom(7);
  const told: Told[] = [];
  const endMs = world.clock.now() + forMs;
  for (let atMs = world.clock.now(); atMs < endMs;) {
    atMs -= Math.log(1 - random()) / perMs;
    world.clock.runUntil(atMs);
    told.push(small(world, told.length, options));
  }
  world.clock.run();
  return told;
}

/** Numbers of the jobs in each call that was sent from then on; those that went alone are numbers. */
export function callsFrom({ ports }: World, first: number): (number | number[])[] {
  return ports.calls.slice(first).map(({ isBatch, payload }) =>
    isBatch ? (payload as Task[]).map(({ id }) => id) : (payload as Task).id
  );
}
