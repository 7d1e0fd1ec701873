// What each feature adds to a page, in kB minified and gzipped: how much smaller the page's bundle is without the
// files of it. Prints the table of docs/architecture.md. The calls of a feature that other files have are not counted.
import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { gzipSync } from "node:zlib";
import { forBrowsers, PAGE } from "./browser.mjs";
import { root } from "./steps.mjs";

/** The files of each, without `src/` and their suffix; one that ends with `/` is a folder. */
const FEATURES = {
  "Learning how long runs take": ["model/", "job/learner", "job/blockers", "log2"],
  "Deciding by it, and saying why": ["policy/", "decision/"],
  "Order by budget, fair shares": ["lanes/queue/", "indexed_heap"],
  "Statistics, hindsight, traces": ["observe/"],
  "Asynchronous kinds: learned limits, busy time": [
    ...["lanes/async_limit", "lanes/held_calls", "busy_shares"],
  ],
  "Batches": [
    ...["lanes/batch", "lanes/batch_call", "lanes/company", "model/batch_times"],
    ...["policy/batch_outlook", "policy/adaptive/batches"],
  ],
  "`concurrency`, `concurrencyPerKey`": ["lanes/places"],
  '`whenFull: "wait"`': ["lanes/waiting_room"],
  "`map()`": ["map/"],
  "Jobs that are over at once, within `submit()`": ["at_once"],
  "Workers that die: quarantine, respawn, recycling": [
    ...["quarantine", "respawn_budget", "start_gate", "recycling", "back_off"]
      .map((name) => `lanes/cpu_pool/${name}`),
    "worker_event",
  ],
  "Why a worker cannot be loaded": ["runtime/page.browser", "transport/thread_errors"],
  "Thrown values as they were, with causes": [
    ...["encode_error", "decode_error", "wire_error", "not_cloned"].map((name) =>
      `transport/${name}`
    ),
    ...["error_type", "define/job_stack"],
  ],
  'Views with their own bytes only, `clone: "always"`': [
    ...["own_bytes", "cloned_form", "cloned_kind"].map((name) => `transport/${name}`),
  ],
  "Options, hints and kinds that are checked": [
    ...["options/", "check", "unknown_name.browser", "define/own_kind", "submit/given"],
  ],
  "Errors with classes of their own": ["errors", "bundle_recipe"],
};

const sizeOf = (parts) => gzipSync(parts.map(([, text]) => text).join(""), { level: 9 }).length;
const isOf = (names, path) => {
  const name = path.replace(/^src\//, "").replace(/\.ts$/, "");
  return names.some((one) => one.endsWith("/") ? name.startsWith(one) : name === one);
};
const inKb = (bytes) => (bytes / 1_000).toFixed(1);

const parts = await buildParts();
const whole = sizeOf(parts);
const stale = Object.values(FEATURES).flat().filter((name) =>
  !parts.some(([path]) => isOf([name], path))
);
if (stale.length > 0) throw new Error(`A page has no such files: ${stale.join(", ")}`);
const rows = Object.entries(FEATURES).map(([feature, names]) => {
  const rest = parts.filter(([path]) => !isOf(names, path));
  return [feature, whole - sizeOf(rest)];
});
rows.sort(([, a], [, b]) => b - a);
const core = parts.filter(([path]) => !isOf(Object.values(FEATURES).flat(), path));
rows.push(["What is left without all of these", sizeOf(core)], ["The whole", whole]);
for (const [feature, bytes] of rows) console.log(`| ${feature} | ${inKb(bytes)} |`);

/** The page's bundle, by source. */
async function buildParts() {
  const { build } = createRequire(import.meta.url)("esbuild");
  const marked = {
    name: "marked",
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => ({
        contents: `/*! from ${relative(root, path)} */;${await readFile(path, "utf8")}`,
        loader: "ts",
      }));
    },
  };
  const { outputFiles: [{ text }] } = await build({
    absWorkingDir: root,
    stdin: { contents: PAGE, resolveDir: root },
    write: false,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    legalComments: "inline",
    plugins: [forBrowsers, marked],
  });
  const [, ...rest] = text.split(/\/\*! from (.*?) \*\/\n?/);
  return rest.flatMap((path, i) => i % 2 === 0 ? [[path, rest[i + 1]]] : []);
}
