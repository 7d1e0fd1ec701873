import { offer, type Task, type Told, type World } from "../virtual/world.ts";

export const heavy = { computeCost: 100_000 };

export function offerMany(
  world: World,
  count: number,
  task: Partial<Task> = {},
  options = {},
): Told[] {
  return Array.from(
    { length: count },
    (_, id) => offer(world, "shared", { id, ...task }, { ...heavy, ...options }),
  );
}

export const statuses = (jobs: readonly Told[]) => jobs.map((job) => job.status);
