import type { Jobs } from "../../mod.ts";
import { UsageError } from "./exit_code.ts";
import { type Exports, importFile } from "./import_file.ts";

/** What marks a set of jobs. */
const MARK = Symbol.for("helixrouter.jobs");

/**
 * Loads a job file.
 *
 * @param path Path of the file.
 * @returns Its default export, not yet checked further.
 * @throws {UsageError} If it cannot be loaded, or exports no jobs by default.
 */
export async function loadJobFile(path: string): Promise<Jobs> {
  const exports = await importFile(path, "job file");
  const { default: jobs } = exports;
  if (isJobs(jobs)) return jobs;
  const inner = (jobs as Exports | undefined)?.default;
  if (isJobs(inner)) return inner; // compiled to CommonJS
  const all: Exports = { ...jobs as Exports, ...exports };
  const name = Object.keys(all).find((key) => isJobs(all[key]));
  const found = name === undefined ? "" : `, as its export "${name}" is: write "export default"`;
  throw new UsageError(
    `Cannot use job file ${path}: its default export must be what "defineJobs" returns${found}`,
  );
}

function isJobs(value: unknown): value is Jobs {
  return typeof value === "object" && value !== null && MARK in value;
}
