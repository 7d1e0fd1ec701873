import type { Task } from "../virtual/world.ts";

export const tiny = { computeCost: 1 };
export const medium = { computeCost: 10_000 };
export const heavy = { computeCost: 100_000 };
export const task: Task = { id: 3, ms: 2 };
