/**
 * The built-in entry of a worker: imports the job modules that the router names, and serves them.
 *
 * @module
 */

import { jobsVersion } from "../src/define/jobs.ts";
import { setImporting } from "../src/define/nesting.ts";
import { BUNDLE_RECIPE } from "../src/bundle_recipe.ts";
import { type Exports, importModule } from "../src/runtime/import_module.ts";
import { jobsOf, serveFrom } from "./job_server.ts";

serveFrom(async ({ modules }) => {
  setImporting(true);
  try {
    const loaded = await Promise.all(modules.map(importModule));
    return loaded.map((exports, i) => jobsOf(exports.default) ?? refuse(exports, modules[i]));
  } finally {
    setImporting(false);
  }
});

/** Says what is wrong with a file, and which of its exports should be the default one. */
function refuse(exports: Exports, url: string): never {
  const all: Exports = { ...exports.default as Exports, ...exports };
  const name = Object.keys(all).find((key) => jobsVersion(all[key]) !== undefined);
  const found = name === undefined ? "" : `, as its export "${name}" is: write "export default"`;
  throw new TypeError(
    `The default export of ${url} must be what "defineJobs" returns${found}. ${BUNDLE_RECIPE}`,
  );
}
