import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Jobs } from "../../mod.ts";
import { UsageError } from "./exit_code.ts";

/**
 * Loads a job file.
 *
 * @param path Path of the file.
 * @returns Its default export, not yet checked.
 * @throws {UsageError} If it cannot be loaded.
 */
export async function loadJobFile(path: string): Promise<Jobs> {
  const url = pathToFileURL(resolve(path)).href;
  try {
    const module: { default?: unknown } = await import(/* webpackIgnore: true */ url);
    return module.default as Jobs;
  } catch (error) {
    const { code, message } = error as Error & { code?: unknown };
    // Node before 22.18, which also runs this command if it was called by bunx.
    const hint = code === "ERR_UNKNOWN_FILE_EXTENSION"
      ? "; compile it to JavaScript, or use Bun, Deno, or Node 22.18"
      : "";
    throw new UsageError(`Cannot load job file ${path}: ${message}${hint}`);
  }
}
