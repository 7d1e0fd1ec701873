// Builds the page of docs/bundles.md with the packed package, by each bundler, and opens it in Chromium: its job runs on
// a worker, and without the line of that one fails with that line. The bundlers come from npm:
// `node .ci/pages.mjs [esbuild] [vite] [webpack]`.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { makeProject, runChecks } from "./project.mjs";
import { createTally, root, run, start } from "./steps.mjs";

/** The same without the line. */
const BARE = `import { createRouter } from "helixrouter";
import jobs from "./jobs.ts";

const router = await createRouter({ jobs });
const job = router.run("count_primes", { limit: 1_000 });
document.body.append(await job.then((count) => \`\${count} primes\`, (error) => \`\${error}\`));
`;

const html = (script) =>
  `<!doctype html>
<meta charset="utf-8">
<title>Primes</title>
<body><script type="module" src="./${script}"></script></body>
`;

const VITE = `export default {
  base: "./",
  build: { rollupOptions: { input: ["page.html", "bare.html"] } },
};
`;

const WEBPACK = `import webpack from "webpack";

const config = {
  mode: "production",
  entry: { page: "./page.js", bare: "./bare.js" },
  output: { path: process.argv[2] },
};
webpack(config, (error, stats) => {
  const hasFailed = error !== null || stats.hasErrors();
  if (hasFailed) console.error(error ?? stats.toString());
  process.exitCode = hasFailed ? 1 : 0;
});
`;

const DONE = "168 primes";
const LINE = 'worker: () => new Worker(new URL("./jobs.worker.js", import.meta.url))';
const OPTION = '{ type: "module" }';

const tally = createTally("pages");
const source = (name) => readFile(join(root, "examples", "readme", name), "utf8");
let browser;

/** The files of a page, as docs/bundles.md has them. */
async function filesOf() {
  const names = ["jobs.ts", "jobs.worker.ts", "page.ts"];
  const texts = await Promise.all(names.map(source));
  const sources = Object.fromEntries(names.map((name, i) => [name, texts[i]]));
  return { ...sources, "bare.ts": BARE };
}

/** The same files in JavaScript, for tools that read no TypeScript. */
async function scriptsOf() {
  const { transform } = await import("esbuild");
  const scripts = Object.entries(await filesOf()).map(async ([name, text]) => {
    const { code } = await transform(text, { loader: "ts", target: "es2022" });
    return [name.replace(/\.ts$/, ".js"), code.replaceAll('.ts"', '.js"')];
  });
  return Object.fromEntries(await Promise.all(scripts));
}

/** Opens a page, and gives its text once there is some, and how many workers it has. */
async function readPage(url) {
  const context = await browser.newContext();
  const page = await context.newPage();
  const complaints = [];
  page.on("pageerror", (error) => complaints.push(`${error}`));
  try {
    await page.goto(url);
    await page.locator("body", { hasText: /primes|Error/ }).waitFor({ timeout: 60_000 });
    const text = await page.locator("body").innerText();
    return { text: text.trim(), workers: page.workers().length };
  } catch (error) {
    throw new Error(`${error.message} ${complaints.join("; ")}`);
  } finally {
    await context.close();
  }
}

async function objectionToPage(url) {
  const { text, workers } = await readPage(url);
  return text === DONE && workers > 0 ? undefined : `${workers} workers, "${text}"`;
}

async function objectionToBare(url) {
  const { text } = await readPage(url);
  const isTold = text.startsWith("JobModuleError: ") &&
    [LINE, OPTION].every((one) => text.includes(one));
  return isTold ? undefined : `"${text}"`;
}

/** Checks what a bundler has made: a folder with both pages. */
async function checkBuilt(name, folder, pages = {}) {
  const { serveFiles } = await import("../dist/tests/browser/static_server.js");
  const read = (path) => pages[path] ?? readFile(join(folder, path)).catch(() => undefined);
  const server = await serveFiles(read);
  for (const headers of ["plain", "isolated"]) {
    await tally.check(
      `${name}, ${headers}: the job of the page runs on a worker`,
      () => objectionToPage(server.urlOf(headers, "page.html")),
    );
  }
  await tally.check(
    `${name}: without the line, the error has it`,
    () => objectionToBare(server.urlOf("plain", "bare.html")),
  );
  await server[Symbol.asyncDispose]();
}

const PAGES = { "page.html": html("page.js"), "bare.html": html("bare.js") };

const checks = {
  async esbuild() {
    const cwd = await makeProject(tally, await filesOf(), ["esbuild@0.28.2"]);
    if (cwd === undefined) return;
    const entries = ["esbuild", "page.ts", "bare.ts", "jobs.worker.ts", "--bundle"];
    for (const [way, flags] of Object.entries({ "as it is": [], "minified": ["--minify"] })) {
      const out = join(cwd, way.replaceAll(" ", "-"));
      const args = [...entries, "--format=esm", `--outdir=${out}`, ...flags];
      if (!await tally.command(`esbuild, ${way}, builds`, "npx", args, { cwd })) continue;
      await checkBuilt(`esbuild, ${way}`, out, PAGES);
    }
  },
  async vite() {
    const pages = { "page.html": html("page.ts"), "bare.html": html("bare.ts") };
    const files = { ...await filesOf(), ...pages, "vite.config.js": VITE };
    const cwd = await makeProject(tally, files, ["vite@8.4.0"]);
    if (cwd === undefined) return;
    await checkDevServer(cwd);
    if (!await tally.command("vite build", "npx", ["vite", "build"], { cwd })) return;
    await checkBuilt("vite build", join(cwd, "dist"));
  },
  async webpack() {
    const files = { ...await scriptsOf(), "build.js": WEBPACK };
    const cwd = await makeProject(tally, files, ["webpack@5.113.0"]);
    if (cwd === undefined) return;
    const out = join(cwd, "out");
    if (!await tally.command("webpack builds", "node", ["build.js", out], { cwd })) return;
    await checkBuilt("webpack", out, PAGES);
  },
};

/** In Vite's dev server the page runs with the line and without it. */
async function checkDevServer(cwd) {
  const program = join(cwd, "node_modules", "vite", "bin", "vite.js");
  const args = [program, "--host", "127.0.0.1", "--port", "0"];
  const server = start(process.execPath, args, { cwd });
  const ended = new Promise((resolve) => server.once("close", resolve));
  try {
    const url = await new Promise((resolve, reject) => {
      let output = "";
      const hear = (text) => {
        output += text;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output);
        if (found !== null) resolve(found[0]);
      };
      server.stdout.setEncoding("utf8").on("data", hear);
      server.stderr.setEncoding("utf8").on("data", hear);
      ended.then(() => reject(new Error(`vite has ended: ${output}`)));
    });
    for (const page of ["page", "bare"]) {
      await tally.check(
        `vite, in its dev server: the job of ${page}.html runs on a worker`,
        () => objectionToPage(`${url}/${page}.html`),
      );
    }
  } finally {
    server.kill();
    await ended;
  }
}

const { code } = await run("node", [".ci/build.mjs", "--if-changed"]);
if (code !== 0) process.exit(code);
const { chromiumPath, startBrowser } = await import("../dist/tests/fixtures/chromium.js");
if (chromiumPath === undefined || !existsSync(chromiumPath)) {
  tally.skip("pages", "there is no Chromium: CHROMIUM names one");
  tally.end();
} else {
  browser = await startBrowser();
  await runChecks(tally, checks, process.argv.slice(2)).finally(() => browser.close());
}
