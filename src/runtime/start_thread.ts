import type { StartThread, Thread, ThreadEvents } from "../transport/thread.ts";
import { builtin, isNode, isPage } from "./builtin.ts";
import { checkMade } from "./check_made.ts";
import { watchLock } from "./exit_lock.ts";
import { attachNodeWorker, type NodeWorker } from "./node_worker.ts";
import { makeOnPage } from "./page.ts";
import { attachWebWorker, type WebWorker } from "./web_worker.ts";
import { workerUrl } from "./worker_url.ts";

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/** What the workers of a router are, and what those on the built-in entry are started with. */
export interface ThreadSettings {
  /** Creates custom workers. Default: workers on the built-in entry. */
  readonly worker?: () => unknown;
  /** Environment of those on the built-in entry. Default: the process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Their name, for debuggers. */
  readonly name?: string;
  /** Their memory limits. */
  readonly resourceLimits?: object;
}

/** Starts the workers of a router: custom ones, or on the built-in entry. */
export function threadStarter(settings: ThreadSettings): StartThread {
  const { worker, env, name, resourceLimits } = settings;
  const make = worker ?? makeBuiltIn({ type: "module", env, name, resourceLimits });
  return (events) => attach(make, events, worker === undefined);
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
  const isText = `${execArgv} ${env.NODE_OPTIONS}`.includes("--input-type");
  if (!isText) return new Worker(url, options);
  return new Worker(`import(${JSON.stringify(url.href)})`, { ...options, eval: true });
}

function attach(make: () => unknown, events: ThreadEvents, isBuiltIn: boolean): Thread {
  const { worker, explain } = isPage ? makeOnPage(make) : { worker: make(), explain: undefined };
  const isWeb = checkMade(worker);
  const isDeno = scope.Deno !== undefined;
  if (!isWeb) return attachNodeWorker(worker as NodeWorker, events, isDeno ? "unknown" : "told");
  const thread = attachWebWorker(worker as WebWorker, events, scope.Bun !== undefined, explain);
  return isDeno ? watchLock(thread, events, isBuiltIn) : thread;
}
