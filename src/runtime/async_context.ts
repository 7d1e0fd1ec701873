import type { Within } from "../runtime_defaults.ts";
import { builtin } from "./builtin.ts";

/** The part of node:async_hooks that is used; all three runtimes have it. */
interface AsyncHooks {
  readonly AsyncLocalStorage: { snapshot?(): Within };
}

let hooks: AsyncHooks | null | undefined;

/** Captures the current async context; `undefined` where the runtime has none. */
export function keepAsyncContext(): Within | undefined {
  hooks ??= builtin("node:async_hooks") ?? null;
  return hooks?.AsyncLocalStorage.snapshot?.();
}
