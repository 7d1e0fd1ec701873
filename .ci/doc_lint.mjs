// `deno doc --lint` on the entry points, less the complaint that a type of another package is private, or a part of
// `Cloned`, which is of no use by itself.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { root, run } from "./steps.mjs";

const otelTypes = ["ContextAPI", "TraceAPI", "MetricsAPI", "PropagationAPI"];
const foreignTypes = ["Hono", "Context", "MiddlewareHandler", ...otelTypes];
const partsOfCloned = [
  "Primitive",
  "Whole",
  "Lost",
  "IsError",
  "Changes",
  "Deepest",
  "ClonedObject",
];
const known = [...foreignTypes, ...partsOfCloned];

const { exports } = JSON.parse(await readFile(join(root, "deno.json"), "utf8"));
const { code, output } = await run("deno", ["doc", "--lint", ...Object.values(exports)], {
  quiet: true,
});
const problems = output.split(/^(?=error\[)/m).filter((part) => part.startsWith("error["));
const ours = problems.filter((problem) => {
  const place = problem.match(/--> (\S+?):\d+:\d+/)?.[1] ?? "";
  const isOurs = place === "" || place.startsWith(root) && !place.includes("node_modules");
  return isOurs && !known.some((name) => problem.includes(`private type '${name}'`));
});
if (ours.length > 0 || (code !== 0 && problems.length === 0)) {
  console.error(ours.length > 0 ? ours.join("") : output);
  process.exitCode = 1;
}
console.log(
  `documentation: ${ours.length} problems in ${Object.keys(exports).length} entry points`,
);
