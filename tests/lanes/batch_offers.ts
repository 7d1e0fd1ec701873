import { offer, type Told, type World } from "../virtual/world.ts";

export const scaling = { computeCost: 100_000, scalingPotential: 0.9 };

export function offerMany(world: World, kind: string, count: number, options = {}): Told[] {
  return Array.from(
    { length: count },
    (_, id) => offer(world, kind, { id }, { ...scaling, ...options }),
  );
}

/** Sizes of the calls that workers got. */
export function callSizes({ ports }: World): number[] {
  return ports.calls.map(({ payload }) => (payload as readonly unknown[]).length);
}

export const stories = (jobs: readonly Told[]) => jobs.map((job) => job.story);
