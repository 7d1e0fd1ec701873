import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "./exit_code.ts";

/** What a module exports. */
export type Exports = Readonly<Record<string, unknown>>;

/**
 * Loads a module that the command line names.
 *
 * @param path Path of the file.
 * @param what What it is, for the error.
 * @returns Its exports, not yet checked.
 * @throws {UsageError} If it cannot be loaded.
 */
export async function importFile(path: string, what: string): Promise<Exports> {
  const url = pathToFileURL(resolve(path)).href;
  try {
    return await import(/* webpackIgnore: true */ url);
  } catch (error) {
    const { code, message = String(error) } = Object(error) as { code?: unknown; message?: string };
    // Node before 22.18, which also runs this command if it was called by bunx.
    const hint = code === "ERR_UNKNOWN_FILE_EXTENSION"
      ? "; compile it to JavaScript, or use Bun, Deno, or Node 22.18"
      : "";
    throw new UsageError(`Cannot load ${what} ${path}: ${message}${hint}`);
  }
}
