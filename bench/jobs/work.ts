import { sourceFolder } from "../place.ts";

/** The functions of `work.cjs`. */
export interface Work {
  add_one(n: number): number;
  echo(value: unknown): unknown;
  sort(times: number): number;
  burn(ms: number): number;
}

/** Name of a function of `work.cjs`. */
export type JobName = keyof Work;

/** The file that all contestants load. */
export const workUrl: URL = new URL("jobs/work.cjs", sourceFolder);

/** Loads it. */
export async function loadWork(): Promise<Work> {
  const module: { default: Work } = await import(workUrl.href);
  return module.default;
}
