import { keepAsyncContext } from "./async_context.ts";
import { builtin, isNode } from "./builtin.ts";
import { watchLock } from "./exit_lock.ts";
import { now } from "./kept_time.ts";
import { createNextTurn } from "./next_turn.ts";
import { canShareText } from "../transport/ring/text_ring.ts";
import type { Clock } from "../clock.ts";
import { hearRejection, isThenable } from "../thenable.ts";
import type { Jobs } from "../define/jobs.ts";
import type { RuntimeDefaults } from "../runtime_defaults.ts";
import { attachNodeWorker, type NodeWorker } from "./node_worker.ts";
import { availableParallelism } from "./parallelism.ts";
import type { PortFactory, Transport } from "../transport/port.ts";
import { createRealClock } from "./real_clock.ts";
import { soon } from "./soon.ts";
import type { StartThread, Thread, ThreadEvents } from "../transport/thread.ts";
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

/** Returns which runtime this code runs on. */
export function runtimeInfo(): RuntimeInfo {
  if (scope.Deno?.version) return { name: "deno", version: scope.Deno.version.deno };
  if (scope.Bun?.version) return { name: "bun", version: scope.Bun.version };
  const node = scope.process?.versions?.node;
  return node === undefined ? { name: "other", version: "" } : { name: "node", version: node };
}

/** The defaults that depend on the runtime. */
export function runtimeDefaults(): RuntimeDefaults {
  return {
    cpuParallelism: coreCount(),
    idleTimeoutMs: canUnref() ? 30_000 : 1_000,
    workerOptions: isNode
      ? ["env", "name", "resourceLimits"]
      : scope.Bun === undefined
      ? ["name"]
      : ["env", "name"],
    keepContext: keepAsyncContext,
    warn: console.warn,
    clock: createRealClock({ post: createNextTurn(), unrefTimer: scope.Deno?.unrefTimer }),
  };
}

/** What the ports of a router need. */
export interface PortSettings {
  /** The transport; `"auto"` is shared memory where the runtime can encode text into it. */
  readonly transport: Transport;
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

/** Makes the ports of a router: on custom workers, or on the built-in entry. */
export function portFactory(
  sets: readonly Jobs[],
  settings: PortSettings,
): PortFactory {
  const { transport, clock, maxWorkerHeapBytes, teardownMs, worker } = settings;
  const { env, name, resourceLimits } = settings;
  const shared = sets.filter((set) => set.module !== undefined);
  // Pages have it only when they are cross-origin isolated.
  const canShare = typeof SharedArrayBuffer === "function";
  const hasRing = canShare && transport !== "messages" && canShareText();
  const options = {
    start: worker === undefined
      ? startBuiltIn({ type: "module", env, name, resourceLimits })
      : (events: ThreadEvents) => attach(worker(), events, false),
    modules: shared.map((set) => set.module!),
    kinds: shared.flatMap((set) => Object.keys(set.kinds)),
    canShare,
    awake: hasRing ? new Int32Array(new SharedArrayBuffer(4)) : undefined,
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

const startBuiltIn = (options: object): StartThread => (events) => {
  // A global `Worker` on Node is a shim (jsdom, @vitest/web-worker, polyfills).
  const threads = isNode ? builtin("node:worker_threads") : undefined;
  const worker = threads === undefined
    ? new scope.Worker(workerUrl(), options)
    : startOnNode(threads.Worker, workerUrl(), options);
  return attach(worker, events, true);
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

function attach(worker: unknown, events: ThreadEvents, isBuiltIn: boolean): Thread {
  if (isThenable(worker)) {
    hearRejection(worker);
    throw new TypeError('"worker" must return a worker: received a promise');
  }
  const isDeno = scope.Deno !== undefined;
  if (typeof (worker as Partial<WebWorker>).addEventListener !== "function") {
    return attachNodeWorker(worker as NodeWorker, events, isDeno ? "unknown" : "told");
  }
  const thread = attachWebWorker(worker as WebWorker, events, scope.Bun !== undefined);
  return isDeno ? watchLock(thread, events, isBuiltIn) : thread;
}

let cores: number | undefined;

/** Number of cores this process may use; looked up once. */
function coreCount(): number {
  return cores ??= availableParallelism({ cores: countCores, readFile });
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
