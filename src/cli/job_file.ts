import type { Jobs } from "../../mod.ts";
import { importFile } from "./import_file.ts";

/**
 * Loads a job file.
 *
 * @param path Path of the file.
 * @returns Its default export, not yet checked.
 * @throws {UsageError} If it cannot be loaded.
 */
export async function loadJobFile(path: string): Promise<Jobs> {
  return await importFile(path, "job file") as Jobs;
}
