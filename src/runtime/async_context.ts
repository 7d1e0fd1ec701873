import type { Within } from "../runtime_defaults.ts";

/** The part of node:async_hooks that is used; all three runtimes have it. */
interface AsyncHooks {
  readonly AsyncLocalStorage: { snapshot?(): Within };
}

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

let hooks: AsyncHooks | null | undefined;

/** Captures the current async context; `undefined` where the runtime has none. */
export function keepAsyncContext(): Within | undefined {
  hooks ??= scope.process?.getBuiltinModule?.("node:async_hooks") ?? null;
  return hooks?.AsyncLocalStorage.snapshot?.();
}
