import type { SubmitOptions } from "../../mod.ts";
import { offer, type Told, type World, type WorldOptions } from "../virtual/world.ts";
import { createKnownWorld } from "./known_world.ts";

/** For a submit that waits for room. */
export const wait = { whenFull: "wait" } as const;

/** One worker, and room for one job that waits for it. */
export function createSmallWorld(options: WorldOptions = {}): Promise<World> {
  return createKnownWorld(1, { cpuQueueCapacity: 1, ...options });
}

/** Offers a job of 10 ms. */
export function work(world: World, options: SubmitOptions = {}): Told {
  return offer(world, "shared", { ms: 10 }, { computeCost: 10, ...options });
}

/** Fills the worker and the queue. */
export function fill(world: World): readonly Told[] {
  return [work(world), work(world)];
}

/** How many wait for room. */
export function waitingFor({ router }: World): number {
  return router.load.waitingForRoom;
}
