// Runs the packed package on edge hosts, which have the web's interfaces and no workers: each request has a router of
// its own. The hosts come from npm: `node .ci/edge.mjs [edge-runtime] [workerd]`.
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { makeProject, runChecks } from "./project.mjs";
import { createTally } from "./steps.mjs";

const FILES = {
  "jobs.js": `import { defineJobs } from "helixrouter/jobs";

export const own = defineJobs({
  double: { run: (n) => n * 2 },
  late: { run: (n) => new Promise((resolve) => setTimeout(resolve, 5, n + 1)) },
  many: { runBatch: (inputs) => inputs.map((n) => n + 2), scaling: 1, run: (n) => n + 2 },
});
export const url = typeof import.meta.url;
export const forWorkers = defineJobs(import.meta.url, {
  heavy: { cost: 1e6, run: (n) => n + 3 },
});
`,
  "answer.js": `import { createRouter, runtimeInfo } from "helixrouter";
import { forWorkers, own, url } from "./jobs.js";

export async function answer() {
  const router = await createRouter({ jobs: [own, forWorkers] });
  const { reason, why } = router.explain("heavy", 40);
  const kinds = ["double", "late", "many", "heavy"];
  const outcomes = await Promise.all(kinds.map((kind) => router.submit(kind, 40)));
  const outputs = outcomes.map(({ output, reason }) => output ?? reason);
  const heavy = outcomes[3].strategy;
  await router.close();
  return Response.json({ name: runtimeInfo().name, url, reason, why, outputs, heavy });
}
`,
  "module.js": `import { answer } from "./answer.js";

export default { fetch: answer };
`,
  "script.js": `import { answer } from "./answer.js";

addEventListener("fetch", (event) => event.respondWith(answer()));
`,
};
const REQUESTS = 20;
const WORDS = "cpu_pool: no, as there are no workers where this runs.";

const tally = createTally("edge");

/** Bundles an entry of the project as such hosts want it. */
async function bundle(cwd, entry, format) {
  const { build } = await import("esbuild");
  const { outputFiles } = await build({
    absWorkingDir: cwd,
    entryPoints: [entry],
    bundle: true,
    write: false,
    format,
    conditions: ["workerd", "worker", "browser"],
    logLevel: "error",
  });
  return outputFiles[0].text;
}

/** What is wrong with the answers to requests that come together. */
async function objectionTo(fetchIn) {
  const responses = await Promise.all(Array.from({ length: REQUESTS }, fetchIn));
  for (const response of responses) {
    const text = await response.text();
    if (response.status !== 200) return text;
    const { name, url, reason, why, outputs, heavy } = JSON.parse(text);
    const isRight = name === "other" && url === "undefined" && reason === "no_workers" &&
      why.includes(WORDS) && `${outputs}` === "80,41,42,43" && heavy === "spawn";
    if (!isRight) return text;
  }
  return undefined;
}

const TITLE = "a router for each request runs all jobs on the one thread, and says why";

const checks = {
  async "edge-runtime"() {
    const cwd = await makeProject(tally, FILES, ["@edge-runtime/vm@5.0.0"]);
    if (cwd === undefined) return;
    const { EdgeVM } = createRequire(join(cwd, "package.json"))("@edge-runtime/vm");
    const initialCode = await bundle(cwd, "script.js", "iife");
    await tally.check(`@edge-runtime/vm: ${TITLE}`, () => {
      const vm = new EdgeVM({ initialCode });
      return objectionTo(() => vm.dispatchFetch("https://edge.test/"));
    });
  },
  async workerd() {
    const cwd = await makeProject(tally, FILES, ["miniflare@4.20260426.0"]);
    if (cwd === undefined) return;
    const { Miniflare } = createRequire(join(cwd, "package.json"))("miniflare");
    const contents = await bundle(cwd, "module.js", "esm");
    for (const flags of [[], ["nodejs_compat"]]) {
      const host = new Miniflare({
        modules: [{ type: "ESModule", path: "module.js", contents }],
        compatibilityDate: "2026-04-01",
        compatibilityFlags: flags,
        cf: false, // or it would ask the network
      });
      await tally.check(
        ["workerd", ...flags].join(", ") + `: ${TITLE}`,
        () => objectionTo(() => host.dispatchFetch("https://edge.test/")),
      );
      await host.dispose();
    }
  },
};

await runChecks(tally, checks, process.argv.slice(2));
