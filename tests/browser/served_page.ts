// What the tests in browsers serve: a page whose scripts are bundled from the sources, and an example.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { serveFiles, type StaticServer } from "./static_server.ts";

const HTML = `<!doctype html>
<meta charset="utf-8">
<title></title>
<canvas width="4" height="4"></canvas>
<script type="module" src="page.js"></script>
`;

/** The repository, seen from `dist/tests/browser/`. */
const root = new URL("../../../", import.meta.url);

type Scripts = [name: string, text: string][];

/** What has been bundled for a test serves the next ones of the process, too. */
const bundles = new Map<string, Promise<Scripts>>();

function bundled(folder: string, ...more: string[]): Promise<Scripts> {
  const scripts = bundles.get(folder) ?? bundle(folder, ...more);
  bundles.set(folder, scripts);
  return scripts;
}

/** Bundles the page of a folder, the entry of its workers, and more: scripts by name. */
async function bundle(folder: string, ...more: string[]): Promise<Scripts> {
  const { build } = await import("esbuild");
  const { forBrowsers } = await import(new URL(".ci/browser.mjs", root).href);
  const { outputFiles } = await build({
    absWorkingDir: fileURLToPath(root),
    entryPoints: ["page", "jobs.worker", ...more].map((name) => `${folder}/${name}.ts`),
    outdir: "/",
    bundle: true,
    write: false,
    format: "esm",
    splitting: true,
    plugins: [forBrowsers],
  });
  return outputFiles.map(({ path, text }) => [path.replace(/^.*[/\\]/, ""), text]);
}

/** Serves the page of the tests, and more files. */
export async function servePage(
  more: Readonly<Record<string, string>> = {},
): Promise<StaticServer> {
  const files = new Map([
    ...await bundled("tests/browser/page", "lone_thread"),
    ...Object.entries(more),
  ]);
  files.set("page.html", HTML).set("other.html", "<!doctype html><title>another</title>\n");
  return await serveFiles((path) => files.get(path));
}

/** Serves the example that resizes pictures. */
export async function servePictures(): Promise<StaticServer> {
  const scripts = await bundled("examples/pictures");
  const files = new Map(scripts.map(([name, text]) => [`out/${name}`, text]));
  const html = readFileSync(new URL("examples/pictures/index.html", root), "utf8");
  return await serveFiles((path) => files.set("index.html", html).get(path));
}
