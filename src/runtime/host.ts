import { keepAsyncContext } from "./async_context.ts";
import { builtin, isNode, isPage } from "./builtin.ts";
import { watchLock } from "./exit_lock.ts";
import { now } from "./kept_time.ts";
import { createNextTurn } from "./next_turn.ts";
import { canShareText } from "../transport/ring/router_end.ts";
import type { Clock } from "../clock.ts";
import { InvalidOptionError } from "../errors.ts";
import { hearRejection, isThenable } from "../thenable.ts";
import type { Jobs } from "../define/jobs.ts";
import type { RuntimeDefaults } from "../runtime_defaults.ts";
import { attachNodeWorker, type NodeWorker } from "./node_worker.ts";
import { isThrottled, makeOnPage } from "./page.ts";
import { availableParallelism, pageParallelism } from "./parallelism.ts";
import type { PortFactory, TakenTransport, Transport } from "../transport/port.ts";
import { createRealClock } from "./real_clock.ts";
import { soon } from "./soon.ts";
import type { Thread, ThreadEvents } from "../transport/thread.ts";
import { ThreadPort } from "../transport/thread_port.ts";
import { attachWebWorker, type WebWorker } from "./web_worker.ts";
import { workerUrl } from "./worker_url.ts";

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
const canShare = typeof SharedArrayBuffer === "function";

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
    idleTimeoutMs: canUnref() ? 30_000 : 1_000,
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

/** What the ports of a router need. */
export interface PortSettings {
  /** How calls travel: see `transportFor`. */
  readonly transport: TakenTransport;
  /** The router's clock. */
  readonly clock: Clock;
  /** Heap above which a worker is replaced, in bytes. */
  readonly maxWorkerHeapBytes: number;
  /** Time the jobs' `teardown` may take, in ms. */
  readonly teardownMs: number;
  /** Creates custom workers. Default: workers on the built-in entry. */
  readonly worker?: () => unknown;
  /** What workers on the built-in entry are started with. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly name?: string;
  readonly resourceLimits?: object;
}

/**
 * How calls travel to workers: by shared memory where the runtime can encode text into it. In browsers that is
 * slower than messages are.
 *
 * @throws {InvalidOptionError} If shared memory is wanted, and cannot be had.
 */
export function transportFor(wanted: Transport): TakenTransport {
  const hasRing = canShare && !isPage && canShareText();
  if (wanted === "shared_memory" && !hasRing) {
    throw new InvalidOptionError("transport", wanted, '"auto" or "messages" on this runtime');
  }
  return hasRing && wanted !== "messages" ? "shared_memory" : "messages";
}

/** Whether workers can have the kinds of a set: by its URL, or as an entry of their own serves them. */
export function hasModule({ module }: Jobs, entry: unknown): boolean {
  return module !== undefined && (module !== "" || entry !== undefined);
}

/** Makes the ports of a router: on custom workers, or on the built-in entry. */
export function portFactory(
  sets: readonly Jobs[],
  settings: PortSettings,
): PortFactory {
  const { transport, clock, maxWorkerHeapBytes, teardownMs, worker } = settings;
  const { env, name, resourceLimits } = settings;
  const shared = sets.filter((set) => hasModule(set, worker));
  const make = worker ?? makeBuiltIn({ type: "module", env, name, resourceLimits });
  const options = {
    start: (events: ThreadEvents) => attach(make, events, worker === undefined),
    modules: shared.map((set) => set.module!),
    kinds: shared.flatMap((set) => Object.keys(set.kinds)),
    canShare,
    awake: transport === "shared_memory" ? new Int32Array(new SharedArrayBuffer(4)) : undefined,
    cores: coreCount(),
    nextTurn: createNextTurn(),
    soon,
    realNow: now,
    clock,
    tellsHeap: maxWorkerHeapBytes !== Infinity,
    teardownMs,
  };
  return () => new ThreadPort(options);
}

const makeBuiltIn = (options: object) => (): unknown => {
  // A global `Worker` on Node is a shim (jsdom, @vitest/web-worker, polyfills).
  const threads = isNode ? builtin("node:worker_threads") : undefined;
  return threads === undefined
    ? new scope.Worker(workerUrl(), options)
    : startOnNode(threads.Worker, workerUrl(), options);
};

/** With the flags of this process: a program from text (`--eval`, stdin) has one that is for text only. */
function startOnNode(
  Worker: new (code: unknown, options: object) => unknown,
  url: URL,
  options: object,
): unknown {
  const { execArgv, env } = scope.process;
  const isText = `${execArgv.join(" ")} ${env.NODE_OPTIONS ?? ""}`.includes("--input-type");
  if (!isText) return new Worker(url, options);
  return new Worker(`import(${JSON.stringify(url.href)})`, { ...options, eval: true });
}

function attach(make: () => unknown, events: ThreadEvents, isBuiltIn: boolean): Thread {
  const { worker, explain } = isPage ? makeOnPage(make) : { worker: make(), explain: undefined };
  const { postMessage, terminate, addEventListener, on } = (worker ?? {}) as Partial<Any>;
  if (![postMessage, terminate, addEventListener ?? on].every((one) => typeof one === "function")) {
    if (isThenable(worker)) hearRejection(worker);
    const wanted = "a function that gives a worker, with postMessage() and terminate()";
    throw new InvalidOptionError("worker", `${worker}`, wanted, "start worker");
  }
  const isDeno = scope.Deno !== undefined;
  if (addEventListener === undefined) {
    return attachNodeWorker(worker as NodeWorker, events, isDeno ? "unknown" : "told");
  }
  const thread = attachWebWorker(worker as WebWorker, events, scope.Bun !== undefined, explain);
  return isDeno ? watchLock(thread, events, isBuiltIn) : thread;
}

type Any = WebWorker & NodeWorker;

let cores: number | undefined;

/** Number of cores this process may use; looked up once. */
function coreCount(): number {
  return cores ??= isPage
    ? pageParallelism(countCores())
    : availableParallelism({ cores: countCores, readFile });
}

/** Deno's Web Workers cannot be unref'd. */
function canUnref(): boolean {
  return scope.Deno === undefined;
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
