// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/** Modules of Node that are needed, also by Deno and Bun. */
const NEEDED = "worker_threads async_hooks os fs module url".split(" ").map((name) =>
  `node:${name}`
);

// deno-lint-ignore no-explicit-any
const imported = new Map<string, any>();

/**
 * Whether this is Node itself, not a runtime with Node's modules. Edge hosts that stand in for it (workerd with
 * `nodejs_compat`) tell a version of Node, but none of V8, and their `Worker` only throws.
 */
export const isNode: boolean = Boolean(scope.process?.versions?.v8) &&
  scope.Deno === undefined && scope.Bun === undefined;

/** Whether this is a browser, or what is like one: the web's interfaces, and no others. */
export const isPage: boolean = !isNode && scope.Deno === undefined && scope.Bun === undefined;

/** Node's module of this name; `undefined` where there is none, such as in browsers. */
// deno-lint-ignore no-explicit-any
export function builtin(name: string): any {
  return scope.process?.getBuiltinModule?.(name) ?? imported.get(name);
}

/**
 * Imports what `builtin()` gives, where it cannot be had at once: Node 21 and 22.0 to 22.2, and Bun before
 * 1.2.6, have no `process.getBuiltinModule`. Returns `undefined` where there is nothing to wait for.
 */
export function importBuiltins(): Promise<void> | undefined {
  if (imported.size > 0 || scope.process?.getBuiltinModule !== undefined) return undefined;
  return isNode || scope.Bun !== undefined ? importNeeded() : undefined;
}

async function importNeeded(): Promise<void> {
  for (const name of NEEDED) {
    imported.set(name, await import(/* webpackIgnore: true */ /* @vite-ignore */ name));
  }
}
