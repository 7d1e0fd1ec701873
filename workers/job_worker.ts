/**
 * The built-in entry of a worker: imports the job modules that the router names, and serves them.
 *
 * @module
 */

import { setImporting } from "../src/define/nesting.ts";
import { importModule } from "../src/runtime/import_module.ts";
import { serveFrom } from "./job_server.ts";

serveFrom(async ({ modules }) => {
  setImporting(true);
  try {
    const loaded = await Promise.all(modules.map(importModule));
    return loaded.map((module) => module.default);
  } finally {
    setImporting(false);
  }
});
