// From nothing to the first result of a worker, by the packed package and by tinypool, in fresh processes that
// take turns: `node .ci/startup.mjs [PAIRS]` prints the medians in ms, and the median of the ratios of pairs.
// It wants a quiet machine. Not on Deno, where tinypool hangs now and then.
import { join } from "node:path";
import process from "node:process";
import { installTools } from "./install_tools.mjs";
import { makeProject, removeFolders } from "./project.mjs";
import { NODE } from "./runner_jobs.mjs";
import { createTally, run } from "./steps.mjs";

const PAIRS = Number(process.argv[2] ?? 9);
const END = "console.log(performance.now() - startMs);\nprocess.exit();\n";

const FILES = {
  "jobs.js": `import { defineJobs } from "helixrouter/jobs";
export default defineJobs(import.meta.url, { add: { run: (n) => n + 1 } });
`,
  "work.js": "export default (n) => n + 1;\n",
  "ours.js": `const startMs = performance.now();
const [{ createRouter }, { default: jobs }] = await Promise.all([import("helixrouter"), import("./jobs.js")]);
const router = await createRouter({ jobs });
const { strategy } = await router.submit("add", 1);
if (strategy !== "cpu_pool") throw new Error(strategy);
${END}`,
  "tinypool.js": `const startMs = performance.now();
const { default: Tinypool } = await import("tinypool");
const { fileURLToPath } = await import("node:url");
const filename = fileURLToPath(new URL("./work.js", import.meta.url));
await new Tinypool({ filename, maxThreads: 2 }).run(1);
${END}`,
};

async function measure(command, program, cwd) {
  const { code, stdout, output } = await run(command, [program], { cwd, quiet: true });
  if (code !== 0) throw new Error(output);
  return Number(stdout);
}

const medianOf = (values) => values.sort((a, b) => a - b)[values.length >> 1];

const tally = createTally("startup");
await installTools();
const cwd = await makeProject(tally, FILES, ["tinypool@2.2.0", `${NODE}@24.11.1`]);
const node24 = join(cwd, "node_modules", NODE, "bin", "node");
for (const [title, command] of [["Node", "node"], ["Node 24", node24], ["Bun", "bun"]]) {
  const ours = [], theirs = [];
  for (let i = -1; i < PAIRS; i++) {
    const sides = [[ours, "ours.js"], [theirs, "tinypool.js"]];
    for (const [times, program] of i % 2 === 0 ? sides : sides.reverse()) {
      const ms = await measure(command, program, cwd);
      if (i >= 0) times.push(ms); // the first pair warms the disk's cache
    }
  }
  const ratio = medianOf(ours.map((ms, i) => ms / theirs[i]));
  const [own, other] = [ours, theirs].map((times) => medianOf(times).toFixed(0));
  console.log(`${title}: helixrouter ${own} ms, tinypool ${other} ms, ratio ${ratio.toFixed(2)}`);
}
await removeFolders();
