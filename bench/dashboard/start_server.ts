import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { moduleUrl, sourceFolder } from "../place.ts";
import type { ServerUrls } from "./server.ts";

/** Runtimes that the server can be started on; Deno and Bun run the sources. */
export const SERVER_RUNTIMES = ["node", "deno", "bun"] as const;

/** One of them. */
export type ServerRuntime = (typeof SERVER_RUNTIMES)[number];

/** Whether a text names one. */
export function isServerRuntime(name: string): name is ServerRuntime {
  return SERVER_RUNTIMES.some((known) => known === name);
}

/** The server under test. */
export interface DashboardServer extends AsyncDisposable {
  readonly urls: ServerUrls;
}

/** Starts it in a process of its own. */
export async function startServer(runtime: ServerRuntime): Promise<DashboardServer> {
  const source = fileURLToPath(new URL("dashboard/server.ts", sourceFolder));
  const [command, ...args] = {
    node: [process.execPath, fileURLToPath(moduleUrl("dashboard/server"))],
    deno: ["deno", "run", "-A", source],
    bun: ["bun", source],
  }[runtime];
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "inherit"] });
  const ended = once(child, "close");
  const urls = await new Promise<ServerUrls>((resolve, reject) => {
    let text = "";
    child.on("error", reject);
    child.on("close", (code) => reject(new Error(`The server has ended with ${code}`)));
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      text += part;
      if (text.endsWith("\n")) resolve(JSON.parse(text));
    });
  });
  return {
    urls,
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
