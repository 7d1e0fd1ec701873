// What the checks under other people's runners, and on other versions of the runtimes, run.
import process from "node:process";

/** Node itself comes in a package for each platform. */
export const NODE = `node-${
  process.platform === "win32" ? "win" : process.platform
}-${process.arch}`;
export const JAVASCRIPT = `import { defineJobs } from "helixrouter/jobs";

const run = (n) => ({ sum: n + 1, here: "isMain" in globalThis });
export default defineJobs(import.meta.url, { heavy: { cost: 1e6, run } });
`;

/** Runs a job in a worker, and throws if it was not. */
export const RUN = `globalThis.isMain = true;
async function runHeavy(between = () => {}) {
  const router = await createRouter({ jobs, policy: thresholdPolicy() });
  between();
  for (let i = 0; i < 3; i++) {
    const { output } = await router.submit("heavy", 41);
    if (output.sum !== 42 || output.here) throw new Error(JSON.stringify(output));
  }
  await router.close();
}
`;

export const program = (jobs, body = "await runHeavy();") =>
  `import { createRouter, thresholdPolicy } from "helixrouter";
import jobs from "${jobs}";

${RUN}
${body}
console.log("ran");
`;
