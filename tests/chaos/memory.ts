import process from "node:process";
import { runtimeInfo } from "../../mod.ts";

/** What a sample may grow by, whatever the heap was. */
const SLACK_BYTES = 16 * 2 ** 20;
const SLACK_RATIO = 0.25;

/** Memory of this process, in bytes. */
export interface MemorySample {
  readonly heapBytes: number;
  readonly rssBytes: number;
  /** Whether garbage was collected before. */
  readonly isCollected: boolean;
}

/** Samples the memory, without garbage where the runtime lets us collect it. */
export async function sampleMemory(): Promise<MemorySample> {
  const scope = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  const collect = scope.gc ?? (scope.Bun && (() => scope.Bun!.gc(true)));
  // What a finaliser lets go is garbage for the next collection.
  for (let i = 0; collect !== undefined && i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    collect();
  }
  const { heapUsed, rss } = process.memoryUsage();
  return { heapBytes: heapUsed, rssBytes: rss, isCollected: collect !== undefined };
}

/** Tells whether memory has come back; undefined when it cannot be told. */
export function hasReturned(before: MemorySample, after: MemorySample): boolean | undefined {
  if (!before.isCollected) return undefined;
  return after.heapBytes <= before.heapBytes * (1 + SLACK_RATIO) + SLACK_BYTES;
}

/** Why the memory is not checked. */
export function uncheckedReason(): string {
  const flag = runtimeInfo().name === "deno" ? "--v8-flags=--expose-gc" : "--expose-gc";
  return `garbage cannot be collected without ${flag}`;
}
