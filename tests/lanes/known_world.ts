import { forcedPolicy } from "../fixtures/forced_policy.ts";
import { createWorld, offer, type Told, type World, type WorldOptions } from "../virtual/world.ts";

/** A world whose workers are up, and where a job is known to run as many ms as it costs. */
export async function createKnownWorld(
  cpuParallelism: number,
  options: WorldOptions = {},
): Promise<World> {
  const policy = forcedPolicy("cpu_pool");
  const workers = { cpuParallelism, minWorkers: cpuParallelism };
  const world = await createWorld({ policy, ...workers, ...options });
  const first = run(world, 1);
  while (first.status === "pending") world.clock.step();
  return world;
}

/** Offers a job that is expected to run `expectedMs`. */
export function run(world: World, expectedMs: number, task = {}, options = {}): Told {
  const cost = { computeCost: expectedMs };
  return offer(world, "shared", { ms: expectedMs, ...task }, { ...cost, ...options });
}
