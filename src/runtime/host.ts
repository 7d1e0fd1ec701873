import { keepAsyncContext } from "./async_context.ts";
import { builtin, isNode, isPage } from "./builtin.ts";
import { createNextTurn } from "./next_turn.ts";
import type { Jobs } from "../define/jobs.ts";
import type { RuntimeDefaults } from "../runtime_defaults.ts";
import { isThrottled } from "./page.ts";
import { availableParallelism, pageParallelism } from "./parallelism.ts";
import { createRealClock } from "./real_clock.ts";

/** The runtime this code runs on. */
export interface RuntimeInfo {
  /** Which one; `"other"` is anything else with Web Workers, such as a browser. */
  readonly name: "node" | "deno" | "bun" | "other";
  /** Its version; empty if unknown. */
  readonly version: string;
}

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/** Pages have it only when they are cross-origin isolated. */
export const canShare: boolean = typeof SharedArrayBuffer === "function";

/** Whether there can be workers: service workers and edge hosts have none. */
export const hasWorkers: boolean = isNode || typeof scope.Worker === "function";

/** Time an aborted job may go on, in ms, where nothing but a message would tell it: a loop hears none. */
const UNTOLD_GRACE_MS = 100;

/** Returns which runtime this code runs on. */
export function runtimeInfo(): RuntimeInfo {
  if (scope.Deno?.version) return { name: "deno", version: scope.Deno.version.deno };
  if (scope.Bun?.version) return { name: "bun", version: scope.Bun.version };
  return isNode
    ? { name: "node", version: scope.process.versions.node }
    : { name: "other", version: "" };
}

/** The defaults that depend on the runtime. */
export function runtimeDefaults(): RuntimeDefaults {
  return {
    cpuParallelism: coreCount(),
    // Deno's Web Workers cannot be unref'd.
    idleTimeoutMs: scope.Deno === undefined ? 30_000 : 1_000,
    abortGraceMs: canShare ? Infinity : UNTOLD_GRACE_MS,
    workerOptions: isNode
      ? ["env", "name", "resourceLimits"]
      : scope.Bun === undefined
      ? ["name"]
      : ["env", "name"],
    keepContext: keepAsyncContext,
    warn: console.warn,
    clock: createRealClock({
      post: createNextTurn(),
      unrefTimer: scope.Deno?.unrefTimer,
      isThrottled,
    }),
  };
}

/** Whether workers can have the kinds of a set: by its URL, or as an entry of their own serves them. */
export function hasModule({ module }: Jobs, entry: unknown): boolean {
  return module !== undefined && (module !== "" || entry !== undefined);
}

let cores: number | undefined;

/** Number of cores this process may use; looked up once. */
export function coreCount(): number {
  return cores ??= isPage
    ? pageParallelism(countCores())
    : availableParallelism({ cores: countCores, readFile });
}

function countCores(): number | undefined {
  return builtin("node:os")?.availableParallelism?.() ??
    scope.navigator?.hardwareConcurrency;
}

/** On Deno only with permission already granted: a prompt would block the program. */
function readFile(path: string): string | undefined {
  const permissions = scope.Deno?.permissions;
  if (permissions && permissions.querySync({ name: "read", path }).state !== "granted") return;
  try {
    return builtin("node:fs")?.readFileSync(path, "utf8");
  } catch {
    return undefined; // no such file: no limit of that kind
  }
}
