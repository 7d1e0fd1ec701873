// What a bundle for browsers has in it: a source that has a twin beside it, `x.browser.ts` beside `x.ts`, is left out
// for that. npm's package has such a bundle of the core, and one of what workers load.
import { existsSync } from "node:fs";
import { join } from "node:path";

/** What a page bundles of the sources. */
export const PAGE =
  'export { createRouter } from "./mod.ts"; export { defineJobs } from "./src/define/jobs.ts";';

/** Has esbuild take the twins. */
export const forBrowsers = {
  name: "for browsers",
  setup({ onResolve }) {
    onResolve({ filter: /^\..*\.[jt]s$/ }, ({ path, importer, resolveDir }) => {
      const twin = join(resolveDir, path.replace(/\.([jt]s)$/, ".browser.$1"));
      return importer !== twin && existsSync(twin) ? { path: twin } : undefined;
    });
  },
};
