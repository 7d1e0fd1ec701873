import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { peersFolder } from "./place.ts";
import { runtime } from "./runtime.ts";

const LIMIT_MS = 180_000;

type Command = readonly [command: string, ...args: string[]];

const NPM: Command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"];

/** Each runtime brings an installer; npm's is tried where that fails. */
const COMMANDS: Readonly<Record<typeof runtime.name, readonly Command[]>> = {
  node: [NPM],
  bun: [[process.execPath, "install", "--ignore-scripts", "--no-save"], NPM],
  deno: [[process.execPath, "install", "--node-modules-dir=auto", "--no-lock"], NPM],
};

/** Versions of the peers, by package: what `peers/package.json` pins. */
export async function pinnedPeers(): Promise<Readonly<Record<string, string>>> {
  const manifest = JSON.parse(await readFile(new URL("package.json", peersFolder), "utf8")) as {
    readonly dependencies: Record<string, string>;
  };
  return manifest.dependencies;
}

/** Installs the peers unless they are there. Gives why each that is still missing is. */
export async function installPeers(): Promise<ReadonlyMap<string, string>> {
  const pinned = await pinnedPeers();
  const problems: string[] = [];
  for (const command of COMMANDS[runtime.name]) {
    if ((await missingPeers(pinned)).length === 0) break;
    console.error(`Installing the peers: ${command.join(" ")}`);
    const problem = await run(command);
    if (problem !== undefined) problems.push(problem);
  }
  const reason = `not installed${problems.length === 0 ? "" : `: ${problems.join("; ")}`}`;
  return new Map((await missingPeers(pinned)).map((name) => [name, reason]));
}

async function missingPeers(pinned: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const missing: string[] = [];
  for (const [name, version] of Object.entries(pinned)) {
    const file = new URL(`node_modules/${name}/package.json`, peersFolder);
    const manifest = await readFile(file, "utf8").catch(() => "{}");
    if ((JSON.parse(manifest) as { version?: string }).version !== version) missing.push(name);
  }
  return missing;
}

/** Gives what went wrong. */
function run([command, ...args]: Command): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: peersFolder,
      stdio: ["ignore", "ignore", "pipe"],
      shell: process.platform === "win32",
      timeout: LIMIT_MS,
    });
    let stderr = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr += text);
    child.on("error", (error) => resolve(`${command}: ${error.message}`));
    child.on("close", (code) => {
      const lastLine = stderr.trimEnd().split("\n").at(-1) ?? "";
      resolve(code === 0 ? undefined : `${command} gave ${code}: ${lastLine}`);
    });
  });
}
