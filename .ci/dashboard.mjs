// Makes src/http/dashboard/assets.ts, the dashboard's page as text, from src/http/dashboard/page; with
// --check it only says whether that file is what it would make. It is kept in the repository, so that the
// published packages need no build and read no files.
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { build, transform } from "esbuild";
import { root } from "./steps.mjs";

const folder = join(root, "src", "http", "dashboard");
const maxBytes = 120_000;

const licence = (await readFile(join(root, "node_modules", "uplot", "LICENSE"), "utf8")).trim();
const banner = `/* Contains uPlot, https://github.com/leeoniya/uPlot\n\n${licence}\n*/`;

async function bundle(entry, options) {
  const { outputFiles } = await build({
    entryPoints: [join(folder, "page", entry)],
    bundle: true,
    minify: true,
    charset: "utf8",
    target: ["chrome123", "firefox121", "safari17.5"],
    legalComments: "none",
    nodePaths: [join(root, "node_modules")],
    write: false,
    logLevel: "warning",
    ...options,
  });
  return outputFiles[0].text;
}

const hash = (text) => createHash("sha256").update(text).digest("hex").slice(0, 12);

function toAsset(stem, extension, contentType, text) {
  return { name: `${stem}.${hash(text)}.${extension}`, contentType, text, etag: `"${hash(text)}"` };
}

const script = toAsset(
  "dashboard",
  "js",
  "text/javascript; charset=utf-8",
  await bundle("main.ts", { format: "esm", banner: { js: banner } }),
);
const style = toAsset(
  "dashboard",
  "css",
  "text/css; charset=utf-8",
  (await transform(
    await bundle("style.css", { banner: { css: banner } }),
    { loader: "css", legalComments: "inline" },
  )).code,
);
const icon = toAsset(
  "icon",
  "svg",
  "image/svg+xml",
  (await readFile(join(folder, "page", "icon.svg"), "utf8")).replace(/>\s+</g, "><").trim(),
);

let html = await readFile(join(folder, "page", "index.html"), "utf8");
for (const [from, { name }] of [["main.ts", script], ["style.css", style], ["icon.svg", icon]]) {
  html = html.replaceAll(`"${from}"`, `"%FOLDER%assets/${name}"`);
}
html = html.replace(/<!--.*?-->/gs, "").replace(/\n\s+/g, "\n");
const page = { ...toAsset("", "", "text/html; charset=utf-8", html), name: "" };

const assets = [page, script, style, icon];
const bytes = assets.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
const source = `// Made from page/ by \`node .ci/dashboard.mjs\`.
import type { Asset } from "./asset.ts";

/** The dashboard: its page, script, style and icon. */
export const ASSETS: readonly Asset[] = ${JSON.stringify(assets, null, 2)};
`;

const target = join(folder, "assets.ts");
const sizes = assets.map(({ name, text }) => `${name || "page"} ${Buffer.byteLength(text)}`);
console.log(`dashboard: ${bytes} bytes, limit ${maxBytes} (${sizes.join(", ")})`);
if (bytes > maxBytes) process.exitCode = 1;
if (process.argv.includes("--check")) {
  if (await readFile(target, "utf8").catch(() => "") !== source) {
    console.error("src/http/dashboard/assets.ts is stale: run node .ci/dashboard.mjs");
    process.exitCode = 1;
  }
} else {
  await writeFile(target, source);
}
