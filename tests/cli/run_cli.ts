import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runtimeInfo } from "../../mod.ts";

/** What a program printed, and how it ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Running {
  /** Sends it a signal. */
  kill(signal: "SIGINT" | "SIGTERM"): void;
  /** What it has printed so far. */
  readonly printed: { stdout: string; stderr: string };
  readonly ended: Promise<Ended>;
  /** Resolves once standard output shows `text`. */
  shows(text: string): Promise<void>;
}

/** Extension of this file: programs are TypeScript on Deno and Bun, built for Node. */
const EXTENSION = import.meta.url.slice(-2);

/** How this runtime starts a program of the repository. */
function commandOf(program: string): string[] {
  const path = fileURLToPath(new URL(`../../${program}.${EXTENSION}`, import.meta.url));
  const deno = ["run", "--allow-read", "--allow-write", "--allow-env", "--allow-net=127.0.0.1"];
  return runtimeInfo().name === "deno" ? [...deno, path] : [path];
}

/** Options of a run. */
export interface RunOptions {
  /** The program, from the root, without its extension. */
  readonly program?: string;
  /** Variables put into the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts the command line on the runtime of this test. */
export function startCli(args: readonly string[], options: RunOptions = {}): Running {
  const { program = "bin/helixrouter", env = {} } = options;
  const own = { ...process.env };
  for (const name of ["NO_COLOR", "FORCE_COLOR", "HELIX_LOG"]) delete own[name];
  const child = spawn(process.execPath, [...commandOf(program), ...args], {
    env: { ...own, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed = { stdout: "", stderr: "" };
  const news = new EventTarget();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      printed[name] += text;
      news.dispatchEvent(new Event("news"));
    });
  }
  const ended = once(child, "close").then(([code]): Ended => ({ code, ...printed }));
  const shows = async (text: string): Promise<void> => {
    while (!printed.stdout.includes(text)) {
      await Promise.race([
        once(news, "news"),
        ended.then(({ stderr }) => Promise.reject(new Error(`ended without "${text}": ${stderr}`))),
      ]);
    }
  };
  // Deno's child.kill() hides the exit code a program chooses.
  const kill = (signal: "SIGINT" | "SIGTERM") => void process.kill(child.pid!, signal);
  return { kill, printed, ended, shows };
}

/** Runs the command line to its end. */
export function runCli(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return startCli(args, options).ended;
}

/**
 * Runs command lines one after the other in one process, which is what each costs most: how they end and what they
 * print is seen, but not that the process ends so.
 */
export async function runLines(lines: readonly (readonly string[])[]): Promise<Ended[]> {
  const program = "tests/fixtures/programs/command_lines";
  const { code, stdout, stderr } = await runCli([JSON.stringify(lines)], { program });
  const [outputs, messages] = [stdout.split("\0"), stderr.split("\0")];
  if (code !== 0 || outputs.length !== lines.length + 1) throw new Error(`Ended early: ${stderr}`);
  return lines.map((_, i) => {
    // What a command prints stands before its code.
    const [, printed, code] = /^(.*?)(\d*)$/s.exec(outputs[i])!;
    return { code: Number(code), stdout: printed, stderr: messages[i] };
  });
}

/** Calls `use` with a folder that is there for so long. */
export async function withFolder(use: (pathOf: (name: string) => string) => Promise<void>) {
  const folder = mkdtempSync(join(tmpdir(), "helixrouter-"));
  try {
    await use((name) => join(folder, name));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
