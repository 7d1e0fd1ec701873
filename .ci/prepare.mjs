// Runs after `npm ci`, and last before `npm pack` and `npm publish` put a tarball together.
import { join } from "node:path";
import process from "node:process";
import { bundle } from "./bundle.mjs";
import { root, run } from "./steps.mjs";

const { code } = await run("node", [".ci/build.mjs"]);
if (code !== 0) process.exit(code);
const isPacked = ["pack", "publish"].includes(process.env.npm_command);
if (isPacked) await bundle(join(root, "dist"));
