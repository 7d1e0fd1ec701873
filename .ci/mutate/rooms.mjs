// Which sources a room has, and which tests its mutants have to face.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../steps.mjs";

// In these lists "faults/" is a folder of tests/, and "abort_test.ts" a file in any folder there.

/** The tests of every room, beside those in its own folder. */
const always = ["contract/", "invariants_test.ts"];

/** What else tests a room. */
const beside = {
  ground: ["router/", "submit/", "job/", "faults/"],
  define: ["router/", "worker_hooks_test.ts", "job_modules_test.ts"],
  model: ["policy/", "router/", "lanes/"],
  policy: ["router/"],
  submit: ["define/", "router/", "reentrancy_test.ts"],
  transport: ["faults/", "worker_hooks_test.ts"],
  observe: ["router/"],
  job: ["lanes/", "router/", "faults/", "reentrancy_test.ts"],
  options: ["router/"],
  create: ["router/", "options/", "lifecycle/"],
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

/** Tests that read texts, or run the examples, rather than what is made of the sources. */
const unfit = [
  "structure/",
  "mutation/",
  "types_test.ts",
  "readme_test.ts",
  "manifests_test.ts",
  "examples_test.ts",
];

function filesBelow(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter((path) => path.endsWith(ending)).sort();
}

/** The paths of a room below `folder`: all in its own folder there, or for "ground" the flat ones. */
function ofRoom(room, folder, paths) {
  return paths.filter((path) =>
    room === "ground" ? path.split("/").length === 2 : path.startsWith(`${folder}/${room}/`)
  );
}

/** The source files of a room, as paths from the root. */
export function sourcesOf(room) {
  return ofRoom(room, "src", filesBelow("src", ".ts"));
}

/** The test files of a room, as paths from the root. */
export function testsOf(room) {
  const paths = filesBelow("tests", "_test.ts");
  const select = (entry) =>
    paths.filter((path) =>
      entry.endsWith("/") ? path.startsWith(`tests/${entry}`) : path.endsWith(`/${entry}`)
    );
  const [name] = room.split("/");
  const chosen = new Set(ofRoom(name, "tests", paths));
  for (const entry of [...always, ...beside[name] ?? []]) {
    const found = select(entry);
    if (found.length === 0) {
      throw new Error(`There is no "${entry}" in tests/, as named in .ci/mutate/rooms.mjs`);
    }
    for (const path of found) chosen.add(path);
  }
  for (const path of unfit.flatMap(select)) chosen.delete(path);
  return [...chosen];
}
