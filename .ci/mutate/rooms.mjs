// Which sources a room has, and which tests its mutants have to face.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../steps.mjs";

// In these lists "faults/" is a folder of tests/, and "abort_test.ts" a file in any folder there.

/** The tests of every room, beside the folder of tests/ that has the room's name. */
const always = ["contract/", "invariants_test.ts"];

/** What else tests a room. */
const beside = {
  ground: ["router/", "submit/", "job/", "faults/", "indexed_heap_test.ts", "reentrancy_test.ts"],
  define: ["router/", "worker_hooks_test.ts", "job_modules_test.ts"],
  model: ["policy/", "router/", "lanes/"],
  policy: ["router/"],
  submit: ["define/", "router/", "reentrancy_test.ts"],
  transport: ["faults/", "worker_hooks_test.ts"],
  observe: ["router/"],
  job: ["lanes/", "router/", "faults/", "reentrancy_test.ts"],
  options: ["router/"],
  lanes: [
    "job/",
    "router/",
    "faults/",
    "configure_test.ts",
    "idle_workers_test.ts",
    "reentrancy_test.ts",
  ],
  decision: ["policy/", "router/", "lanes/", "telemetry_test.ts", "reentrancy_test.ts"],
  runtime: ["lifecycle/", "faults/", "transport/"],
  http: ["dashboard/"],
};

/** Tests that read the sources rather than run what is made of them. */
const ofSources = ["structure/", "mutation/", "types_test.ts"];

function filesBelow(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(ending)).sort();
}

/** The source files of a room, as paths from the root; those of "ground" lie flat in src/. */
export function sourcesOf(room) {
  const files = filesBelow("src", ".ts");
  const isIn = room === "ground"
    ? (path) => path.split("/").length === 2
    : (path) => path.startsWith(`src/${room}/`);
  return files.filter(isIn);
}

/** The test files of a room, as paths from the root. */
export function testsOf(room) {
  const files = filesBelow("tests", "_test.ts");
  const select = (entry) => {
    const isIt = entry.endsWith("/")
      ? (path) => path.startsWith(`tests/${entry}`)
      : (path) => path.endsWith(`/${entry}`);
    return files.filter(isIt);
  };
  const [name] = room.split("/");
  const chosen = new Set(select(`${name}/`));
  for (const entry of [...always, ...beside[name] ?? []]) {
    const found = select(entry);
    if (found.length === 0) {
      throw new Error(`There is no "${entry}" in tests/, as named in .ci/mutate/rooms.mjs`);
    }
    for (const path of found) chosen.add(path);
  }
  for (const path of ofSources.flatMap(select)) chosen.delete(path);
  return [...chosen];
}
