import process from "node:process";

// Not `runtimeInfo()` of the router: what measures how long the router takes to load must not load it.
const scope = globalThis as {
  readonly Deno?: { readonly version: { readonly deno: string } };
  readonly Bun?: { readonly version: string };
};

/** A runtime, by its name and version. */
export interface Runtime {
  readonly name: "node" | "deno" | "bun";
  readonly version: string;
}

/** The one this runs on. */
export const runtime: Runtime = scope.Deno
  ? { name: "deno", version: scope.Deno.version.deno }
  : scope.Bun
  ? { name: "bun", version: scope.Bun.version }
  : { name: "node", version: process.versions.node };
