import { spawn } from "node:child_process";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { moduleUrl } from "./place.ts";
import { runtime } from "./runtime.ts";
import type { Measured, Test } from "./suite.ts";

/** Begins the line a child answers with; whatever else it prints is not read. */
export const ANSWER_MARK = "@@bench ";

/** What a child is asked for. */
export interface Request {
  readonly suite: string;
  readonly test: Test;
}

/** What a child measured, or why it could not. */
export type Answer = { readonly measured: Measured } | { readonly reason: string };

/** How a child is run. */
export interface ChildOptions {
  /** Whether it imports a peer. */
  readonly hasPeer: boolean;
  /** Time after which it is killed, in s. */
  readonly limitS: number;
  /** The program of a child in another checkout. Default: this one's. */
  readonly program?: URL;
}

/** Runs a request in a fresh process of this runtime. Never rejects. */
export function runChild(
  request: Request,
  { hasPeer, limitS, program = moduleUrl("child") }: ChildOptions,
): Promise<Answer> {
  return new Promise((resolve) => {
    const args = [
      ...runtimeArguments(hasPeer),
      fileURLToPath(program),
      JSON.stringify(request),
    ];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["pipe", "pipe", "pipe"], // its input tells the child that this process is alive
    });
    let stdout = "";
    let stderr = "";
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill("SIGKILL");
    }, limitS * 1e3);
    child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
    child.stderr.setEncoding("utf8").on(
      "data",
      (text: string) => stderr = (stderr + text).slice(-9_999),
    );
    child.on("error", (error) => resolve({ reason: error.message }));
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      const line = stdout.split("\n").find((text) => text.startsWith(ANSWER_MARK));
      if (line !== undefined) resolve(JSON.parse(line.slice(ANSWER_MARK.length)) as Answer);
      else if (isLate) resolve({ reason: `no answer within ${limitS} s` });
      else resolve({ reason: `exit ${code ?? signal}: ${lastError(stderr)}` });
    });
  });
}

/** A peer is looked up in its own `node_modules`: Deno does that only when told to. */
function runtimeArguments(hasPeer: boolean): readonly string[] {
  if (runtime.name === "bun") return ["--no-install"];
  if (runtime.name === "node") return ["--no-warnings"];
  return hasPeer ? ["run", "-A", "--no-lock", "--node-modules-dir=manual"] : ["run", "-A"];
}

/** The line that tells most. */
function lastError(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1) ?? "nothing was said";
}
