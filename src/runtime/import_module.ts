import { BUNDLE_RECIPE } from "../bundle_recipe.ts";
import { builtin, isNode, isPage } from "./builtin.ts";

// The globals of all runtimes at once; each is tested before it is used.
// deno-lint-ignore no-explicit-any
const scope = globalThis as any;

/** A module's exports. */
export type Exports = Readonly<Record<string, unknown>>;

/**
 * Imports a job module in a worker as the main thread has: by itself, and where that fails, with what the
 * main thread loads its modules by and does not hand down to workers.
 */
export async function importModule(url: string): Promise<Exports> {
  try {
    return await import(url);
  } catch (error) {
    const load = isNode ? otherLoader() : undefined;
    if (load !== undefined) return await load(url);
    throw withAdvice(error);
  }
}

/** Imports with another loader. */
type Load = (url: string) => Promise<Exports>;

function otherLoader(): Load | undefined {
  const { env, execArgv } = scope.process;
  if (env.VITEST !== undefined) return importByVite;
  const flags: string = `${execArgv.join(" ")} ${env.NODE_OPTIONS ?? ""}`;
  return /\btsx\b/.test(flags) ? importByTsx : undefined;
}

/** On Node 20, and on others before 22.22.3 and 24.11.1, tsx leaves workers alone unless it is told. */
async function importByTsx(url: string): Promise<Exports> {
  const api = resolveFrom(tsxFrom(url), "tsx/esm/api").replace(/\.cjs$/, ".mjs"); // the other one cannot
  const { tsImport } = await import(api);
  return await tsImport(url, url); // Node would not try the same URL again
}

/** A module that finds tsx: the one of its own that a flag names, else the job module. */
function tsxFrom(url: string): string {
  const flags: readonly string[] = scope.process.execArgv;
  return flags.find((flag) => /^file:.*\btsx\b/.test(flag)) ?? url;
}

const CONFIGS = /^(vitest|vite)\.config\.[cm]?[jt]s$/;

/** As in a test of vitest: with the project's configuration, and the vite that vitest has. */
async function importByVite(url: string): Promise<Exports> {
  const { createServer } = await import(
    resolveFrom(resolveFrom(url, "vitest/package.json"), "vite")
  );
  const { configFile, root } = findConfig(url);
  const server = await createServer({
    root,
    configFile,
    appType: "custom",
    logLevel: "error",
    server: { middlewareMode: true, watch: null, hmr: false, ws: false },
    optimizeDeps: { noDiscovery: true, include: [] },
  });
  // It stays open: the jobs may import more while they run.
  return await server.ssrLoadModule(builtin("node:url").fileURLToPath(url));
}

/** The nearest configuration above a module, that of vitest first; without one, that of the program. */
function findConfig(url: string): { root: string; configFile: string | false } {
  const { readdirSync } = builtin("node:fs");
  const { fileURLToPath } = builtin("node:url");
  let folder = new URL(".", url);
  for (let below = url; below !== folder.href; folder = new URL("..", folder)) {
    const names: string[] = readdirSync(folder).filter((name: string) => CONFIGS.test(name));
    const name = names.sort().pop();
    if (name !== undefined) {
      return { root: fileURLToPath(folder), configFile: fileURLToPath(new URL(name, folder)) };
    }
    below = folder.href;
  }
  return { root: scope.process.cwd(), configFile: false };
}

/** URL of a module, as the module `from` finds it. */
function resolveFrom(from: string, name: string): string {
  const { createRequire } = builtin("node:module");
  const path: string = createRequire(from).resolve(name);
  return builtin("node:url").pathToFileURL(path).href;
}

/** What says that Node alone cannot read a file as it is, or finds none of that name. */
const NEEDS_LOADER =
  /^ERR_(UNKNOWN_FILE|INVALID_TYPESCRIPT|UNSUPPORTED_(TYPESCRIPT|NODE_MODULES_TYPE|DIR))/;
const HAS_NO_EXTENSION = /[/\\][^'./\\]+' imported/;

/** The error, with what to do about it where the module cannot be found or read. */
function withAdvice(error: unknown): unknown {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  const text = String(message);
  // On a page that was built there is no such file, or it is all of the page, which wants a document.
  const isLost = isPage && !text.endsWith(BUNDLE_RECIPE) || code === "ERR_MODULE_NOT_FOUND" ||
    /^Module not found/.test(text);
  const needsLoader = NEEDS_LOADER.test(String(code)) || HAS_NO_EXTENSION.test(text);
  const advice = needsLoader
    ? "Workers load job files as Node alone does: give imports an extension, compile the file, or " +
      "start Node with a loader that is there in workers, too (node --import tsx); in tests, createPort: " +
      `workersHere(jobs). ${BUNDLE_RECIPE}`
    : isLost
    ? BUNDLE_RECIPE
    : undefined;
  if (advice === undefined) return error;
  return Object.assign(new Error(`${message}. ${advice}`, { cause: error }), { code });
}
