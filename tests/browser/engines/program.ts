import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import type { Readable } from "node:stream";

/** A program that serves others until it is ended. */
export interface Program extends AsyncDisposable {
  /** What it has printed that was waited for. */
  readonly found: string;
}

/** How a program is started. */
export interface ProgramOptions {
  /** What it prints once it serves: on stderr, or on descriptor 3, which some are told to use. */
  readonly wanted?: RegExp;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts a program, and waits until it has printed what is wanted. */
export async function startProgram(
  command: string,
  args: readonly string[],
  { wanted = /^()/, env = {} }: ProgramOptions,
): Promise<Program> {
  const child = spawn(command, args, {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const ended = once(child, "close");
  const found = await Promise.race([
    printed(child, wanted),
    ended.then(() => Promise.reject(new Error(`${command} has ended`))),
  ]);
  return {
    found,
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}

function printed(child: ChildProcess, wanted: RegExp): Promise<string> {
  let text = "";
  return new Promise((resolve) => {
    const look = (chunk: unknown): void => {
      text += chunk;
      const match = wanted.exec(text);
      if (match !== null) resolve(match[1]);
    };
    // It goes on: what nobody reads would hold up the program.
    for (const stream of [child.stderr!, child.stdio[3] as Readable]) stream.on("data", look);
    look("");
  });
}
